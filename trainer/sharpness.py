"""How sharp the minimum is in which a run ended, and how high the ground is between two of them.

All of it is of the loss on the first so many training samples, without penalties and in evaluation mode: so batch
normalization uses its moving averages, as it does when it is judged. A network may be rescaled so that it computes the
same and these numbers differ (Dinh et al. 2017, https://arxiv.org/abs/1703.04933): they compare like with like only.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from trainer.data import Data
from trainer.finished import Ended, NotThere, take_up
from trainer.manifest import Unsound

Height = Callable[[Tensor], Tensor]  # weights (n,) -> loss, a scalar
CLIMBS = 20  # steps of the climb inside the box
ROUNDS = 50  # products with the Hessian, at most
STEADY = 1e-3  # of the eigenvalue: it changes no more
PLACES = 21  # on the line between two solutions, both ends with it


def box(height: Height, weights: Tensor, epsilon: float) -> float:
    """Return by how much the loss f can rise inside a box about the weights w, in per cent: 100 (max f - f) / (1 + f).

    |y_i| <= epsilon (|w_i| + 1). Climbs by the signs of the gradient, from a point of the box drawn by chance that is
    the same each time, and stays inside. What it finds is a lower bound of the maximum.

    Source: Keskar et al. 2017, On large-batch training for deep learning, https://arxiv.org/abs/1609.04836, with
    projected sign steps in place of L-BFGS-B.
    """
    width = epsilon * (weights.abs() + 1)
    chance = torch.Generator().manual_seed(0)
    away = width * (2 * torch.rand(weights.shape, generator=chance, dtype=weights.dtype) - 1)
    flat = highest = float(height(weights).detach())
    for _ in range(CLIMBS):
        place = (weights + away).detach().requires_grad_()
        here = height(place)
        highest = max(highest, float(here.detach()))
        (slope,) = torch.autograd.grad(here, place)
        away = (away + width * (2.5 / CLIMBS) * slope.sign()).clamp(-width, width)
    highest = max(highest, float(height(weights + away).detach()))
    return 100 * (highest - flat) / (1 + flat)


def top_curvature(height: Height, weights: Tensor) -> float:
    """Return the eigenvalue of the Hessian that is largest in size, by power iteration: the loss per squared weight.

    The Hessian is never built: a product with it is the gradient of the gradient along a direction.

    Raises:
        ArithmeticError: the loss or its gradient is not finite.

    Source: Golub & Van Loan, Matrix Computations, 4th ed., section 7.3.1; Pearlmutter 1994, Fast exact multiplication
    by the Hessian, https://doi.org/10.1162/neco.1994.6.1.147
    """
    place = weights.detach().requires_grad_()
    (slope,) = torch.autograd.grad(height(place), place, create_graph=True)
    direction = torch.randn(weights.shape, generator=torch.Generator().manual_seed(0), dtype=weights.dtype)
    direction /= direction.norm()
    value = 0.0
    for _ in range(ROUNDS):
        (product,) = torch.autograd.grad(slope, place, direction, retain_graph=True)
        before, value = value, float((direction @ product).detach())
        size = product.norm().detach()
        if not math.isfinite(value) or not math.isfinite(float(size)):
            raise ArithmeticError("the Hessian of this network is not finite")
        if size == 0 or abs(value - before) <= STEADY * abs(value):
            return value
        direction = product / size
    return value


def between(height: Callable[[float], Tensor]) -> list[float]:
    """Return the loss at evenly spaced places of a line; `height` has it for a share of the way, from 0 to 1."""
    return [float(height(at / (PLACES - 1))) for at in range(PLACES)]


def barrier(heights: list[float]) -> float:
    """Return how much higher a line gets than the higher one of its ends; 0 where nothing is higher.

    Source: Frankle et al. 2020, Linear mode connectivity, https://arxiv.org/abs/1912.05671
    """
    return max(heights) - max(heights[0], heights[-1])


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Return {"value"} for {"run", "samples", "fact", "epsilon"}, None where it is not finite, or {"problems"}."""
    try:
        height, weights = _height(take_up(Path(request["run"]), {}), request["samples"])
        value = _MEASURES[request["fact"]](height, weights, request["epsilon"])
    except (NotThere, Unsound, ArithmeticError) as error:
        return {"problems": [{"path": "", "message": str(error)}]}
    return {"value": value if math.isfinite(value) else None}


@torch.no_grad()
def answer_between(request: dict[str, Any]) -> dict[str, Any]:
    """Return {"barrier", "heights"} for {"runs": [one, other], "samples"}, or {"problems"}.

    What batch normalization has counted is mixed as the weights are.
    """
    kept: dict[str, Data] = {}
    try:
        one, other = (take_up(Path(folder), kept) for folder in request["runs"])
    except (NotThere, Unsound) as error:
        return {"problems": [{"path": "", "message": str(error)}]}
    ends = [ended.network.state_dict() for ended in (one, other)]
    if {name: value.shape for name, value in ends[0].items()} != {name: value.shape for name, value in ends[1].items()}:
        return {"problems": [{"path": "", "message": "These two runs have different networks."}]}
    ends = [{name: value.clone() for name, value in end.items()} for end in ends]
    inputs, targets = _samples(one, request["samples"])

    def height(share: float) -> Tensor:
        mixed = {
            name: torch.lerp(a, ends[1][name], share) if a.is_floating_point() else a for name, a in ends[0].items()
        }
        one.network.load_state_dict(mixed)
        return one.loss(one.network(inputs), targets)

    heights = between(height)
    if not all(map(math.isfinite, heights)):
        return {"problems": [{"path": "", "message": "The loss on the line between these two runs is not finite."}]}
    return {"barrier": barrier(heights), "heights": heights}


def _height(ended: Ended, samples: int) -> tuple[Height, Tensor]:
    """Return the loss as a function of all weights in a row, and the weights that the run ended with."""
    named = dict(ended.network.named_parameters())
    sizes = [one.numel() for one in named.values()]
    inputs, targets = _samples(ended, samples)

    def height(row: Tensor) -> Tensor:
        parts = zip(named, row.split(sizes), strict=True)
        weights = {name: part.view_as(named[name]) for name, part in parts}
        return ended.loss(torch.func.functional_call(ended.network, weights, (inputs,)), targets)

    return height, torch.cat([one.detach().flatten() for one in named.values()])


def _samples(ended: Ended, samples: int) -> tuple[Tensor, Tensor]:
    train = ended.data.train
    return train.inputs[:samples], train.targets[:samples]


_MEASURES: dict[str, Callable[[Height, Tensor, float], float]] = {
    "box": box,
    "hessian": lambda height, weights, _: top_curvature(height, weights),
    "loss": lambda height, weights, _: float(height(weights).detach()),
}
