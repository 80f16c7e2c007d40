"""How an epoch is cut into batches: each sample once, in a new order, or drawn with replacement."""

import pytest
import torch

from tests.training import SMALL, with_fields
from trainer import run as running
from trainer.assembly import assemble
from trainer.run import Run


def run_of(**training):
    """Return a run on 13 samples whose inputs are all different."""
    dataset = {"name": "circle", "params": {"size": 19, "stratified": False}}
    spec = with_fields(SMALL, dataset=dataset, training={"batch_size": 4, **training})
    return Run(spec, assemble(spec))


def epoch(run):
    """Return the batches of one epoch."""
    batches = []
    while True:
        batches.append(run.next_batch()[0])
        if run.epoch_ended():
            return batches


def rows(run, batches):
    """Return which sample of the training part each one in the batches is."""
    known = run.data.train.inputs
    return [int((known == one).all(1).nonzero()) for one in torch.cat(batches)]


def test_an_epoch_has_every_sample_once_in_an_order_that_is_new_each_time():
    run = run_of()
    first, second = epoch(run), epoch(run)
    assert [len(batch) for batch in first] == [4, 4, 4, 1]
    assert sorted(rows(run, first)) == sorted(rows(run, second)) == list(range(13))
    assert rows(run, first) != rows(run, second)


def test_without_shuffling_the_order_is_the_data_sets():
    run = run_of(shuffle=False)
    assert rows(run, epoch(run)) == rows(run, epoch(run)) == list(range(13))


def test_with_replacement_all_batches_are_full_and_some_samples_come_twice():
    run = run_of(replacement=True)
    batches = [epoch(run) for _ in range(400)]
    assert all([len(batch) for batch in one] == [4, 4, 4, 4] for one in batches)
    assert len(set(rows(run, batches[0]))) < 16
    counts = torch.bincount(torch.tensor(rows(run, [batch for one in batches for batch in one])), minlength=13)
    # 6,400 draws of 13: 492 each, give or take 5 deviations of 21
    assert (counts - 6400 / 13).abs().max() < 107


@pytest.mark.parametrize("size", [1, 13])
def test_a_batch_may_be_one_sample_or_all_of_them(size):
    run = run_of(batch_size=size)
    assert [len(batch) for batch in epoch(run)] == [size] * (13 // size)


def test_large_batches_are_not_gathered_sixteen_at_once(monkeypatch):
    plain = epoch(run_of())
    monkeypatch.setattr(running, "GATHERED_NUMBERS", 16)  # two batches of 4 samples with 2 features
    few = run_of()
    assert all(torch.equal(one, other) for one, other in zip(plain, epoch(few), strict=True))
    few.next_batch()
    assert len(few._gathered) == 1
