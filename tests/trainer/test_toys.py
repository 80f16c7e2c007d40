"""Toys whose points follow a formula, worked by hand without noise; and the kinds of problem that they stand for."""

import math

import pytest
import torch

from tests.training import of_kind, train
from trainer.catalog import CATALOG
from trainer.losses.labels_cross_entropy import LabelsCrossEntropy
from trainer.losses.share_cross_entropy import ShareCrossEntropy
from trainer.losses.share_mse import ShareMse
from trainer.plan import answer
from trainer.protocol import Epoch
from trainer.spec import Choice, RunSpec

TOYS = CATALOG["datasets"]


def test_moons_are_scikit_learns():
    from sklearn.datasets import make_moons

    table = TOYS["moons"](size=21, noise=0).load()
    points, labels = make_moons(21, shuffle=False)
    assert torch.allclose(table.inputs, torch.tensor(points).float(), atol=1e-6)
    assert table.targets.flatten().tolist() == labels.tolist()


def test_blobs_stand_on_a_circle():
    table = TOYS["blobs"](size=10, clouds=4, width=0).load()
    expected = [[5, 0], [0, 5], [-5, 0], [0, -5]]
    assert torch.allclose(table.inputs, torch.tensor([expected[n % 4] for n in range(10)]).float(), atol=1e-5)
    assert table.targets.tolist() == [0, 1, 2, 3, 0, 1, 2, 3, 0, 1]


def test_the_sine_wave_repeats_itself():
    table = TOYS["sine"](periods=2, noise=0).load()
    assert torch.allclose(table.targets, (4 * math.pi * table.inputs).sin(), atol=1e-5)


@pytest.mark.parametrize(
    ("degree", "of"), [(1, lambda x: x), (2, lambda x: 2 * x**2 - 1), (3, lambda x: 4 * x**3 - 3 * x)]
)
def test_the_polynomial_is_chebyshevs(degree, of):
    table = TOYS["polynomial"](degree=degree, noise=0).load()
    assert torch.allclose(table.targets, of(table.inputs), atol=1e-5)


def test_regions_are_read_off_the_points():
    table = TOYS["regions"](noise=0).load()
    x, y = table.inputs.unbind(1)
    assert torch.equal(table.targets, torch.stack([x**2 + y**2 <= 9, x > 0, y > x], 1).float())
    # of a square of 100 a disc of 28.3; halves of it the others
    assert table.targets.mean(0).tolist() == pytest.approx([0.283, 0.5, 0.5], abs=0.1)


def test_a_dose_is_answered_by_a_share():
    table = TOYS["dose"](size=4000, trials=10).load()
    a, b = table.inputs.unbind(1)
    assert set((table.targets * 10).round().flatten().tolist()) <= set(range(11))
    assert (table.targets.flatten() - (3 * a + 3 * b - 4 * a * b - 1).sigmoid()).mean().item() == pytest.approx(
        0, abs=0.02
    )


def test_several_labels_are_judged_by_the_label_and_by_the_sample():
    outputs = torch.tensor([[2.0, -1.0, 3.0], [-2.0, 1.0, -1.0]])
    targets = torch.tensor([[1.0, 0.0, 1.0], [1.0, 1.0, 0.0]])
    loss = LabelsCrossEntropy()
    found = {name: one.item() for name, one in loss.metrics(outputs, targets).items()}
    assert found == pytest.approx({"accuracy": 5 / 6, "exact": 1 / 2})
    signs = torch.tensor([1.0, -1.0, 1.0, 1.0, 1.0, -1.0])
    expected = sum(math.log1p(math.exp(-one)) for one in (outputs.flatten() * signs).tolist()) / 6
    assert loss(outputs, targets).item() == pytest.approx(expected, rel=1e-6)
    loss.smoothing = 0.2
    assert loss(torch.zeros(1, 3), targets[:1]).item() == pytest.approx(math.log(2))


@pytest.mark.parametrize("kind", [ShareCrossEntropy, ShareMse], ids=["cross-entropy", "mse"])
def test_shares_are_judged_after_the_sigmoid(kind):
    outputs, targets = torch.tensor([[0.0], [math.log(3)]]), torch.tensor([[0.25], [0.75]])
    found = kind().metrics(outputs, targets)  # the answers are 0.5 and 0.75
    assert (found["rmse"].item(), found["mae"].item()) == pytest.approx((0.25 / 2**0.5, 0.125))
    expected = {ShareMse: 0.25**2 / 2, ShareCrossEntropy: (math.log(2) + entropy(0.75)) / 2}
    assert kind()(outputs, targets).item() == pytest.approx(expected[kind], rel=1e-6)


def entropy(p):
    return -p * math.log(p) - (1 - p) * math.log(1 - p)


@pytest.mark.parametrize(
    ("dataset", "loss", "metrics"),
    [
        ("regions", "labels_cross_entropy", {"accuracy", "exact"}),
        ("dose", "share_cross_entropy", {"rmse", "mae"}),
        ("sine", "mse", {"rmse", "mae"}),
        ("blobs", "cross_entropy", {"accuracy"}),
    ],
)
def test_each_kind_of_problem_gets_its_loss_and_is_learned(tmp_path, dataset, loss, metrics):
    spec = RunSpec(
        dataset=Choice(name=dataset),
        model=Choice(name="mlp", params={"hidden": [16]}),
        optimizer=Choice(name="adam", params={"lr": 0.01}),
        training={"epochs": 15, "batch_size": 16},
    )
    plan = answer(spec.model_dump())["plan"]
    assert plan["problem"]["loss"] == loss
    assert metrics <= set(plan["problem"]["metrics"])
    epochs = of_kind(train(tmp_path, spec), Epoch)
    assert epochs[-1].metrics["validation.loss"] < epochs[0].metrics["validation.loss"]
    assert metrics <= {name.removeprefix("validation.") for name in epochs[0].metrics}
    assert RunSpec.read(answer(spec.model_dump())["spec"]).loss.name == loss
