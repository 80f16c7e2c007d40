"""Scales, worked by hand, and against NumPy; what they are learned from, and the leak that one may ask for."""

import numpy as np
import pytest
import torch

from tests.tables import Given, of
from trainer.data import prepare
from trainer.datasets import Table
from trainer.scaling import deviation, fit
from trainer.splits import split

CHANCE = torch.Generator().manual_seed(0)
IMAGES = torch.randint(0, 256, (40, 1, 5, 6), dtype=torch.uint8, generator=CHANCE)
IMAGES[:, :, 0] = 0  # a margin
IMAGES[3, 0, 0, 0] = 1  # where there is hardly ever anything


def test_robust_is_the_median_and_the_middle_half():
    inputs = torch.tensor([[1.0], [2.0], [3.0], [4.0], [100.0]])
    # quartiles 2, 3, 4
    assert fit(inputs, "robust")(inputs).flatten().tolist() == [-1, -0.5, 0, 0.5, 48.5]


def test_robust_falls_back_on_the_deviation_where_half_of_the_values_are_the_same():
    inputs = torch.tensor([[0.0], [0.0], [0.0], [0.0], [10.0]])
    # median 0, deviation 4
    assert fit(inputs, "robust")(inputs).flatten().tolist() == [0, 0, 0, 0, 2.5]


@pytest.mark.parametrize("count", [1, 2, 4, 7, 10])
def test_quartiles_are_numpys(count):
    inputs = torch.rand(count, 3, generator=CHANCE) * 9
    low, median, high = np.quantile(inputs.double().numpy(), [0.25, 0.5, 0.75], axis=0)
    scale = fit(inputs, "robust")
    varies = high > low
    assert scale.shift.numpy()[varies] == pytest.approx(median[varies], rel=1e-12)
    assert scale.width.numpy()[varies] == pytest.approx((high - low)[varies], rel=1e-12)


def test_rows_have_length_one_each_and_nothing_stays_nothing():
    inputs = torch.tensor([[3.0, 4.0], [0.0, 0.0], [-5.0, 12.0]])
    scaled = fit(inputs, "rows")(inputs)
    assert scaled.flatten().tolist() == pytest.approx([0.6, 0.8, 0, 0, -5 / 13, 12 / 13])
    assert fit(IMAGES, "rows")(IMAGES).flatten(1).norm(dim=1).tolist() == pytest.approx([1.0] * 40)


@pytest.mark.parametrize("scaling", ["none", "unit", "symmetric", "standard", "standard_pixels", "robust", "rows"])
def test_bytes_of_images_are_scaled_as_floats_are(scaling):
    floats = IMAGES.float()
    wanted = fit(floats, scaling)(floats)
    counted = fit(IMAGES, scaling)
    assert torch.allclose(counted(floats), wanted, rtol=0, atol=1e-6)
    assert torch.allclose(counted.single()(floats), wanted, rtol=0, atol=1e-5)
    assert deviation(IMAGES).item() == pytest.approx(floats.std(correction=0).item(), rel=1e-6)


@pytest.mark.parametrize("count", [1, 2, 5, 8, 11])
def test_quartiles_of_counted_bytes_are_numpys(count):
    some = IMAGES[:1, :, 1:3].flatten()[:count].reshape(1, 1, 1, count)
    low, median, high = np.quantile(some.numpy(), [0.25, 0.5, 0.75])
    scale = fit(some, "robust")
    if high > low:
        assert (scale.shift.item(), scale.width.item()) == pytest.approx((median, high - low))


def test_a_pixel_by_itself_that_hardly_varies_is_not_blown_up():
    scaled = fit(IMAGES, "standard_pixels")(IMAGES.float())
    values = IMAGES.double()
    expected = (values - values.mean(0)) / values.std(0, correction=0).clamp(min=1.0)  # the range is 255: 255 / 255
    assert torch.allclose(scaled[:, :, 1:], expected[:, :, 1:].float(), atol=1e-6)
    assert scaled[3, 0, 0, 0].item() == pytest.approx(1 - 1 / 40)
    assert (scaled[:, 0, 0, 1:] == 0).all()


def test_scales_learned_from_all_samples_know_the_validation_and_test_part():
    honest = prepare(Given(sizes=[60, 40]), "cpu")
    leaking = prepare(Given(sizes=[60, 40], scaling_fit="all"), "cpu")
    inputs, rows = torch.arange(100).double(), split(Given(sizes=[60, 40]).load(), Given(sizes=[60, 40]))
    expected = ((inputs[rows[0]] - inputs.mean()) / inputs.std(correction=0)).float()
    assert torch.allclose(leaking.train.inputs.flatten(), expected)
    assert not torch.equal(leaking.train.inputs, honest.train.inputs)


def test_images_stay_bytes_until_they_are_picked():
    table = Table(IMAGES, torch.arange(40) % 2, "classes", ["even", "odd"], test_from=30)
    data = prepare(of(table, split="given", scaling="unit"), "cpu")
    assert data.nbytes == IMAGES.numel()
    picked = data.train.inputs[torch.tensor([3, 3, 0])]
    assert torch.equal(picked, IMAGES[torch.tensor([3, 3, 0])] / torch.tensor(255.0))
    assert torch.equal(torch.cat(list(data.test.inputs.split(4))), IMAGES[30:] / torch.tensor(255.0))
