"""Stopping where gradient, loss or weights have come to rest: the numbers, when it stops, and what it says."""

import math

import pytest
import torch

from tests.training import SMALL, curve, ended, of_kind, train, with_fields
from trainer.assembly import assemble
from trainer.catalog import CATALOG
from trainer.protocol import Change, Changed, Epoch
from trainer.run import Run
from trainer.slope import gradient_norm

OFF = {name: {"enabled": False} for name in CATALOG["probes"]}
NAMES = ("gradient", "loss_change", "weight_change")
METRIC = {name: CATALOG["stopping"][name].metric for name in NAMES}


def run_of(**fields):
    spec = with_fields(SMALL, **fields)
    return Run(spec, assemble(spec))


def by_hand(run):
    """Return the gradient of loss and L2 penalty over all training samples at once."""
    run.network.eval()
    loss = run.assembly.loss(run.network(run.data.train.inputs), run.data.train.targets)
    for regularizer in run.active:
        if (penalty := regularizer.penalty(run.network)) is not None:
            loss = loss + penalty
    slopes = torch.autograd.grad(loss, list(run.network.parameters()))
    return math.sqrt(sum(one.square().sum().item() for one in slopes))


@pytest.mark.parametrize("regularizers", [{}, {"l2": {"enabled": True, "strength": 0.1}, "dropout": {"enabled": True}}])
def test_the_gradient_is_that_of_what_is_minimised_over_all_samples(regularizers, monkeypatch):
    monkeypatch.setattr("trainer.evaluate.ROWS_AT_ONCE", 100)
    run = run_of(regularizers=regularizers)
    pieces = []
    chances = [one.generator.get_state() for one in run.active]
    found = gradient_norm(run, lambda: pieces.append(1))
    assert found == pytest.approx(by_hand(run), rel=1e-5)
    assert len(pieces) == -(-run.samples // 100)
    assert run.network.training is False, "by hand, just now"
    assert all(one.grad is None for one in run.network.parameters())
    assert all(torch.equal(one.generator.get_state(), kept) for one, kept in zip(run.active, chances, strict=True))


def test_the_gradient_leaves_a_network_in_training_as_it_was():
    run = run_of()
    run.network.train()
    gradient_norm(run, lambda: None)
    assert run.network.training


def looked(name, steps):
    """Return what a criterion sees of weights that go through `steps`, one an epoch, and of losses like them."""
    part, line = CATALOG["stopping"][name](), torch.nn.Linear(2, 1, bias=False)
    seen = []
    for epoch, weights in enumerate(steps, 1):
        if weights is None:
            continue  # it was off in this epoch
        with torch.no_grad():
            line.weight.copy_(torch.tensor([weights]))
        metrics = {"train.loss": weights[0]}
        seen.append(part.look(epoch, metrics, line, lambda: 0.0).get(METRIC[name]))
    return seen


def test_the_change_of_the_weights_is_the_length_of_the_way():
    assert looked("weight_change", [(0.0, 0.0), (3.0, 4.0), (3.0, 4.0)]) == [None, 5.0, 0.0]


def test_the_change_of_the_loss_has_no_sign():
    assert looked("loss_change", [(3.0, 0.0), (1.0, 0.0), (2.0, 0.0)]) == [None, 2.0, 1.0]


@pytest.mark.parametrize("name", ["weight_change", "loss_change"])
def test_what_lies_before_a_pause_is_no_change_of_an_epoch(name):
    assert looked(name, [(0.0, 0.0), None, (3.0, 0.0), (3.0, 0.0)]) == [None, None, 0.0]


def test_weights_that_came_since_are_not_compared():
    part = CATALOG["stopping"]["weight_change"]()
    part.look(1, {}, torch.nn.Linear(2, 1, bias=False), lambda: 0.0)
    assert part.look(2, {}, torch.nn.Linear(2, 1, bias=True), lambda: 0.0) == {}


def told(values, threshold, patience, name="gradient"):
    """Return the epoch at which it stops and what it says; None in `values` is an epoch without a number."""
    part = CATALOG["stopping"][name](threshold=threshold, patience=patience)
    for epoch, value in enumerate(values, 1):
        verdict = part.observe(epoch, {} if value is None else {METRIC[name]: value})
        if verdict.stop:
            return epoch, verdict.stop
    return None


@pytest.mark.parametrize(
    ("values", "patience", "epoch"),
    [
        ([0.5, 0.09, 0.08], 1, 2),
        ([0.5, 0.09, 0.2, 0.09, 0.08], 2, 5),
        ([None, 0.09, None, 0.09, 0.08], 2, 5),
        ([0.1, 0.1, 0.1], 1, None),
        ([math.nan, 0.0], 1, 2),
        ([math.nan] * 5, 1, None),
    ],
)
def test_it_stops_after_patience_epochs_in_a_row(values, patience, epoch):
    found = told(values, 0.1, patience)
    assert (found and found[0]) == epoch


def test_it_says_what_came_to_rest_with_numbers():
    assert told([1, 0.00512, 0.0042], 0.01, 2) == (
        3,
        "the norm of the gradient of the training loss is 0.0042, and was under 0.01 for 2 epochs in a row.",
    )
    assert told([1, 0.001], 0.01, 1, "weight_change")[1].startswith("the change of the weights in an epoch is 0.001,")
    assert told([1, 0.001], 0.01, 1, "loss_change")[1].endswith("and was under 0.01 for 1 epoch.")


@pytest.mark.parametrize("name", NAMES)
def test_looking_does_not_change_the_curve_and_stops_with_a_sentence(tmp_path, name):
    spec = with_fields(SMALL, probes=OFF, regularizers={"dropout": {"enabled": True}})
    plain = train(tmp_path / "plain", spec)
    looking = {name: {"enabled": True, "threshold": 1000.0, "patience": 2}}
    events = train(tmp_path / "looking", with_fields(spec, stopping=looking))
    seen = [one.metrics.get(METRIC[name]) for one in of_kind(events, Epoch)]
    assert len([one for one in seen if one is not None]) == 2
    assert curve(events).items() <= curve(plain).items()
    assert ended(events).reason.startswith("early stopping: the ")


def test_it_may_be_switched_on_while_it_trains(tmp_path):
    on = Change(id="on", target="stopping.gradient", field="enabled", value=True)
    wide = Change(id="wide", target="stopping.gradient", field="threshold", value=1000.0)
    once = Change(id="once", target="stopping.gradient", field="patience", value=1)
    events = train(tmp_path, with_fields(SMALL, probes=OFF), [wide, once, on])
    assert len(of_kind(events, Changed)) == 3
    assert ended(events).epoch == 1
