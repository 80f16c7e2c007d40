"""Early stopping by Keras' rule, epoch by epoch."""

import math

import pytest

from trainer.losses import CHOSEN, choose
from trainer.monitors import MONITORS, RISING
from trainer.stopping.early import Early

SAME, BEST, STOP = ".", "*", "!"


def told(losses, monitor="validation.loss", **params):
    """Return a sign for each epoch: * best yet, ! stop, . neither."""
    part, signs = Early(monitor=monitor, **params), ""
    for epoch, loss in enumerate(losses, 1):
        verdict = part.observe(epoch, {monitor: loss})
        signs += STOP if verdict.stop else BEST if verdict.best else SAME
        if verdict.stop:
            break
    return signs


@pytest.mark.parametrize(
    ("losses", "params", "expected"),
    [
        ([3, 2, 1, 0.5], {"patience": 2}, "****"),
        ([3, 2, 2.5, 2.6, 1], {"patience": 2}, "**.!"),
        ([3, 2, 2.5, 1.9, 2.5, 2.6], {"patience": 2}, "**.*.!"),
        ([3, 3, 3, 3], {"patience": 3}, "*..!"),
        # patience 0 and 1 are alike: the first bad epoch stops
        ([3, 2, 2, 1], {"patience": 0}, "**!"),
        ([3, 2, 2, 1], {"patience": 1}, "**!"),
        # by min_delta or less is no improvement
        ([3, 2.75, 2.5, 2.25], {"patience": 3, "min_delta": 0.5}, "*..*"),
        ([3, 2.9, 2.8, 2.4], {"patience": 2, "min_delta": 0.5}, "*.!"),
        # NaN is never better; the first epoch never stops, and is all there is to keep
        ([math.nan, math.nan], {"patience": 1}, "*!"),
        ([math.nan, 1, math.nan, math.nan], {"patience": 2}, "**.!"),
        ([math.inf, 2, 1], {"patience": 2}, "***"),
        # epochs before start_from are not looked at
        ([1, 5, 4, 4, 4], {"patience": 2, "start_from": 2}, ".**.!"),
    ],
)
def test_it_stops_when_keras_would(losses, params, expected):
    assert told(losses, **params) == expected


@pytest.mark.parametrize("metric", sorted(RISING))
def test_what_is_better_the_higher_it_is_has_to_rise(metric):
    assert told([0.5, 0.6, 0.6, 0.55], monitor=f"validation.{metric}", patience=2) == "**.!"


@pytest.mark.parametrize("kind", sorted(CHOSEN))
def test_each_metric_of_each_kind_of_problem_can_be_watched(kind):
    names = [f"{part}.{name}" for part in ("train", "validation") for name in ("loss", *choose(kind).metric_names)]
    assert set(names) <= set(MONITORS)
    assert {name.partition(".")[2] for name in MONITORS} - RISING == {"loss", "rmse", "mae"}


def test_it_says_why_and_what_was_best():
    part = Early(patience=2)
    verdicts = [part.observe(epoch, {"validation.loss": loss}) for epoch, loss in enumerate((3, 2.5, 2.6, 2.7), 1)]
    assert verdicts[-1].stop == "validation.loss has not improved for 2 epochs; its best was 2.5, epoch 2."


def test_patience_may_be_turned_while_it_waits():
    part = Early(patience=10)
    for epoch in (1, 2, 3):
        assert not part.observe(epoch, {"validation.loss": 1.0}).stop
    part.set_live("patience", 2)
    assert part.observe(4, {"validation.loss": 1.0}).stop


def test_it_restores_unless_told_not_to():
    assert Early().restores
    assert not Early(restore_best=False).restores


def test_its_state_carries_on():
    losses = [3.0, 2.0, 2.5, 2.6, 2.7]
    first, then = Early(patience=3), Early(patience=3)
    for epoch, loss in enumerate(losses[:3], 1):
        first.observe(epoch, {"validation.loss": loss})
    then.load_state(first.state())
    assert not then.observe(4, {"validation.loss": losses[3]}).stop
    assert then.observe(5, {"validation.loss": losses[4]}).stop


def test_a_metric_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(KeyError, match=r"'validation.loss'.*There are: train.loss"):
        Early().observe(1, {"train.loss": 1.0})
