"""Grades: each way to measure against numbers worked by hand, what lands and what misses, and why."""

import math

import numpy as np
import pytest
from safetensors.numpy import save_file

from app.lessons.grading import grade, plain_number, shown
from app.lessons.measuring import measure
from app.lessons.readings import NEVER, Reading, Unmeasured
from tests.lessons.conftest import lesson_of
from tests.telling import captured, epoch, measured, started, write
from tests.training import train
from trainer.protocol import Failed, Finished, Marked, Saved
from trainer.spec import RunSpec

END = Finished(step=100, reason="completed", epoch=5, metrics={"validation.loss": 0.4, "test.accuracy": 0.9})


def run(folder, losses=(0.5, 0.4, 0.3, 0.35, 0.45), end=END, extra=()):
    """A finished run of five epochs of 20 steps, with a loss a step that falls by 0.01."""
    steps = np.arange(1, 101)
    epochs = [epoch(at + 1, validation__loss=loss, train__loss=loss / 2) for at, loss in enumerate(losses)]
    write(folder, started(), measured(steps, loss__data=1 - steps / 100), *epochs, *extra, *([end] if end else []))
    return folder


def taken(folder, **one):
    lesson = lesson_of({"it": {"of": "one", **one}}, {"it": {"reference": 0, "low": 0}})
    return measure(lesson, lesson.measures["it"], {"one": [Reading(folder)]}).value


@pytest.mark.parametrize(
    ("one", "value"),
    [
        ({"take": "last", "series": "validation.loss"}, 0.45),
        ({"take": "lowest", "series": "validation.loss"}, 0.3),
        ({"take": "highest", "series": "validation.loss"}, 0.5),
        ({"take": "epoch_of_lowest", "series": "validation.loss"}, 3),
        ({"take": "epoch_of_highest", "series": "validation.loss"}, 1),
        ({"take": "not_finite", "series": "validation.loss"}, 0),
        ({"take": "at", "series": "validation.loss", "epoch": 2}, 0.4),
        ({"take": "at", "series": "validation.loss", "step": 59}, 0.4),
        ({"take": "at", "series": "loss.data", "step": 30}, 0.7),
        ({"take": "mean", "series": "loss.data", "points": 3}, 0.01),
        ({"take": "mean", "series": "loss.data", "points": 3, "step": 50}, 0.51),
        ({"take": "passes", "series": "validation.loss", "under": 0.32}, 3),
        ({"take": "passes", "series": "loss.data", "under": 0.5, "counted_in": "steps"}, 51),
        ({"take": "passes", "series": "validation.loss", "over": 0.9}, NEVER),
        ({"take": "end", "series": "validation.loss"}, 0.4),
        ({"take": "last", "series": "test.accuracy"}, 0.9),
        ({"take": "reached"}, 5),
        ({"take": "reached", "counted_in": "steps"}, 100),
        ({"take": "parameters"}, 1234),
        ({"take": "marks", "kind": "lr"}, 2),
    ],
    ids=lambda one: f"{one['take']}-{one.get('series', '')}" if isinstance(one, dict) else "",
)
def test_what_is_taken_of_one_run(one, value, tmp_path):
    marks = [Marked(step=40, kind="lr", text="Lower."), Marked(step=60, kind="lr", text="Lower still.")]
    assert taken(run(tmp_path / "run", extra=marks), **one) == pytest.approx(value, rel=1e-5)


def test_a_curve_with_nan_is_measured_around_it(tmp_path):
    folder = run(tmp_path / "run", losses=(0.5, math.nan, 0.3, math.inf, math.nan))
    assert taken(folder, take="not_finite", series="validation.loss") == 1
    assert taken(folder, take="lowest", series="validation.loss") == pytest.approx(0.3)
    assert math.isnan(taken(folder, take="last", series="validation.loss"))


def test_facts_of_a_histogram(tmp_path):
    # 64 bins of 2 values each from -1 to 1
    first = captured(1, "dense 1", "activations", 2, zeros=32.0, count=128.0, std=0.5)
    looks = [first, captured(90, "dense 1", "activations", std=0.1, count=64.0, zeros=0.0)]
    folder = run(tmp_path / "run", extra=looks)
    of = {"take": "capture", "probe": "activations", "tensor": "dense 1"}
    assert taken(folder, **of, fact="std") == 0.1
    assert taken(folder, **of, fact="std", when="first") == 0.5
    assert taken(folder, **of, fact="zeros", when="first") == 0.25
    assert taken(folder, **of, fact="inside", between=[0.0, 0.5], when="first") == pytest.approx(0.25)
    assert taken(folder, **of, fact="outside", between=[-0.95, 0.95], when="first") == pytest.approx(0.05)
    with pytest.raises(Unmeasured, match="captured no 'dense 2', but dense 1"):
        taken(folder, **of | {"tensor": "dense 2"}, fact="std")


def test_facts_of_the_weights_at_the_end(tmp_path):
    folder = run(
        tmp_path / "run", extra=[Saved(step=100, name="final", path="checkpoints/step-100", sha256="", size=1)]
    )
    (folder / "checkpoints" / "step-100").mkdir(parents=True)
    tensors = {
        "layers.dense 1.linear.weight": np.float32([[3, 4], [0, 0]]),
        "layers.dense 1.linear.bias": np.float32([9, 9]),
        "layers.output.linear.weight": np.float32([[-1, 1e-4]]),
    }
    save_file(tensors, folder / "checkpoints" / "step-100" / "network.safetensors")
    assert taken(folder, take="weights", fact="size", layer="dense 1") == pytest.approx(7 / 4)
    assert taken(folder, take="weights", fact="longest") == pytest.approx(5)
    assert taken(folder, take="weights", fact="largest", layer="output") == pytest.approx(1)
    assert taken(folder, take="weights", fact="small") == pytest.approx(3 / 6)
    assert taken(folder, take="weights", fact="small", below=2) == pytest.approx(4 / 6)
    assert taken(folder, take="weights", fact="norm", layer="dense 1") == pytest.approx(5)
    with pytest.raises(Unmeasured, match="there are: dense 1, output"):
        taken(folder, take="weights", fact="std", layer="dense 2")


def test_numbers_of_the_seeds_become_one(tmp_path):
    losses = [0.2, 0.4, 0.9]
    runs = {"one": [Reading(run(tmp_path / str(seed), [loss])) for seed, loss in enumerate(losses)]}
    takes = {how: {"take": "last", "series": "validation.loss", "of": "one", "seeds": how}
             for how in ("mean", "median", "lowest", "highest", "spread")}  # fmt: skip
    lesson = lesson_of(takes, {"mean": {"reference": 0, "low": 0}})
    found = {how: measure(lesson, lesson.measures[how], runs) for how in takes}
    assert {how: one.value for how, one in found.items()} == pytest.approx(
        {"mean": 0.5, "median": 0.4, "lowest": 0.2, "highest": 0.9, "spread": 0.36056}, rel=1e-4
    )
    assert found["mean"].spread == pytest.approx(0.36056, rel=1e-4)


def test_two_measures_are_taken_from_one_another_seed_by_seed(tmp_path):
    runs = {name: [Reading(run(tmp_path / f"{name}{seed}", [loss])) for seed, loss in enumerate(losses)]
            for name, losses in {"one": (0.4, 0.6), "two": (0.1, 0.2)}.items()}  # fmt: skip
    last = {"take": "last", "series": "validation.loss"}
    measures = {
        "a": {**last, "of": "one"},
        "b": {**last, "of": "two"},
        "less": {"take": "difference", "of": ["a", "b"]},
        "over": {"take": "ratio", "of": ["a", "b"]},
    }
    lesson = lesson_of(measures, {"less": {"reference": 0, "low": 0}})
    assert measure(lesson, lesson.measures["less"], runs).each == pytest.approx((0.3, 0.4))
    assert measure(lesson, lesson.measures["over"], runs).value == pytest.approx(3.5)


def test_an_order_lands_when_it_is_that_of_the_reference(tmp_path, t):
    by = {"take": "last", "series": "validation.loss"}
    runs = {name: [run(tmp_path / name, [loss])] for name, loss in (("one", 0.5), ("two", math.nan), ("three", 0.1))}
    measures = {"it": {"take": "order", "of": ["one", "two", "three"], "by": by}}
    right = lesson_of(measures, {"it": {"order": ["three", "one", "two"]}})
    wrong = lesson_of(measures, {"it": {"order": ["one", "three", "two"]}})
    assert [grade(one, "offline", runs, t).landed for one in (right, wrong)] == [True, False]
    (row,) = grade(wrong, "offline", runs, t).rows
    assert (row.measured, row.reference) == ("Three < One < Two", "One < Three < Two")
    assert row.values == {"One": "0.5", "Two": "NaN", "Three": "0.1"}


def test_a_count_of_variants(tmp_path, t):
    by = {"take": "last", "series": "validation.loss"}
    runs = {name: [run(tmp_path / name, [loss])] for name, loss in (("one", 0.5), ("two", math.nan), ("three", 0.1))}
    lesson = lesson_of({"it": {"take": "count", "of": ["one", "two", "three"], "by": by, "over": 0.2}},
                       {"it": {"reference": 1, "low": 1, "high": 1}})  # fmt: skip
    assert grade(lesson, "offline", runs, t).rows[0].sentence == "Landed at 1."


def test_variants_are_brought_together_seed_by_seed(tmp_path, t):
    names, losses = ("one", "two", "three"), {1: (0.5, 0.2, 0.8), 2: (0.7, 0.4, 0.4)}
    folders = {name: [run(tmp_path / f"{name}{seed}", [of[at]]) for seed, of in losses.items()]
               for at, name in enumerate(names)}  # fmt: skip
    runs = {name: [Reading(one) for one in of] for name, of in folders.items()}
    one = {"take": "across", "of": list(names), "by": {"take": "last", "series": "validation.loss"}}
    measures = {how: {**one, "variants": how} for how in ("mean", "lowest", "highest", "spread")}
    measures["room"] = {"take": "difference", "of": ["highest", "lowest"], "seeds": "highest"}
    lesson = lesson_of(measures, {"mean": {"reference": 0.5, "low": 0.49, "high": 0.51}})
    found = {how: measure(lesson, lesson.measures[how], runs) for how in measures}
    assert found["mean"].each == pytest.approx((0.5, 0.5))
    assert found["lowest"].each == pytest.approx((0.2, 0.4))
    assert found["highest"].each == pytest.approx((0.8, 0.7))
    assert found["spread"].each == pytest.approx((0.3, 0.1732), rel=1e-3)
    assert found["room"].value == pytest.approx(0.6)
    (row,) = grade(lesson, "offline", folders, t).rows
    assert (row.landed, row.values) == (True, {"One": "0.6", "Two": "0.3", "Three": "0.6"})


def test_a_variant_is_chosen_by_one_measure_and_told_by_another(tmp_path):
    ends = {"one": (0.5, 0.9), "two": (0.2, 0.7), "three": (0.8, 0.6)}
    runs = {name: [Reading(run(tmp_path / name, [loss], Finished(step=100, reason="completed", epoch=5,
                                                                 metrics={"test.accuracy": accuracy})))]
            for name, (loss, accuracy) in ends.items()}  # fmt: skip
    one = {"take": "across", "of": list(ends), "by": {"take": "end", "series": "test.accuracy"}}
    chosen = {"chosen": {"take": "last", "series": "validation.loss"}}
    measures = {end: {**one, **chosen, "variants": end} for end in ("lowest", "highest")}
    lesson = lesson_of(measures, {"lowest": {"reference": 0.7, "low": 0}})
    assert [measure(lesson, lesson.measures[end], runs).value for end in measures] == [0.7, 0.6]


@pytest.mark.parametrize(
    ("loss", "band", "landed", "sentence"),
    [
        (0.5, {"reference": 0.5, "low": 0.4, "high": 0.6}, True, "Landed at 0.5."),
        (0.7, {"reference": 0.5, "low": 0.4, "high": 0.6}, False, "Missed at 0.7, wanted 0.4 to 0.6."),
        (0.7, {"reference": 0.5, "low": 0.4}, True, "Landed at 0.7."),
        (math.nan, {"reference": 0.5, "low": 0.4, "high": 0.6}, False, "Missed at NaN, wanted 0.4 to 0.6."),
    ],
)
def test_a_measure_lands_within_its_band(loss, band, landed, sentence, tmp_path, t):
    lesson = lesson_of({"it": {"take": "last", "series": "validation.loss", "of": "one"}}, {"it": band})
    told = grade(lesson, "offline", {"one": [run(tmp_path / "run", [loss])]}, t)
    assert (told.landed, told.rows[0].sentence) == (landed, sentence)


def test_what_cannot_be_measured_misses_and_says_why(tmp_path, t):
    lesson = lesson_of(
        {"it": {"take": "last", "series": "validation.los", "of": "one"}}, {"it": {"reference": 1, "low": 0}}
    )
    failed = Failed(step=20, reason="The loss is NaN.")
    runs = {
        "no curve 'validation.los'; it has: loss.data, validation.loss": run(tmp_path / "a", [0.1]),
        "has not finished": run(tmp_path / "b", [0.1], end=None),
        "failed: The loss is NaN.": run(tmp_path / "c", [0.1], end=failed),
        "has not finished.": tmp_path / "nothing",
    }
    for why, folder in runs.items():
        told = grade(lesson, "offline", {"one": [folder]}, t)
        assert not told.landed
        assert why in told.rows[0].sentence
    assert "there is no run of the variant one" in grade(lesson, "offline", {}, t).rows[0].sentence


def test_a_lesson_run_with_a_wrong_spec_misses(tmp_path, t):
    """The control of all grades: the same lesson, once as it says and once with a learning rate of 0."""
    lesson = lesson_of({"it": {"take": "last", "series": "train.accuracy", "of": "one", "unit": "share"}},
                       {"it": {"reference": 0.97, "low": 0.9}})  # fmt: skip
    spec = lesson.offline.specs()["one"]
    train(tmp_path / "right", RunSpec.read(spec))
    train(tmp_path / "wrong", RunSpec.read(spec | {"optimizer": {"name": "sgd", "params": {"lr": 0.0}}}))
    assert grade(lesson, "offline", {"one": [tmp_path / "right"]}, t).landed
    told = grade(lesson, "offline", {"one": [tmp_path / "wrong"]}, t)
    assert not told.landed
    assert told.rows[0].sentence.startswith("Missed at ")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.8941, "share", "89.4 %"),
        (0.2164, "points", "21.6 points"),
        (131, "epochs", "131 epochs"),
        (6280, "steps", "6,280 steps"),
        (0.338, "times", "×0.338"),
        (1, "yes", "yes"),
        (NEVER, "epochs", "never"),
        (math.nan, "share", "NaN"),
    ],
)
def test_a_number_is_shown_with_its_unit(value, unit, text, t):
    assert shown(value, unit, t) == text


@pytest.mark.parametrize(
    ("low", "high", "measured", "band"),
    [
        (0.000925, 0.000935, "9.312e-4", "9.25e-4 to 9.35e-4"),
        (-0.38725, -0.38715, "-0.38721", "-0.38725 to -0.38715"),
        (7.555, 7.565, "7.5604", "7.555 to 7.565"),
        (36.75, 36.85, "36.8", "36.75 to 36.85"),
        (0.1, 2.5, "1.235", "0.1 to 2.5"),
        (12_345.25, 12_345.75, "12,345.5", "12,345.25 to 12,345.75"),
    ],
)
def test_a_band_has_as_many_digits_as_its_width_needs(low, high, measured, band, t, tmp_path):
    value = float(measured.replace(",", ""))
    end = Finished(step=100, reason="completed", epoch=5, metrics={"test.loss": value})
    bands = {"it": {"reference": low, "low": low, "high": high}}
    lesson = lesson_of({"it": {"take": "end", "series": "test.loss", "of": "one"}}, bands)
    (row,) = grade(lesson, "offline", {"one": [run(tmp_path / "run", end=end)]}, t).rows
    assert row.band == band
    assert abs(float(row.measured.replace(",", "")) - value) < (high - low) / 10


@pytest.mark.parametrize(
    ("value", "text"),
    [(2.3026, "2.303"), (9.8e-6, "9.8e-6"), (16_400.4, "16,400"), (3.0, "3"), (0, "0"), (0.01123, "0.01123")],
)
def test_a_number_has_the_digits_that_count(value, text):
    assert plain_number(value) == text
