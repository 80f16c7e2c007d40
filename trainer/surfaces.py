"""Surfaces over a plane on which optimizers are watched: their height, where one looks, and who sets out on them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

Window = tuple[float, float, float, float]  # x from, x to, y from, y to


@dataclass(frozen=True)
class Surface:
    """One surface. `centres`: its minima, or where it is level; the first one's curvatures are told.

    `lineup`: the optimizers that set out when nobody has chosen others, [(name, parameters)].
    """

    name: str
    formula: str
    height: Callable[[Tensor, Tensor], Tensor]
    window: Window
    start: tuple[float, float]
    steps: int
    centres: tuple[tuple[float, float], ...]
    lineup: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def at(self, point: Tensor) -> Tensor:
        """Return the height at a point (2,)."""
        return self.height(point[0], point[1])

    def lowest(self) -> float:
        """Return the height of the lowest centre."""
        return min(self.at(torch.tensor(one, dtype=torch.float64)).item() for one in self.centres)

    def curvatures(self) -> list[float]:
        """Return the eigenvalues of the Hessian at the first centre, the smallest first."""
        centre = torch.tensor(self.centres[0], dtype=torch.float64)
        return torch.linalg.eigvalsh(torch.autograd.functional.hessian(self.at, centre)).tolist()

    def best(self) -> dict[str, Any] | None:
        """Return the best plain and the best rolling SGD near the first centre, where it is a minimum.

        rate: what a step multiplies the distance to the centre by, in the end. With curvatures l1 to ln, k = ln / l1:
        lr = 2 / (l1 + ln), rate (k - 1) / (k + 1); lr = (2 / (sqrt(l1) + sqrt(ln)))^2,
        momentum = ((sqrt(ln) - sqrt(l1)) / (sqrt(ln) + sqrt(l1)))^2, rate (sqrt(k) - 1) / (sqrt(k) + 1).

        Source: Goh 2017, Why momentum really works, https://distill.pub/2017/momentum
        """
        least, most = self.curvatures()
        if least <= 0:
            return None
        root = (most**0.5 - least**0.5) / (most**0.5 + least**0.5)
        rolling = {"lr": (2 / (least**0.5 + most**0.5)) ** 2, "momentum": root**2}
        return {
            "plain": {"name": "sgd", "params": {"lr": 2 / (least + most)}, "rate": (most - least) / (most + least)},
            "rolling": {"name": "sgd", "params": rolling, "rate": root},
        }

    def grid(self, columns: int, rows: int) -> Tensor:
        """Return the height over the window, (rows, columns), float32: the lowest y first."""
        left, right, low, high = self.window
        x = torch.linspace(left, right, columns, dtype=torch.float64)
        y = torch.linspace(low, high, rows, dtype=torch.float64)
        return self.height(x[None, :].expand(rows, columns), y[:, None].expand(rows, columns)).float()


# Deep Learning from Scratch, ch06/optimizer_compare_naive.py: its start, its rates, its epsilon. For Adam it adds 1e-7
# to a root that is not corrected for its beginning: here that is 3e-6 in the first step, 6e-7 in the last
BOWL = Surface(
    name="bowl",
    formula="x² / 20 + y²",
    height=lambda x, y: x**2 / 20 + y**2,
    window=(-10, 10, -5, 5),
    start=(-7, 2),
    steps=29,
    centres=((0, 0),),
    lineup=[
        ("sgd", {"lr": 0.95}),
        ("sgd", {"lr": 0.1, "momentum": 0.9}),
        ("adagrad", {"lr": 1.5, "eps": 1e-7}),
        ("adam", {"lr": 0.3, "eps": 1e-6}),
    ],
)
ROSENBROCK = Surface(
    name="rosenbrock",
    formula="(1 − x)² + 100 (y − x²)²",
    height=lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
    window=(-2, 2, -1, 3),
    start=(-1.2, 1.0),
    steps=200,
    centres=((1, 1),),
    lineup=[
        ("sgd", {"lr": 0.001}),
        ("sgd", {"lr": 0.0005, "momentum": 0.95}),
        ("adam", {"lr": 0.1}),
        ("lbfgs", {"moves": 1}),
    ],
)
SADDLE = Surface(
    name="saddle",
    formula="x² − y²",
    height=lambda x, y: x**2 - y**2,
    window=(-3, 3, -2, 2),
    start=(-2.5, 0.001),
    steps=60,
    centres=((0, 0),),
    lineup=[
        ("sgd", {"lr": 0.05}),
        ("sgd", {"lr": 0.05, "momentum": 0.9}),
        ("rmsprop", {"lr": 0.05}),
        ("adam", {"lr": 0.1}),
    ],
)
# the roots of x³ − 4x + 1 are where it is level along x
TWO_MINIMA = Surface(
    name="two_minima",
    formula="(x² − 4)² / 8 + x / 2 + y²",
    height=lambda x, y: (x**2 - 4) ** 2 / 8 + x / 2 + y**2,
    window=(-4, 4, -2.5, 2.5),
    start=(3.4, 1.8),
    steps=60,
    centres=((-2.1149075414767557, 0), (1.8608058531117035, 0)),
    lineup=[
        ("sgd", {"lr": 0.05}),
        ("sgd", {"lr": 0.05, "momentum": 0.9}),
        ("sgd", {"lr": 0.3}),
        ("adam", {"lr": 0.1}),
    ],
)

SURFACES = {one.name: one for one in (BOWL, ROSENBROCK, SADDLE, TWO_MINIMA)}
