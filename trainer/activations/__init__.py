"""Activations: what stands between two layers."""

from abc import abstractmethod
from typing import ClassVar

from torch import Tensor

from trainer.component import Component


class Activation(Component):
    """An elementwise function between two layers.

    ends: what it levels off at far from 0, where next to no gradient passes. dies: it gives exactly 0, and passes no
    gradient, wherever its input is below 0.
    """

    ends: ClassVar[tuple[float, ...]] = ()
    dies: ClassVar[bool] = False

    @abstractmethod
    def __call__(self, x: Tensor) -> Tensor:
        """Return f(x), the shape of x."""
