"""The learning-rate finder: its rates, what it makes of a curve, and a run that it ends."""

import math
import re

import pytest

from tests.training import SMALL, curve, ended, of_kind, train, with_fields
from trainer.catalog import CATALOG
from trainer.component import ParameterError
from trainer.protocol import Marked
from trainer.schedules import Progress
from trainer.schedules.lr_finder import LrFinder

OFF = {name: {"enabled": False} for name in CATALOG["probes"]}
STEPS = 701  # a hundred a decade, and one


def sweep(loss_at, steps=STEPS, base=0.5, part=None):
    """Let a finder hear a loss for each rate; return it, its rates, and why it ended, if it did."""
    part, rates = part or LrFinder(low=1e-6, high=10.0), []
    for step in range(steps):
        progress = Progress(step, steps, 10, base)
        rates.append(base * part.factor(progress))
        if why := part.hear_step(progress, loss_at(rates[-1])):
            return part, rates, why
    return part, rates, ""


def test_its_rates_go_up_by_the_same_factor_in_each_step_whatever_the_optimizers_own_is():
    for base in (0.5, 1e-3):
        _, rates, _ = sweep(lambda rate: 1.0, base=base)
        assert rates == pytest.approx([1e-6 * 10 ** (step / 100) for step in range(STEPS)])


def valley(rate):
    """A loss that falls steepest, by 0.5 a decade, about 1e-2, is lowest at 1e-1 and explodes beyond."""
    decades = math.log10(rate)
    fall = 1 / (1 + math.exp(-4 * (decades + 2)))
    return 2.0 - 0.5 * fall + (10 ** (2 * (decades + 0.5)) if decades > -1 else 0)


def test_it_names_the_steepest_fall_and_a_tenth_of_the_lowest_point():
    part, rates, why = sweep(valley)
    assert why.startswith("The loss diverged at a learning rate of ")
    assert rates[-1] < 10
    told = re.fullmatch(
        r"Learning-rate finder: the loss fell fastest at a learning rate of (\S+)\. It was lowest, (\S+), at (\S+), "
        r"a tenth of which is (\S+)\. Take one from (\S+) to (\S+)\.",
        part.conclusion(),
    )
    fastest, least, lowest, tenth, below, above = map(float, told.groups())
    # smoothing over 20 steps of a hundredth of a decade shifts both a little to the right
    assert 1e-2 < fastest < 2.5e-2
    assert 0.7e-1 < lowest < 2e-1
    assert tenth == pytest.approx(lowest / 10)
    assert sorted((fastest, tenth)) == [below, above]
    assert part.suggestion() == below
    assert least == pytest.approx(1.5, abs=0.05)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_loss_that_is_no_number_is_divergence(bad):
    part, rates, why = sweep(lambda rate: bad if rate > 0.05 else valley(rate))
    assert "diverged" in why
    assert rates[-1] == pytest.approx(0.05, rel=0.03)
    assert "fell fastest" in part.conclusion()


def test_a_loss_that_never_falls_is_said_to_be_so():
    part, _, _ = sweep(lambda rate: 1.0 + rate)
    assert "the loss never fell between 1e-06 and" in part.conclusion()
    assert part.suggestion() is None


def test_too_few_steps_tell_nothing():
    part, _, _ = sweep(valley, steps=4)
    assert "too few steps" in part.conclusion()
    assert part.suggestion() is None


def test_a_finder_that_takes_over_in_mid_run_begins_at_its_lowest():
    part = LrFinder(low=1e-4, high=1.0)
    assert part.factor(Progress(50, 101, 10, 0.1)) * 0.1 == pytest.approx(1e-4)
    assert part.factor(Progress(100, 101, 10, 0.1)) * 0.1 == pytest.approx(1.0)


def test_its_state_carries_on():
    whole, _, _ = sweep(valley)
    first, then = LrFinder(low=1e-6, high=10.0), LrFinder(low=1e-6, high=10.0)
    for part, steps in ((first, range(300)), (then, range(300, STEPS))):
        if part is then:
            then.load_state(first.state())
        for step in steps:
            progress = Progress(step, STEPS, 10, 0.5)
            if part.hear_step(progress, valley(0.5 * part.factor(progress))):
                break
    assert then.conclusion() == whole.conclusion()
    assert then.suggestion() == whole.suggestion()


def test_a_range_upside_down_is_refused():
    with pytest.raises(ParameterError, match=r"high = 0\.001 is not over low = 0\.1"):
        LrFinder(low=0.1, high=0.001)


def test_a_run_ends_where_it_diverges_and_says_which_rate_to_take(tmp_path):
    spec = with_fields(
        SMALL,
        probes=OFF,
        optimizer={"name": "sgd"},
        schedule={"name": "lr_finder", "params": {"high": 100.0}},
        training=SMALL.training | {"epochs": 12, "on_nan": "stop"},
    )
    events = train(tmp_path, spec)
    assert ended(events).reason.startswith("The loss diverged at a learning rate of ")
    (told,) = [one.text for one in of_kind(events, Marked) if one.kind == "lr"]
    assert "the loss fell fastest at a learning rate of 0." in told
    assert ended(events).reason.endswith(told)
    (rate,) = ended(events).suggests.values()
    assert f"Take one from {rate:.2g} to " in told
    rates = curve(events, "optimizer.lr")
    assert len(rates) == ended(events).step < 12 * 20
