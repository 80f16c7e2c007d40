"""What findings say of logs written by hand: at their thresholds, and of illnesses that are a matter of the spec."""

import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.diagnosis.diagnose import all_findings, diagnose
from tests.app.diagnosis.runs import case_in
from tests.telling import PLAN, SPEC, epoch, measured, started, write
from trainer.protocol import Changed, Epoch, Finished, Marked, Measured

KNOWN = {
    "layers": [{"name": one, "shape": [16], "parameters": 100} for one in ("dense 1", "dense 2", "output")],
    "outputs": 10,
    "batch_size": 64,
    "samples": {"train": 1280, "validation": 400, "test": 400},
    "problem": {"kind": "classes", "metrics": ["accuracy"]},
    "chance": {"loss": 2.3026, "accuracy": {"train": 0.1, "validation": 0.1}, "answer": 0},
}


def told(folder, *events, spec=None, plan=None, level=None):
    """Return the case of a run that said this, after its start."""
    begun = started()
    begun.plan = PLAN | KNOWN | (plan or {})
    begun.spec = SPEC | (spec or {})
    write(folder, begun, *events)
    return case_in(folder, level)


def seen(name, case):
    return all_findings()[name].look(case)


def accuracies(train, validation):
    """Return the ends of epochs with these accuracies, and losses that go with them."""
    return [
        epoch(number, train__accuracy=a, validation__accuracy=b, train__loss=2 * (1 - a), validation__loss=2 * (1 - b))
        for number, (a, b) in enumerate(zip(train, validation, strict=True), 1)
    ]


def losses(values, **more):
    return measured(range(1, len(values) + 1), loss__data=values, **more)


def test_a_run_that_has_not_started_has_no_diagnosis(tmp_path):
    (tmp_path / "r").mkdir()
    assert diagnose(case_in(tmp_path / "r"))["findings"] == []


def test_what_is_not_in_a_plan_of_old_is_no_fault(tmp_path):
    write(tmp_path, started(), losses([2.0] * 50), *accuracies([0.2] * 9, [0.2] * 9))
    assert diagnose(case_in(tmp_path))["balance"] == {"metric": "", "level": None, "high": 0.05}


# Ng's examples, in per cent of error: 15/16 is bias, 1/11 variance, 15/30 both, 0.5/1 fine
@pytest.mark.parametrize(
    ("train", "validation", "quadrant"),
    [(0.15, 0.16, "bias"), (0.01, 0.11, "variance"), (0.15, 0.30, "both"), (0.005, 0.01, "fine")],
)
def test_the_quadrants_are_those_of_the_recipe(tmp_path, train, validation, quadrant):
    case = told(tmp_path, *accuracies([1 - train] * 12, [1 - validation] * 12))
    found = diagnose(case)
    assert found["balance"]["quadrant"] == quadrant
    names = {one["name"] for one in found["findings"]}
    assert names == {
        "bias": {"underfitting"}, "variance": {"overfitting"}, "both": {"underfitting", "overfitting"}, "fine": set()
    }[quadrant]  # fmt: skip


def test_of_a_number_the_error_is_the_share_of_the_variance_that_is_left(tmp_path):
    plan = {"problem": {"kind": "number", "metrics": ["rmse", "mae"]}, "chance": {"loss": 4.0}}
    events = [
        epoch(n, train__loss=1.0, validation__loss=2.0, train__rmse=1.0, validation__rmse=2**0.5) for n in range(1, 9)
    ]
    found = diagnose(told(tmp_path, *events, plan=plan, level=0.5))["balance"]
    assert (found["metric"], found["best"], found["bias"], found["variance"]) == ("rmse", 0.0625, 0.1875, 0.25)


def test_a_gap_within_the_accident_of_few_samples_is_no_overfitting(tmp_path):
    few = {"samples": {"train": 1280, "validation": 20, "test": 20}}
    assert seen("overfitting", told(tmp_path / "few", *accuracies([0.95] * 9, [0.86] * 9), plan=few)) is None
    finding = seen("overfitting", told(tmp_path / "many", *accuracies([0.95] * 9, [0.86] * 9)))
    assert finding.why.values["n"] == 400


def turning(risen):
    """Return epochs whose validation loss falls to 1 in the fifth and then stands `risen` over it."""
    falls = [1.8, 1.6, 1.4, 1.2, 1.0]
    return [
        epoch(n, train__loss=2 - 0.1 * n, validation__loss=one)
        for n, one in enumerate([*falls, *[1 + risen] * 5], 1)
    ]  # fmt: skip


@pytest.mark.parametrize(("risen", "sure"), [(0.09, None), (0.1, "possible"), (0.2, "likely"), (0.5, "sure")])
def test_how_far_validation_has_risen_says_how_sure_overfitting_is(tmp_path, risen, sure):
    finding = seen("overfitting", told(tmp_path, *turning(risen + 1e-6)))
    assert (finding.sure if finding else None) == sure
    if finding:
        assert finding.says.values["epoch"] == 5
        assert finding.evidence[0].step == 5 * PLAN["steps_per_epoch"]


def test_overfitting_that_was_healed_says_until_when_it_held(tmp_path):
    healed = [epoch(n, train__loss=0.5, validation__loss=0.9) for n in range(11, 14)]
    finding = seen("overfitting", told(tmp_path, *turning(0.4), *healed))
    assert (finding.since, finding.until) == (120, 220)
    assert diagnose(told(tmp_path / "again", *turning(0.4), *healed))["findings"][0]["until"] == 220


@pytest.mark.parametrize(("back", "sure"), [(0.25, None), (0.35, "possible"), (0.6, "likely"), (1.2, "sure")])
def test_how_much_of_its_gain_a_loss_gives_back_says_how_sure_the_rate_is_too_high(tmp_path, back, sure):
    falls = np.linspace(2.3, 0.3, 100)
    finding = seen("lr_too_high", told(tmp_path, losses([*falls, *[0.3 + 2.0 * back] * 60])))
    assert (finding.sure if finding else None) == sure


def test_a_loss_that_rose_because_a_regularizer_was_switched_is_a_guess(tmp_path):
    change = Changed(step=100, target="regularizers.l2", field="enabled", old=False, new=True)
    values = [*np.linspace(2.3, 0.3, 100), *[2.6] * 60]
    assert (
        seen(
            "lr_too_high",
            told(tmp_path, losses(values[:100]), change, measured(range(101, 161), loss__data=values[100:])),
        ).sure
        == "possible"
    )


def test_one_batch_that_exploded_is_no_illness(tmp_path):
    values = np.full(200, 0.3)
    values[100] = 500.0
    assert seen("lr_too_high", told(tmp_path, losses(values))) is None


def test_a_training_loss_that_goes_up_between_epochs_again_and_again(tmp_path):
    ups = [1.0, 1.2] * 8
    events = [epoch(n, train__loss=one, validation__loss=one) for n, one in enumerate(ups, 1)]
    finding = seen("lr_too_high", told(tmp_path, losses([1.1] * 320), *events))
    assert (finding.says.key, finding.says.values["n"], finding.sure) == ("lr_too_high.zigzag", 4, "likely")
    falling = [epoch(n, train__loss=one * 0.8**n, validation__loss=one) for n, one in enumerate(ups, 1)]
    assert seen("lr_too_high", told(tmp_path / "falls", losses([1.1] * 320), *falling)) is None


def test_a_knob_that_was_turned_since_is_said_to_be(tmp_path):
    change = Changed(step=130, target="optimizer", field="lr", old=0.05, new=0.005)
    values = [*np.linspace(2.3, 0.3, 100), *[2.6] * 60]
    case = told(tmp_path, losses(values), change)
    lower = seen("lr_too_high", case).tries[0]
    assert lower.done == 130
    assert lower.says.values == {"old": "0.005", "new": "0.0005"}


@pytest.mark.parametrize(("away", "found"), [(-0.015, True), (-0.03, False), (0.09, True), (0.12, False)])
def test_near_chance_is_two_per_cent_under_it_or_ten_over(tmp_path, away, found):
    case = told(tmp_path, losses([2.3026 * (1 + away)] * 300))
    assert (seen("stuck_at_chance", case) is not None) == found
    assert seen("stuck_at_chance", told(tmp_path / "early", losses([2.3026] * 150))) is None


def test_a_loss_that_is_finite_again_says_until_when_it_was_not(tmp_path):
    mark = Marked(step=2, kind="nan", text="NaN at step 2, first in dense 1.weight.")
    finding = seen("not_finite", told(tmp_path, losses([2.0, float("nan"), 1.9]), mark))
    assert (finding.since, finding.until, finding.says.values["where"]) == (2, 3, "dense 1.weight")


def test_a_scale_fitted_on_all_samples_is_a_leak(tmp_path):
    def spec(**params):
        return {"dataset": {"name": "wine", "params": {"scaling": "standard"} | params}}

    finding = seen("scaling_leak", told(tmp_path / "leaks", spec=spec(scaling_fit="all")))
    assert (finding.sure, finding.says.values) == ("sure", {"n": 800, "all": 2080})
    assert finding.tries[0].changes == {"dataset": "wine", "dataset.scaling_fit": "train"}
    for number, tight in enumerate([spec(scaling_fit="train"), spec(), spec(scaling_fit="all", scaling="none")]):
        assert seen("scaling_leak", told(tmp_path / f"tight-{number}", spec=tight)) is None


@pytest.mark.parametrize(("test", "shift", "sure"), [(0.93, 0, None), (0.7, 0, "likely"), (0.7, 1.5, "sure")])
def test_test_data_that_are_answered_clearly_worse_are_different(tmp_path, test, shift, sure):
    metrics = {"validation.accuracy": 0.95, "test.accuracy": test}
    end = Finished(step=100, reason="completed", epoch=5, metrics=metrics)
    spec = {"dataset": {"name": "digits", "params": {"test_shift": shift}}}
    finding = seen("data_mismatch", told(tmp_path, end, spec=spec))
    assert (finding.sure if finding else None) == sure


def test_the_worst_comes_first_and_what_is_over_last(tmp_path):
    spec = {"dataset": {"name": "digits", "params": {"scaling": "standard", "scaling_fit": "all"}}}
    mark = Marked(step=2, kind="nan", text="NaN at step 2, first in dense 1.weight.")
    case = told(tmp_path, losses([2.0, float("nan"), 1.9]), mark, *accuracies([0.99] * 9, [0.5] * 9), spec=spec)
    assert [one["name"] for one in diagnose(case)["findings"]] == ["scaling_leak", "overfitting", "not_finite"]


ANY = st.floats(width=32) | st.sampled_from([0.0, 1e30, -1e30, 1e-30])


@settings(max_examples=25, deadline=None)
@given(data=st.data(), classes=st.booleans(), level=st.none() | st.floats(0, 1))
def test_whatever_a_run_has_measured_it_is_diagnosed(data, classes, level):
    """Any number in any curve: nothing fails, and what is told is JSON."""
    with tempfile.TemporaryDirectory() as folder:
        plan = {} if classes else {"problem": {"kind": "number", "metrics": ["rmse"]}, "chance": {"loss": 1.0}}
        metrics = ("train.loss", "validation.loss", "train.accuracy", "validation.accuracy", "test.accuracy")
        events = [losses(data.draw(st.lists(ANY, min_size=1, max_size=40)))]
        for n in range(1, data.draw(st.integers(1, 9)) + 1):
            events.append(Epoch(step=20 * n, epoch=n, metrics={one: data.draw(ANY) for one in metrics}))
        for probe in ("gradient_norm", "update_ratio", "dead_units", "saturated", "alike_units"):
            names = [f"{probe}.{one['name']}" for one in KNOWN["layers"]]
            for step in range(1, data.draw(st.integers(0, 6)) + 1):
                columns = {one: np.float32(data.draw(ANY)).tobytes() for one in names}
                events.append(Measured(step=step, probe=probe, steps=np.int64(step).tobytes(), columns=columns))
        found = diagnose(told(Path(folder), *events, plan=plan, level=level))
    assert json.loads(json.dumps(found)) == found
