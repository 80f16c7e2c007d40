"""Sharpness: on quadratics whose numbers are known by hand, and on runs against another way to them."""

from pathlib import Path

import pytest
import torch

from tests.trainer.test_members import outputs_of, trained
from trainer.finished import take_up
from trainer.sharpness import answer, answer_between, barrier, between, box, top_curvature


def bowl(*curvatures):
    """Return f(w) = 1/2 sum of c_i w_i^2."""
    return lambda weights: (torch.tensor(curvatures, dtype=weights.dtype) * weights**2).sum() / 2


def at(*weights):
    return torch.tensor(weights, dtype=torch.float64)


@pytest.mark.parametrize(
    ("weights", "percent"),
    [
        # both widths are 0.1: f goes from 0 to (4 + 1) 0.01 / 2 at a corner
        ((0.0, 0.0), 2.5),
        # widths 0.2 and 0.1: f goes from 2 to (4 x 1.44 + 0.01) / 2 = 2.885
        ((1.0, 0.0), 100 * 0.885 / 3),
        # the second weight's width is 0.1 (|-3| + 1) = 0.4: f goes from 4.5 to (4 x 0.01 + 3.4^2) / 2 = 5.8
        ((0.0, -3.0), 100 * 1.3 / 5.5),
    ],
)
def test_the_box_of_a_quadratic_is_highest_at_a_corner(weights, percent):
    assert box(bowl(4.0, 1.0), at(*weights), 0.1) == pytest.approx(percent, rel=1e-9)


def test_the_box_grows_with_the_square_of_its_size_at_a_minimum():
    small, large = (box(bowl(4.0, 1.0), at(0.0, 0.0), epsilon) for epsilon in (1e-3, 1e-2))
    assert large / small == pytest.approx(100)


@pytest.mark.parametrize("curvatures", [(4.0, 1.0, 0.5), (1.0, -6.0, 0.0), (0.0, 0.0)])
def test_the_top_curvature_is_the_eigenvalue_that_is_largest_in_size(curvatures):
    height = bowl(*curvatures)
    found = top_curvature(height, at(*(1.0 for _ in curvatures)))
    assert found == pytest.approx(max(curvatures, key=abs), rel=5e-3)


def test_a_loss_that_is_not_finite_has_no_curvature():
    with pytest.raises(ArithmeticError, match="not finite"):
        top_curvature(lambda weights: (weights.log() ** 2).sum(), at(-1.0, 1.0))


def test_a_barrier_is_over_the_higher_end():
    heights = between(lambda share: torch.tensor(share + (1.0 if 0 < share < 1 else 0.0)))
    assert (heights[0], heights[-1]) == (0, 1)
    assert barrier(heights) == pytest.approx(0.95)
    assert barrier([2.0, 1.0, 0.5]) == 0


def asked(folder: Path, fact: str, epsilon: float | None = None, samples: int = 10_000):
    return answer({"run": str(folder), "samples": samples, "fact": fact, "epsilon": epsilon})


def test_the_hessian_of_a_linear_network_is_that_of_least_squares(tmp_path):
    """MSE of inputs X with a column of ones for the bias: the Hessian is 2 X'X / n wherever one stands."""
    folder = trained(tmp_path / "run", dataset={"name": "diabetes"}, model={"name": "mlp", "params": {"hidden": []}})
    inputs = take_up(folder, {}).data.train.inputs.double()
    with_ones = torch.cat([inputs, torch.ones(len(inputs), 1, dtype=torch.float64)], 1)
    wanted = torch.linalg.eigvalsh(2 * with_ones.T @ with_ones / len(inputs))[-1]
    assert asked(folder, "hessian")["value"] == pytest.approx(float(wanted), rel=0.01)


@pytest.fixture(scope="module")
def normed(tmp_path_factory) -> list[Path]:
    base = tmp_path_factory.mktemp("normed")
    switched = {"batch_norm": {"enabled": True}, "dropout": {"enabled": True, "rate": 0.2}, "l2": {"enabled": True}}
    return [trained(base / str(seed), seed=seed, regularizers=switched) for seed in (1, 2)]


def test_the_loss_is_that_of_the_training_part_in_evaluation_mode_without_penalties(normed):
    outputs, targets = outputs_of(normed[0], "train")
    plain = torch.nn.functional.cross_entropy(outputs, targets)
    assert asked(normed[0], "loss")["value"] == pytest.approx(float(plain), rel=1e-5)
    few = torch.nn.functional.cross_entropy(outputs[:100], targets[:100])
    assert asked(normed[0], "loss", samples=100)["value"] == pytest.approx(float(few), rel=1e-5)


def test_a_larger_box_is_at_least_as_sharp_and_the_same_each_time(normed):
    small, large = (asked(normed[0], "box", epsilon)["value"] for epsilon in (5e-4, 1e-3))
    assert 0 < small < large
    assert asked(normed[0], "box", 1e-3)["value"] == large


def test_the_line_between_two_runs_has_their_losses_at_its_ends(normed):
    request = {"runs": [str(one) for one in normed], "samples": 10_000}
    told = answer_between(request)
    ends = [asked(one, "loss")["value"] for one in normed]
    assert (told["heights"][0], told["heights"][-1]) == pytest.approx(ends, rel=1e-5)
    assert told["barrier"] == pytest.approx(max(told["heights"]) - max(ends), rel=1e-4)
    assert told["barrier"] > 0  # two seeds lie in two valleys
    same = answer_between(request | {"runs": [str(normed[0])] * 2})
    assert same["barrier"] == pytest.approx(0, abs=1e-6)


def test_what_cannot_be_measured_is_said_in_words(tmp_path, normed):
    (tmp_path / "empty").mkdir()
    assert "no whole checkpoint" in asked(tmp_path / "empty", "loss")["problems"][0]["message"]
    other = trained(tmp_path / "other", dataset={"name": "wine"})
    told = answer_between({"runs": [str(normed[0]), str(other)], "samples": 100})
    assert "different networks" in told["problems"][0]["message"]
