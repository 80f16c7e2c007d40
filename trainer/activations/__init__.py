"""Activations: what stands between two layers."""

from abc import abstractmethod

from torch import Tensor

from trainer.component import Component


class Activation(Component):
    """An elementwise function between two layers."""

    @abstractmethod
    def __call__(self, x: Tensor) -> Tensor:
        """Return f(x), the shape of x."""
