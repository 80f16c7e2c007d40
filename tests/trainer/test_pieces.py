"""Whoever runs a network over a whole part of the data takes pieces that fit into memory."""

import pytest
import torch

from tests.training import SMALL, with_fields
from trainer import ensemble, members
from trainer.assembly import assemble
from trainer.evaluate import evaluate
from trainer.run import Run
from trainer.slope import gradient_norm


def judged(run):
    return evaluate(run.network, run.judge, run.data.train, lambda: None)


def descended(run):
    return gradient_norm(run, lambda: None)


def averaged(run):
    return ensemble.judge(2, run.network, run.judge, run.data.train, lambda: None)


def predicted(run):
    with torch.no_grad():
        return members._predictions(run.network, run.judge, run.data.train)


@pytest.mark.parametrize("over_all", [judged, descended, averaged, predicted])
def test_samples_of_many_numbers_come_a_few_at_a_time(over_all, monkeypatch):
    run = Run(SMALL, assemble(with_fields(SMALL)))
    monkeypatch.setattr("trainer.evaluate.NUMBERS_AT_ONCE", 64 * 100)
    seen = []
    run.network.register_forward_pre_hook(lambda network, given: seen.append(len(given[0])))
    over_all(run)
    assert max(seen) == 100
