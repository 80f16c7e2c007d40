"""Wrong labels and shifted test data: as many as asked for, as far as asked for, and nothing else."""

import pytest
import torch

from tests.tables import Given, of
from trainer.component import ParameterError
from trainer.data import prepare
from trainer.datasets import Table
from trainer.stored import Bags

PLAIN = {"sizes": [500, 300, 200], "scaling": "none"}


def labels(**params):
    data = prepare(Given(**PLAIN | params), "cpu")
    return data.train.targets, data.validation.targets, data.test.targets


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_a_share_of_the_training_labels_is_drawn_anew_among_all_classes(share):
    right, *others = labels()
    wrong, *untouched = labels(label_noise=share)
    assert all(torch.equal(one, other) for one, other in zip(others, untouched, strict=True))
    # of three classes a third is right by chance: 2 / 3 of 700 x share differ, give or take 4 deviations
    count = 700 * share
    assert abs((wrong != right).sum().item() - count * 2 / 3) < 4 * (count * 2 / 9) ** 0.5
    assert torch.equal(wrong, labels(label_noise=share)[0])
    assert not torch.equal(wrong, labels(label_noise=share, split_seed=1)[0])


def test_labels_that_are_all_drawn_anew_say_nothing_of_the_inputs():
    data = prepare(Given(sizes=[1000, 1000], label_noise=1.0, scaling="none"), "cpu")
    counts = torch.bincount(data.train.targets[data.train.inputs.flatten() < 1000])
    assert abs(counts[0] / counts.sum() - 0.5) < 0.07  # 4 deviations of 700 throws


def test_a_sample_that_a_bootstrap_has_twice_has_one_label():
    data = prepare(Given(**PLAIN, label_noise=0.5, bootstrap=1), "cpu")
    said = {}
    for value, label in zip(data.train.inputs.flatten().tolist(), data.train.targets.tolist(), strict=True):
        assert said.setdefault(value, label) == label


def test_numbers_are_dealt_out_anew_among_those_that_were_picked():
    table = Table(torch.arange(100.0).unsqueeze(1), torch.arange(100.0).unsqueeze(1), "number", features=["x"])
    data = prepare(of(table, label_noise=0.3, scaling="none"), "cpu")
    inputs, targets = data.train.inputs.flatten(), data.train.targets.flatten()
    assert sorted(targets.tolist()) == sorted(inputs.tolist())
    assert 15 <= (inputs != targets).sum() <= 21  # 30 % of 70, of which a few fall back on their own place


def test_the_test_part_alone_moves_by_deviations_of_the_training_part():
    plain, moved = (prepare(Given(sizes=[60, 40], test_shift=shift), "cpu") for shift in (0.0, 2.0))
    assert torch.equal(plain.train.inputs, moved.train.inputs)
    assert torch.equal(plain.validation.inputs, moved.validation.inputs)
    assert torch.allclose((moved.test.inputs - plain.test.inputs).abs(), torch.tensor(2.0), atol=1e-6)


def test_each_feature_has_a_direction_of_its_own_and_what_is_constant_stays():
    inputs = torch.rand(200, 20, generator=torch.Generator().manual_seed(1)) * torch.arange(20)
    table = Table(inputs, torch.arange(200) % 2, "classes", ["a", "b"], [f"x{i}" for i in range(20)])
    plain, moved = (prepare(of(table, test_shift=shift, scaling="none"), "cpu") for shift in (0.0, 1.0))
    steps = moved.test.inputs - plain.test.inputs
    assert torch.allclose(steps, steps[0].expand_as(steps), atol=1e-5)
    assert steps[0, 0] == 0
    deviations = plain.train.inputs.std(0, correction=0)
    assert torch.allclose(steps[0].abs(), deviations, atol=1e-5)
    assert {1, -1} == set(steps[0, 1:].sign().tolist())


@pytest.mark.parametrize("kind", [torch.float32, torch.uint8])
def test_images_grow_brighter(kind):
    images = torch.randint(0, 256, (40, 1, 4, 4), generator=torch.Generator().manual_seed(2)).to(kind)
    table = Table(images, torch.arange(40) % 2, "classes", ["a", "b"])
    plain, moved = (prepare(of(table, test_shift=shift), "cpu") for shift in (0.0, 0.5))
    assert torch.allclose(moved.test.inputs[:] - plain.test.inputs[:], torch.tensor(0.5), atol=1e-5)
    assert torch.equal(moved.train.inputs[:], plain.train.inputs[:])


def test_words_do_not_shift():
    bags = Bags.of([torch.tensor([0])] * 40, 3)
    for table in (
        Table(bags, torch.arange(40) % 2, "classes", ["a", "b"]),
        Table(torch.ones(40, 3).long(), torch.arange(40) % 2, "classes", ["a", "b"], tokens=2),
    ):
        with pytest.raises(ParameterError, match="no size that could shift"):
            prepare(of(table, test_shift=1), "cpu")
