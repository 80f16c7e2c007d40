"""Each schedule against torch's, and the two plateau rules by hand."""

import math

import pytest
import torch
from torch.optim import lr_scheduler

from trainer.catalog import CATALOG
from trainer.schedules import Progress
from trainer.schedules.plateau import Plateau

OURS = CATALOG["schedules"]
PER_EPOCH, EPOCHS = 4, 30
BASE = 0.5


def factors(name, **params):
    part = OURS[name](**params)
    return [part.factor(Progress(step, PER_EPOCH * EPOCHS, PER_EPOCH)) for step in range(PER_EPOCH * EPOCHS)]


def torchs(make, per_epoch):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=BASE)
    scheduler = make(optimizer)
    found = []
    for step in range(1, PER_EPOCH * EPOCHS + 1):
        found.append(optimizer.param_groups[0]["lr"] / BASE)
        optimizer.step()
        if not per_epoch or step % PER_EPOCH == 0:
            scheduler.step()
    return found


def one_cycle(optimizer, **facts):
    return lr_scheduler.OneCycleLR(optimizer, BASE, PER_EPOCH * EPOCHS, cycle_momentum=False, **facts)


def cyclic(optimizer, low, mode, **facts):
    return lr_scheduler.CyclicLR(optimizer, low * BASE, BASE, 10, mode=mode, cycle_momentum=False, **facts)


@pytest.mark.parametrize(
    ("name", "params", "make", "per_epoch"),
    [
        ("constant", {}, lambda o: lr_scheduler.ConstantLR(o, 1.0), True),
        ("step", {"every": 7, "gamma": 0.3}, lambda o: lr_scheduler.StepLR(o, 7, 0.3), True),
        ("exponential", {"gamma": 0.9}, lambda o: lr_scheduler.ExponentialLR(o, 0.9), True),
        ("cosine", {}, lambda o: lr_scheduler.CosineAnnealingLR(o, PER_EPOCH * EPOCHS), False),
        (
            "cosine",
            {"minimum": 0.1},
            lambda o: lr_scheduler.CosineAnnealingLR(o, PER_EPOCH * EPOCHS, eta_min=0.1 * BASE),
            False,
        ),
        (
            "multi_step",
            {"after": [20, 3, 9], "gamma": 0.5},
            lambda o: lr_scheduler.MultiStepLR(o, [3, 9, 20], 0.5),
            True,
        ),
        ("multi_step", {"after": [7, 7]}, lambda o: lr_scheduler.MultiStepLR(o, [7, 7], 0.1), True),
        ("warmup", {"warmup": 2.5, "start": 0.2}, lambda o: lr_scheduler.LinearLR(o, 0.2, total_iters=10), False),
        (
            "warm_restarts",
            {"first": 3, "longer": 2, "minimum": 0.1},
            lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 3 * PER_EPOCH, 2, eta_min=0.1 * BASE),
            False,
        ),
        (
            "warm_restarts",
            {"first": 4, "longer": 1},
            lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 4 * PER_EPOCH, 1),
            False,
        ),
        ("one_cycle", {}, lambda o: one_cycle(o), False),
        (
            "one_cycle",
            {"rise": 0.45, "start": 10.0, "end": 100.0, "shape": "linear"},
            lambda o: one_cycle(o, pct_start=0.45, div_factor=10, final_div_factor=100, anneal_strategy="linear"),
            False,
        ),
        ("cyclic", {"half": 2.5}, lambda o: cyclic(o, 0.25, "triangular"), False),
        ("cyclic", {"half": 2.5, "low": 0.1, "mode": "triangular2"}, lambda o: cyclic(o, 0.1, "triangular2"), False),
        (
            "cyclic",
            {"half": 2.5, "low": 0.0, "mode": "exp_range", "gamma": 0.99},
            lambda o: cyclic(o, 0.0, "exp_range", gamma=0.99),
            False,
        ),
        ("polynomial", {}, lambda o: lr_scheduler.PolynomialLR(o, PER_EPOCH * EPOCHS), False),
        ("polynomial", {"power": 0.9}, lambda o: lr_scheduler.PolynomialLR(o, PER_EPOCH * EPOCHS, 0.9), False),
        (
            "inverse_time",
            {"decay": 0.5},
            lambda o: lr_scheduler.LambdaLR(o, lambda n: 1 / (1 + 0.5 * n / PER_EPOCH)),
            False,
        ),
        (
            "inverse_sqrt",
            {"warmup": 2.5},
            lambda o: lr_scheduler.LambdaLR(o, lambda n: 10**0.5 * min((n + 1) ** -0.5, (n + 1) * 10**-1.5)),
            False,
        ),
    ],
)
def test_it_goes_as_torchs_does(name, params, make, per_epoch):
    assert factors(name, **params) == pytest.approx(torchs(make, per_epoch), abs=1e-9)


def test_warm_up_rises_in_a_line_and_falls_along_a_cosine():
    found = factors("warmup_cosine", warmup=2.5, minimum=0.2)
    rise = 10  # 2.5 epochs of 4 steps
    assert found[:rise] == pytest.approx([(step + 1) / rise for step in range(rise)])
    assert found[rise] == 1
    fall = [0.2 + 0.8 * (1 + math.cos(math.pi * step / 110)) / 2 for step in range(110)]
    assert found[rise:] == pytest.approx(fall)


def test_polynomial_ends_at_its_minimum():
    part = OURS["polynomial"](power=2.0, minimum=0.2)
    found = [part.factor(Progress(step, 100, 10)) for step in (0, 50, 100, 200)]
    assert found == pytest.approx([1, 0.4, 0.2, 0.2])


# the finder has rates of its own in mind, whatever the base
WITHIN_ONE = sorted(OURS.keys() - {"lr_finder"})


@pytest.mark.parametrize("name", WITHIN_ONE)
def test_factors_stay_between_zero_and_one_even_past_the_end(name):
    part = OURS[name]()
    for progress in (Progress(0, 1, 1), Progress(500, 100, 7), Progress(0, 0, 1), Progress(10**9, 10**9, 20)):
        assert 0 <= part.factor(progress) <= 1


BEGINS = {"warmup_cosine": 0.25, "warmup": 0.01, "one_cycle": 0.04, "cyclic": 0.25, "inverse_sqrt": 0.25}


@pytest.mark.parametrize("name", WITHIN_ONE)
def test_it_starts_at_the_base_learning_rate_but_for_those_that_rise(name):
    assert factors(name)[0] == pytest.approx(BEGINS.get(name, 1))


def lrs(losses, lr=1.0, **params):
    """Return the learning rate after each epoch."""
    part, found = Plateau(**params), []
    for loss in losses:
        part.observe({"validation.loss": loss}, lr * part.factor(Progress(0, 1, 1)))
        found.append(round(lr * part.factor(Progress(0, 1, 1)), 12))
    return found


FLAT = [1.0] * 8


def test_keras_reduces_when_patience_epochs_were_bad():
    assert lrs(FLAT, rule="keras", patience=2) == [1, 1, 0.1, 0.1, 0.01, 0.01, 0.001, 0.001]


def test_plateau_acts_one_epoch_later_under_the_pytorch_rule():
    assert lrs(FLAT, rule="pytorch", patience=2) == [1, 1, 1, 0.1, 0.1, 0.1, 0.01, 0.01]


def test_keras_margin_is_absolute_and_pytorchs_a_share_of_the_best():
    falling = [100.0, 99.0, 98.0, 97.0]
    assert lrs(falling, rule="keras", patience=1, min_delta=0.1) == [1, 1, 1, 1]
    # 99 is not under 100 - 10, nor 98, nor 97
    assert lrs(falling, rule="pytorch", patience=1, min_delta=0.1) == [1, 1, 0.1, 0.1]


def test_keras_counts_nothing_while_it_cools():
    # reduced after epoch 2; cooling through 3 and 4, where 4 ends the cooling and is counted again
    assert lrs(FLAT, rule="keras", patience=1, cooldown=2) == [1, 0.1, 0.1, 0.01, 0.01, 0.001, 0.001, 0.0001]


def test_the_floor_holds():
    assert lrs(FLAT, rule="keras", patience=1, min_lr=0.05) == [1, 0.1, *[0.05] * 6]
    assert lrs(FLAT, rule="pytorch", patience=0, min_lr=0.05) == [1, 0.1, *[0.05] * 6]


@pytest.mark.parametrize("lr", [0.005, 0.003, 0.0007])
def test_at_the_floor_a_rounding_is_no_reduction(lr):
    part, told = Plateau(rule="keras", patience=1, min_lr=lr / 50), []
    for _ in range(8):
        told.append(part.observe({"validation.loss": 1.0}, lr * part.factor(Progress(0, 1, 1))))
    assert [bool(one) for one in told] == [False, True, True, *[False] * 5], told


@pytest.mark.parametrize("patience", [0, 1, 3])
@pytest.mark.parametrize("cooldown", [0, 1, 4])
@pytest.mark.parametrize("seed", range(4))
def test_the_pytorch_rule_is_pytorchs(patience, cooldown, seed):
    chance = torch.Generator().manual_seed(seed)
    losses = (torch.rand(60, generator=chance) + 5 / torch.arange(1, 61).sqrt()).tolist()
    losses[10:12] = [math.nan, math.inf]
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    theirs = lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=0.5, patience=patience, threshold=0.01, cooldown=cooldown, min_lr=0.003
    )
    expected = []
    for loss in losses:
        theirs.step(loss)
        expected.append(optimizer.param_groups[0]["lr"])
    ours = lrs(
        losses, rule="pytorch", reduction=0.5, patience=patience, min_delta=0.01, cooldown=cooldown, min_lr=0.003
    )
    assert ours == pytest.approx(expected)


def test_plateau_says_what_it_did():
    part = Plateau(patience=1)
    assert part.observe({"validation.loss": 1.0}, 0.1) == ""
    told = part.observe({"validation.loss": 1.0}, 0.1)
    assert told == "Learning rate 0.1 reduced to 0.01: validation.loss has not improved for 1 epoch."


@pytest.mark.parametrize("metric", ["validation.accuracy", "validation.f1", "validation.auc", "train.recall"])
def test_what_is_better_the_higher_it_is_has_to_rise(metric):
    part = Plateau(monitor=metric, patience=1)
    told = [part.observe({metric: value}, 1.0) for value in (0.5, 0.6, 0.7, 0.7)]
    assert [bool(one) for one in told] == [False, False, False, True]


def test_a_loss_that_is_never_a_number_reduces_all_the_same():
    assert lrs([math.nan] * 3, patience=2) == [1, 0.1, 0.1]


@pytest.mark.parametrize("rule", ["keras", "pytorch"])
def test_its_state_carries_on(rule):
    losses = [1.0, 0.9, 0.95, 0.95, 0.95, 0.8, 0.9, 0.9, 0.9, 0.9]
    whole = lrs(losses, rule=rule, patience=1, cooldown=1)
    first, then = Plateau(rule=rule, patience=1, cooldown=1), Plateau(rule=rule, patience=1, cooldown=1)
    for loss in losses[:4]:
        first.observe({"validation.loss": loss}, first.factor(Progress(0, 1, 1)))
    then.load_state(first.state())
    for loss in losses[4:]:
        then.observe({"validation.loss": loss}, then.factor(Progress(0, 1, 1)))
    assert then.factor(Progress(0, 1, 1)) == pytest.approx(whole[-1])


def test_a_metric_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(KeyError, match=r"'validation.loss'.*There are: train.loss"):
        Plateau().observe({"train.loss": 1.0}, 1.0)
