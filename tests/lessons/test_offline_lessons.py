"""Every offline lesson lands in its bands. All of them are trained together, once, on the cores that there are."""

import asyncio
import os

import pytest

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
