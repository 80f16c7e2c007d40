"""What torch has to say of runs before they are graded: paths, ensembles, sharpness, what settings explain."""

import asyncio
import json
import math

import pytest

from app.errors import BadLesson
from app.lessons.asking import key_of, requests_of
from app.lessons.grading import grade
from app.lessons.measuring import measure
from app.lessons.numbers import rank_correlation, ranks
from app.lessons.outline import address_of
from app.lessons.readings import Reading, Unmeasured
from app.lessons.training import jobs_of, train
from tests.lessons.conftest import lesson_of
from tests.lessons.test_grading import run

PATHS = {"surface": "bowl", "start": [-7, 2], "steps": 29}
WALKERS = {"one": {"optimizer": "sgd", "optimizer.lr": 0.95}, "two": {"optimizer": "adagrad", "optimizer.lr": 1.5}}
WALK = {"take": "path", "fact": "x"}
LAST = {"take": "last", "series": "validation.loss"}


def of_paths(measures, bands, **changes):
    offline = {"about": "A bowl.", "paths": PATHS, "variants": WALKERS}
    return lesson_of(measures, bands, offline=offline, charts=[], **changes)


def taught(lesson, folder):
    """Train a lesson's offline runs, and ask what there is to be asked."""
    (found,) = asyncio.run(train(jobs_of(lesson, "offline"), folder, 2))
    return found


def test_paths_are_graded_without_a_run(tmp_path, t):
    measures = {
        "x": {"take": "path", "fact": "x", "of": "one"},
        "begin": {"take": "path", "fact": "y", "of": "one", "step": 0},
        "flips": {"take": "path", "fact": "flips_y", "of": "one"},
        "order": {"take": "order", "of": ["one", "two"], "by": {"take": "path", "fact": "height"}},
    }
    bands = {
        "x": {"reference": -0.3872, "low": -0.3873, "high": -0.3871},
        "begin": {"reference": 2, "low": 2, "high": 2},
        "flips": {"reference": 29, "low": 29, "high": 29},
        "order": {"order": ["two", "one"]},
    }
    lesson = of_paths(measures, bands)
    found = taught(lesson, tmp_path)
    assert found.folders == {}
    told = grade(lesson, "offline", found.folders, t, found.answers)
    assert [(row.measured, row.landed) for row in told.rows] == [
        ("-0.38717", True), ("2", True), ("29", True), ("Two < One", True),
    ]  # fmt: skip
    assert told.seeds == 1
    missed = grade(of_paths(measures, bands | {"flips": {"reference": 0, "high": 0}}), "offline", {}, t, found.answers)
    assert [row.landed for row in missed.rows] == [True, True, False, True]
    assert "no run of the variant" in grade(lesson, "offline", {}, t).rows[0].sentence


def test_what_is_changed_of_a_path_opens_the_page_of_paths():
    change = {"text": "Slower.", "variant": "one", "set": {"optimizer.lr": 0.5, "paths.steps": 60}}
    lesson = of_paths(
        {"x": {"take": "path", "fact": "x", "of": "one"}}, {"x": {"reference": 0, "low": 0}}, change=[change]
    )
    assert address_of(lesson, 0) == "/paths?surface=bowl&x=-7&y=2&steps=60&o=sgd+lr+0.5&o=adagrad+lr+1.5"


@pytest.mark.parametrize(
    ("variants", "measure", "words"),
    [
        ({"one": {"optimizer": "sgd", "training.epochs": 3}}, WALK, "'training.epochs' is of no use"),
        ({"one": {"optimizer.lr": 3}}, WALK, "say which optimizer descends"),
        ({"one": {"optimizer": "sgd"}}, LAST, "paths are measured by take: path"),
    ],
)  # fmt: skip
def test_what_is_no_path_is_told(variants, measure, words):
    offline = {"about": "A bowl.", "paths": PATHS, "variants": variants}
    with pytest.raises(BadLesson, match=words):
        lesson_of({"it": {"of": "one", **measure}}, {"it": {"reference": 0, "low": 0}}, offline=offline, charts=[])


def test_runs_are_not_measured_as_paths_and_need_a_chart():
    band = {"it": {"reference": 0, "low": 0}}
    with pytest.raises(BadLesson, match="and runs are not"):
        lesson_of({"it": {"take": "path", "fact": "x", "of": "one"}}, band)
    with pytest.raises(BadLesson, match="one to four series"):
        lesson_of({"it": {**LAST, "of": "one"}}, band, charts=[])


def test_networks_together_their_sharpness_and_the_line_between_them_are_asked_for(tmp_path, t):
    """A bootstrap sample for each seed; what the child says is what the terminal and the server grade by."""
    measures = {
        "alone": {"take": "last", "series": "validation.accuracy", "of": "one"},
        "together": {"take": "ensemble", "of": "one"},
        "first": {"take": "ensemble", "of": "one", "members": 1},
        "gain": {"take": "difference", "of": ["together", "alone"]},
        "drawn": {"take": "ensemble", "fact": "drawn", "of": "one"},
        "all": {"take": "ensemble", "fact": "drawn", "of": "two"},
        "loss": {"take": "sharpness", "fact": "loss", "of": "two", "samples": 5000},
        "box": {"take": "sharpness", "fact": "box", "of": "two"},
        "hessian": {"take": "sharpness", "fact": "hessian", "of": "two"},
        "barrier": {"take": "barrier", "of": ["one", "two"]},
        "end": {"take": "last", "series": "train.loss", "of": "two"},
    }
    offline = {
        "about": "Circle.",
        "seeds": 3,
        "spec": {"dataset": "circle", "model.hidden": [8], "training.epochs": 5, "optimizer.lr": 0.3},
        "variants": {"one": {"dataset.bootstrap": "{seed}"}, "two": {}},
    }
    lesson = lesson_of(measures, {name: {"reference": 0, "low": -9, "high": 9e9} for name in measures}, offline=offline)
    found = taught(lesson, tmp_path)
    specs = [json.loads((folder / "spec.json").read_text()) for folder in found.folders["one"]]
    assert [spec["dataset"]["params"]["bootstrap"] for spec in specs] == [1, 2, 3]
    assert grade(lesson, "offline", found.folders, t, found.answers).landed
    runs = {variant: [Reading(one, found.answers) for one in folders] for variant, folders in found.folders.items()}
    value = {name: measure(lesson, one, runs) for name, one in lesson.measures.items()}
    assert value["first"].value == pytest.approx(value["alone"].each[0])
    assert value["gain"].each == pytest.approx([value["together"].value - one for one in value["alone"].each])
    assert 0.5 < value["drawn"].value < 0.75
    assert value["all"].value == 1
    assert value["loss"].each == pytest.approx(value["end"].each, rel=1e-4)
    assert min(value["box"].each) > 0
    assert min(value["hessian"].each) > 0
    assert len(value["barrier"].each) == 3
    untold = {variant: [Reading(one) for one in folders] for variant, folders in found.folders.items()}
    with pytest.raises(Unmeasured, match="nobody asked"):
        measure(lesson, lesson.measures["box"], untold)


def test_each_thing_is_asked_once_and_nothing_that_no_band_needs(tmp_path):
    measures = {
        "a": {"take": "ensemble", "of": "one"},
        "b": {"take": "ensemble", "of": "one", "members": 2},
        "c": {"take": "difference", "of": ["a", "b"]},
        "d": {"take": "sharpness", "fact": "box", "of": "two"},
    }
    lesson = lesson_of(measures, {"c": {"reference": 0, "low": 0}})
    (request,) = requests_of(lesson, "offline", {"one": [tmp_path], "two": [tmp_path]})
    assert json.loads(key_of(request)) == {"do": "ensemble", "runs": [str(tmp_path)]}


def swept(tmp_path, values, losses):
    """Return finished runs with these learning rates that came to these losses, a variant each."""
    runs = {}
    for name, lr, loss in zip(("one", "two", "three"), values, losses, strict=True):
        folder = run(tmp_path / name, [loss])
        (folder / "spec.json").write_text(json.dumps({"optimizer": {"name": "sgd", "params": {"lr": lr}}}))
        runs[name] = [folder]
    return runs


def test_what_a_hyperparameter_explains(tmp_path, t):
    of = {"of": ["one", "two", "three"], "by": LAST}
    influence = {"take": "influence", "setting": "optimizer.lr", "log": True, **of}
    measures = {
        "goes": influence,
        "explains": influence | {"squared": True},
        "none": influence | {"setting": "optimizer.momentum"},
    }
    lesson = lesson_of(measures, {"explains": {"reference": 0.25, "low": 0.2}})
    folders = swept(tmp_path, [1e-3, 1e-1, 1e-2], [0.5, 0.4, 0.2])
    runs = {name: [Reading(one) for one in found] for name, found in folders.items()}
    found = {name: measure(lesson, one, runs) for name, one in lesson.measures.items() if name != "none"}
    # ranks 1 3 2 against 3 2 1: the sum of the squared differences is 6, so 1 - 6 x 6 / (3 x 8) = -0.5
    assert found["goes"].value == pytest.approx(-0.5)
    assert found["explains"].value == pytest.approx(0.25)
    (row,) = grade(lesson, "offline", folders, t).rows
    assert row.landed
    assert row.picture == {
        "setting": "optimizer.lr", "log": True, "series": "validation.loss",
        "points": [[1e-3, pytest.approx(0.5)], [1e-1, pytest.approx(0.4)], [1e-2, pytest.approx(0.2)]],
    }  # fmt: skip
    with pytest.raises(Unmeasured, match=r"no number optimizer\.momentum"):
        measure(lesson, lesson.measures["none"], runs)


def test_ranks_are_shared_by_those_that_are_equal_and_the_greatest_is_what_diverged():
    assert ranks([3, 1, 1, math.nan]).tolist() == [3, 1.5, 1.5, 4]
    assert rank_correlation([1, 2, 3, 4], [10, 20, 30, 25]) == pytest.approx(0.8)
    assert rank_correlation([1, 10, 100], [3, 2, 1]) == pytest.approx(-1)
    assert math.isnan(rank_correlation([1, 2, 3], [5, 5, 5]))
