"""Inputs that say nothing: as many as there are, by one law in every part, and no other number moves for them."""

import pytest
import torch

from tests.tables import Given, of
from trainer.component import ParameterError
from trainer.data import PARTS, outline, prepare
from trainer.datasets import Table
from trainer.stored import Bags, Beside

IMAGES = torch.randint(0, 256, (400, 1, 6, 6), generator=torch.Generator().manual_seed(3))
TABLES = {
    "table": torch.rand(400, 3, generator=torch.Generator().manual_seed(4)),
    "signals": torch.rand(400, 2, 9, generator=torch.Generator().manual_seed(5)),
    "images": IMAGES.float(),
    "bytes": IMAGES.to(torch.uint8),
}


def data(kind, **params):
    inputs = TABLES[kind]
    names = ["a", "b", "c"] if inputs.dim() == 2 else []
    return prepare(of(Table(inputs, torch.arange(400) % 2, "classes", ["no", "yes"], names), **params), "cpu")


def inputs(found):
    return {name: getattr(found, name).inputs[:] for name in PARTS}


@pytest.mark.parametrize("kind", TABLES)
def test_what_was_there_stays_bit_for_bit_and_stands_first(kind):
    plain = inputs(data(kind))
    width = TABLES[kind].shape[1]
    for extra in ("zeros", "noise"):
        for name, found in inputs(data(kind, extra=extra)).items():
            assert found.shape[1] == 2 * width
            assert torch.equal(found[:, :width], plain[name])


@pytest.mark.parametrize("kind", TABLES)
def test_zeros_are_zeros_and_noise_is_even_from_0_to_1_in_every_part(kind):
    width = TABLES[kind].shape[1]
    for found in inputs(data(kind, extra="zeros", validation=0.3, test=0.3)).values():
        assert not found[:, width:].any()
    for found in inputs(data(kind, extra="noise", validation=0.3, test=0.3)).values():
        noise = found[:, width:].flatten()
        # the mean of n even numbers is 1/2, give or take 1 / sqrt(12 n); 5 of these deviations
        assert abs(noise.mean() - 0.5) < 5 / (12 * len(noise)) ** 0.5
        assert abs(noise.std() - 12**-0.5) < 0.03
        assert 0 <= noise.min() < 0.05
        assert 0.95 < noise.max() <= 1
        assert len(found[:, width:].unique(dim=0)) == len(found), "each sample has noise of its own"


@pytest.mark.parametrize("kind", ["table", "bytes"])
def test_noise_belongs_to_the_sample_and_to_the_seed_of_the_split(kind):
    found = inputs(data(kind, extra="noise"))
    assert torch.equal(found["train"], inputs(data(kind, extra="noise"))["train"])
    width = TABLES[kind].shape[1]
    other = inputs(data(kind, extra="noise", split_seed=1))["train"]
    assert not torch.equal(found["train"][:, width:], other[:, width:])
    whole, fewer = (inputs(data(kind, extra="noise", scaling="none", samples=n))["train"] for n in (0, 50))
    assert {str(one.tolist()) for one in fewer} < {str(one.tolist()) for one in whole}
    twice = inputs(data(kind, extra="noise", bootstrap=1))["train"]
    assert len(twice.unique(dim=0)) == len(twice[:, :width].unique(dim=0)) < len(twice)


def test_a_test_part_that_moves_leaves_the_noise_in_its_place():
    plain, moved = (inputs(data("table", extra="noise", test_shift=shift))["test"] for shift in (0.0, 2.0))
    assert torch.allclose((moved - plain)[:, :3].abs(), torch.tensor(2.0), atol=1e-5)
    assert torch.equal(moved[:, 3:], plain[:, 3:])


def test_bytes_stay_bytes():
    found = data("bytes", extra="noise").train.inputs
    assert isinstance(found, Beside)
    assert found.nbytes == 2 * 36 * len(found)
    rows = torch.tensor([5, 0, 5])
    assert torch.equal(found[rows], found[:][rows])
    assert torch.equal(found.take(rows)[:], found[:][rows])
    assert torch.equal(torch.cat(list(found.split(64))), found[:])


@pytest.mark.parametrize("kind", TABLES)
def test_an_outline_has_their_shape_and_their_names(kind):
    names = ["a", "b", "c"] if kind == "table" else []
    table = Table(TABLES[kind], torch.arange(400) % 2, "classes", ["no", "yes"], names)
    for extra in ("none", "zeros", "noise"):
        told, real = (make(of(table, extra=extra)) for make in (outline, lambda one: prepare(one, "cpu")))
        assert (told.shape, told.counts, told.features) == (real.shape, real.counts, real.features)
    assert real.features == [*names, *(f"noise {name}" for name in names)]


def test_a_category_has_noise_for_each_of_its_values():
    table = Table(
        torch.tensor([[1.0, 0], [2, 1], [3, 2], [4, 1]] * 10), torch.arange(40) % 2, "classes", ["no", "yes"],
        ["size", "port"], categories={1: ["a", "b", "c"]},
    )  # fmt: skip
    found = prepare(of(table, extra="noise"), "cpu")
    assert found.shape == outline(of(table, extra="noise")).shape == (8,)
    assert found.features[4:] == ["noise size", "noise port a", "noise port b", "noise port c"]


def test_words_have_nothing_beside_them():
    bags = Bags.of([torch.tensor([0])] * 40, 3)
    for table in (
        Table(bags, torch.arange(40) % 2, "classes", ["a", "b"]),
        Table(torch.ones(40, 3).long(), torch.arange(40) % 2, "classes", ["a", "b"], tokens=2),
    ):
        for make in (outline, lambda one: prepare(one, "cpu")):
            with pytest.raises(ParameterError, match="beside which there is nothing to put"):
                make(of(table, extra="noise"))


def test_none_is_what_it_always_was():
    plain, none = (prepare(Given(**params), "cpu") for params in ({}, {"extra": "none"}))
    assert torch.equal(plain.train.inputs, none.train.inputs)
    assert plain.shape == none.shape == (1,)
