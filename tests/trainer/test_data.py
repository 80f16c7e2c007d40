"""Splits and scales: the same seed gives the same parts, and only the training part sets the scale."""

import pytest
import torch

from tests.tables import Given
from trainer.catalog import CATALOG
from trainer.data import fit, outline, prepare, split
from trainer.datasets import Dataset, Table
from trainer.datasets.digits import Digits
from trainer.datasets.spiral import Spiral
from trainer.datasets.wine import Wine

TOKENS = {"reviews"}  # whose inputs are names of words, and no amounts
KINDS = {"classes": torch.int64}  # all others are float32
SHAPES = {
    "digits": (1797, 1, 8, 8),
    "wine": (178, 13),
    "breast_cancer": (569, 30),
    "diabetes": (442, 10),
    **dict.fromkeys(("circle", "xor", "gauss", "spiral", "moons", "blobs", "regions"), (500, 2)),
    **dict.fromkeys(("sine", "polynomial"), (200, 1)),
    "dose": (400, 2),
    "waves": (1200, 1, 64),
    "voxels": (900, 1, 8, 8, 8),
    "reviews": (2000, 24),
}


HERE = sorted(name for name, kind in CATALOG["datasets"].items() if not kind.download and name != "own")


@pytest.mark.parametrize("name", HERE)
def test_a_data_set_is_what_it_says(name):
    dataset = CATALOG["datasets"][name]()
    table, again = dataset.load(), dataset.load()
    assert tuple(table.inputs.shape) == SHAPES[name]
    assert table.inputs.dtype == (torch.int64 if name in TOKENS else torch.float32)
    assert table.targets.dtype == KINDS.get(table.kind, torch.float32)
    assert table.targets.dim() == (1 if table.kind == "classes" else 2)
    assert torch.equal(table.inputs, again.inputs)
    assert torch.equal(table.targets, again.targets)
    if table.kind == "classes":
        assert set(table.targets.tolist()) == set(range(len(table.classes)))
    if table.kind == "binary":
        assert set(table.targets.flatten().tolist()) == {0.0, 1.0}
        assert len(table.classes) == 2
    if table.inputs.dim() == 2 and name not in TOKENS:
        assert len(table.features) == table.inputs.shape[1]


@pytest.mark.parametrize("name", HERE)
@pytest.mark.parametrize("scaling", Dataset.params["scaling"].choices)
def test_every_data_set_can_be_prepared(name, scaling):
    data = prepare(CATALOG["datasets"][name](scaling=scaling), "cpu")
    assert data.counts["train"] > data.counts["validation"] > 0
    assert sum(data.counts.values()) == SHAPES[name][0]
    assert data.shape == SHAPES[name][1:]
    assert torch.isfinite(data.train.inputs).all()
    if name in TOKENS:
        assert set(data.train.inputs.unique().tolist()) == set(range(data.tokens))
        return
    assert data.tokens == 0
    if scaling == "unit":
        assert (data.train.inputs.min().item(), data.train.inputs.max().item()) == pytest.approx((0, 1))
    if scaling == "symmetric":
        assert (data.train.inputs.min().item(), data.train.inputs.max().item()) == pytest.approx((-1, 1))
    if scaling == "standard":
        assert data.train.inputs.mean().item() == pytest.approx(0, abs=1e-4)
        assert data.train.inputs.std(correction=0).item() == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("name", HERE)
def test_an_outline_says_of_a_data_set_what_is_true_of_it(name):
    kind = CATALOG["datasets"][name]
    data, told = prepare(kind(samples=20), "cpu"), outline(kind(samples=20))
    assert (told.counts, told.shape, told.outputs, told.kind) == (data.counts, data.shape, data.outputs, data.kind)
    assert (told.classes, told.features, told.nbytes) == (data.classes, data.features, data.nbytes)
    assert told.train.inputs.is_meta
    assert data.kind in ("number", "share") or torch.equal(told.train.targets, data.train.targets)


def test_the_same_seed_gives_the_same_parts_and_another_seed_others():
    rows = [split(Digits().load(), Digits(split_seed=seed)) for seed in (0, 0, 1)]
    assert all(torch.equal(one, other) for one, other in zip(rows[0], rows[1], strict=True))
    assert not torch.equal(rows[0][0], rows[2][0])


def test_every_sample_is_in_exactly_one_part():
    rows = torch.cat(split(Wine().load(), Wine(validation=0.3, test=0.2)))
    assert rows.sort().values.tolist() == list(range(178))


@pytest.mark.parametrize("sizes", [[50, 30, 20], [500, 7, 3], [101, 99], [3, 3, 3, 3, 3]])
def test_every_part_has_every_class_within_one_sample_of_its_share(sizes):
    dataset = Given(sizes=sizes, validation=0.2, test=0.1)
    table = dataset.load()
    for share, rows in zip((0.7, 0.2, 0.1), split(table, dataset), strict=True):
        found = torch.bincount(table.targets[rows], minlength=len(sizes))
        for size, count in zip(sizes, found.tolist(), strict=True):
            assert count >= 1
            assert abs(count - size * share) < 2, (sizes, share, found)


def test_parts_are_not_sorted_by_class():
    data = prepare(Digits(), "cpu")
    assert (data.train.targets[1:] < data.train.targets[:-1]).float().mean() > 0.3


def test_a_part_may_be_left_out():
    data = prepare(Digits(validation=0, test=0), "cpu")
    assert data.counts == {"train": 1797, "validation": 0, "test": 0}
    assert data.validation.inputs.shape == (0, 1, 8, 8)


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"sizes": [5, 5], "validation": 0.5, "test": 0.5}, "class 'c0' has 5 samples, .* training none"),
        ({"sizes": [90, 2], "validation": 0.2, "test": 0.2}, "class 'c1' has 2 samples"),
        ({"sizes": [10], "stratified": False, "validation": 0.5, "test": 0.5}, "the train part would be empty"),
        ({"sizes": [10], "stratified": False, "validation": 0.01}, "the validation part would be empty"),
    ],
)
def test_a_part_that_cannot_be_filled_is_refused_in_words(params, told):
    with pytest.raises(ValueError, match=told):
        prepare(Given(**params), "cpu")


def test_an_input_that_is_not_a_number_is_refused():
    dataset = Given()
    dataset.table = Table(torch.tensor([[1.0], [float("nan")]]), torch.tensor([0, 1]), "classes", ["a", "b"])
    with pytest.raises(ValueError, match="NaN or infinite"):
        prepare(dataset, "cpu")


def test_the_scale_comes_from_the_training_part_only():
    plain = Given(scaling="standard", sizes=[60, 40])
    table = plain.load()
    train, validation, test = split(table, plain)
    shifted = table.inputs.clone()
    shifted[validation] += 1e6
    shifted[test] -= 1e6
    moved = Given(scaling="standard", sizes=[60, 40])
    moved.table = Table(shifted, table.targets, "classes", table.classes)
    assert torch.equal(prepare(plain, "cpu").train.inputs, prepare(moved, "cpu").train.inputs)
    train_mean = table.inputs[train].double().mean()
    train_std = table.inputs[train].double().std(correction=0)
    expected = ((shifted[test].double() - train_mean) / train_std).float()
    assert torch.equal(prepare(moved, "cpu").test.inputs, expected)


@pytest.mark.parametrize("scaling", ["unit", "symmetric", "standard"])
@pytest.mark.parametrize("constant", [0.0, 0.1, 1e30, -7.3])
def test_a_feature_that_does_not_vary_becomes_zero(scaling, constant):
    inputs = torch.stack([torch.full((7,), constant), torch.arange(7.0)], dim=1)
    scaled = fit(inputs, scaling)(inputs)
    assert (scaled[:, 0] == 0).all()
    assert scaled[:, 1].std() > 0


def test_all_pixels_of_an_image_are_scaled_alike():
    data = prepare(Digits(scaling="unit"), "cpu")
    table = Digits().load()
    train = split(table, Digits())[0]
    assert torch.allclose(data.train.inputs, table.inputs[train] / 16)


def test_the_target_of_diabetes_is_standardized_on_the_training_part_unless_told_not_to():
    kind = CATALOG["datasets"]["diabetes"]
    scaled, plain = prepare(kind(), "cpu"), prepare(kind(scale_target=False), "cpu")
    assert scaled.train.targets.mean().item() == pytest.approx(0, abs=1e-5)
    assert plain.train.targets.max() > 300
    assert scaled.outputs == plain.outputs == 1


@pytest.mark.parametrize("name", ["circle", "xor", "gauss", "spiral"])
def test_a_toy_has_the_size_asked_for_and_both_classes(name):
    kind = CATALOG["datasets"][name]
    table = kind(size=101, noise=0, seed=3).load()
    assert len(table.targets) == 101
    assert 35 < table.targets.sum() < 66
    assert not torch.equal(kind(size=101, seed=3).load().inputs, kind(size=101, seed=4).load().inputs)


def test_the_spiral_is_the_playgrounds():
    # classifySpiralData: r = i / n * 5, t = 1.75 * i / n * 2 pi, point i = 100 of n = 250
    point = Spiral(size=500, noise=0).load().inputs[100]
    assert point.tolist() == pytest.approx([2 * -0.9510565, 2 * -0.3090170], abs=1e-4)
