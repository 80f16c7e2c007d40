"""Every offline lesson lands in its bands. All of them are trained together, once, on the cores that there are."""

import asyncio
import os

import pytest

from app.diagnosis.balance import balance
from app.diagnosis.case import Case
from app.diagnosis.diagnose import diagnose
from app.followed import Followed
from app.lessons.grading import grade
from app.lessons.training import jobs_of, train
from tests.lessons.test_shelf import NAMES, SHELF

pytestmark = pytest.mark.timeout(900)  # the first test trains all lessons


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    jobs = [job for lesson in SHELF.lessons() for job in jobs_of(lesson, "offline")]
    cores = len(os.sched_getaffinity(0))
    found = asyncio.run(train(jobs, tmp_path_factory.mktemp("lessons"), cores))
    return {one.lesson.name: one for one in found}


@pytest.mark.parametrize("name", NAMES)
def test_it_lands_where_its_reference_did(name, trained, t):
    found = trained[name]
    told = grade(found.lesson, "offline", found.folders, t, found.answers)
    missed = [f"{row.measure}: {row.sentence} ({row.measured}, band {row.band})" for row in told.rows if not row.landed]
    assert told.landed, missed


@pytest.mark.parametrize(
    ("variant", "level", "quadrant"),
    [
        ("small_many", 0.866, "bias"),
        ("large_few", 0.866, "variance"),
        ("large_many", 0.866, "fine"),
        ("large_many", None, "bias"),  # without a level nothing but no error at all is good
    ],
)
def test_the_diagnosis_says_what_the_lesson_of_bias_and_variance_says(variant, level, quadrant, trained):
    for folder in trained["bias_variance"].folders[variant]:
        followed = Followed(folder)
        followed.catch_up()
        assert balance(Case(followed.state, followed.series, level))["quadrant"] == quadrant


def test_the_diagnosis_sees_the_shift_that_validation_does_not(trained):
    for variant, seen in (("none", False), ("two", True)):
        for folder in trained["shift"].folders[variant]:
            followed = Followed(folder)
            followed.catch_up()
            found = diagnose(Case(followed.state, followed.series))["findings"]
            assert ("data_mismatch" in [one["name"] for one in found]) is seen
