"""One-cycle cycles the momentum against the learning rate, as torch does, and gives it back when it is gone."""

from unittest.mock import Mock

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

from tests.training import SMALL, curve, of_kind, train, with_fields
from trainer.assembly import assemble
from trainer.catalog import CATALOG
from trainer.loop import update
from trainer.protocol import Change, Measured, Swap
from trainer.run import Run
from trainer.schedules import Progress

STEPS = 120
OFF = {name: {"enabled": False} for name in CATALOG["probes"]}
CYCLE = {"name": "one_cycle"}


def torchs(optimizer, **facts):
    """Return the momentum, or beta1, of each step under torch's own schedule."""
    scheduler = lr_scheduler.OneCycleLR(optimizer, 0.5, STEPS, **facts)
    found = []
    for _ in range(STEPS):
        group = optimizer.param_groups[0]
        found.append(group["betas"][0] if "betas" in group else group["momentum"])
        optimizer.step()
        scheduler.step()
    return found


@pytest.mark.parametrize(
    ("params", "facts"),
    [
        ({}, {}),
        (
            {"rise": 0.45, "shape": "linear", "base_momentum": 0.7, "max_momentum": 0.99},
            {"pct_start": 0.45, "anneal_strategy": "linear", "base_momentum": 0.7, "max_momentum": 0.99},
        ),
    ],
)
@pytest.mark.parametrize("kind", [torch.optim.SGD, torch.optim.Adam])
def test_it_goes_as_torchs_does(params, facts, kind):
    weight = [torch.nn.Parameter(torch.zeros(1))]
    theirs = torchs(kind(weight, lr=0.1, **({"momentum": 0.9} if kind is torch.optim.SGD else {})), **facts)
    part = CATALOG["schedules"]["one_cycle"](**params)
    assert [part.momentum(Progress(step, STEPS, 10)) for step in range(STEPS)] == pytest.approx(theirs)


def momentums(events):
    """Return the series of the momentum as it was said."""
    found = [one for one in of_kind(events, Measured) if "optimizer.momentum" in one.columns]
    return np.concatenate([np.frombuffer(one.columns["optimizer.momentum"], "<f4") for one in found] or [[]])


def test_a_run_says_the_momentum_of_each_step(tmp_path):
    events = train(tmp_path, with_fields(SMALL, probes=OFF, schedule=CYCLE))
    part = CATALOG["schedules"]["one_cycle"]()
    expected = [part.momentum(Progress(step, 60, 20)) for step in range(60)]
    assert momentums(events) == pytest.approx(expected)


@pytest.mark.parametrize("optimizer", ["sgd", "adagrad", "lbfgs"])
def test_an_optimizer_without_momentum_stays_without(tmp_path, optimizer):
    fields = {"probes": OFF, "optimizer": {"name": optimizer}, "training": SMALL.training | {"epochs": 1}}
    cycled = train(tmp_path / "on", with_fields(SMALL, **fields, schedule=CYCLE))
    still = {"name": "one_cycle", "params": {"cycle_momentum": False}}
    assert curve(cycled) == curve(train(tmp_path / "off", with_fields(SMALL, **fields, schedule=still)))
    assert not len(momentums(cycled))


@pytest.mark.parametrize("name", sorted(CATALOG["optimizers"]))
def test_a_momentum_that_was_written_is_given_back(name):
    run = Run(SMALL, assemble(with_fields(SMALL, optimizer={"name": name})))

    def groups():
        return [{key: one for key, one in group.items() if key != "params"} for group in run.optimizer.param_groups]

    own = groups()
    run.assembly.optimizer.write_momentum(run.optimizer, 0.5)
    written = [group.get("betas", (group.get("momentum"),))[0] for group in groups()]
    assert set(written) == ({0.5} if run.assembly.optimizer.own_momentum or name in ("sgd", "rmsprop") else {None})
    run.leave_momentum()
    assert groups() == own


def test_when_the_schedule_is_gone_the_run_goes_on_as_if_it_had_not_been(tmp_path):
    swapped = [Swap(id="s", target="schedule", name="constant")]
    turned = [Change(id="c", target="schedule", field="cycle_momentum", value=False)]
    plain = train(tmp_path / "plain", with_fields(SMALL, probes=OFF))
    assert curve(train(tmp_path / "swapped", with_fields(SMALL, probes=OFF, schedule=CYCLE), swapped)) == curve(plain)
    off = {"name": "one_cycle", "params": {"cycle_momentum": False}}
    without = train(tmp_path / "without", with_fields(SMALL, probes=OFF, schedule=off))
    assert curve(train(tmp_path / "turned", with_fields(SMALL, probes=OFF, schedule=CYCLE), turned)) == curve(without)


def test_a_step_makes_no_tensor_of_a_number_of_python_which_would_wait_for_a_gpu(monkeypatch):
    spec = with_fields(SMALL, schedule=CYCLE)
    run, seen = Run(spec, assemble(spec)), []
    looker = Mock(numbers=lambda numbers, lr: seen.append(numbers))
    with monkeypatch.context() as patch:
        patch.setattr(torch, "tensor", Mock(side_effect=AssertionError("copied from the host")))
        update(run, *run.next_batch(), looker, None)
    assert seen[0]["optimizer.momentum"].dtype == torch.float32
    assert seen[0]["optimizer.momentum"].item() == pytest.approx(0.95)
