"""Sigmoid between two layers."""

from torch import Tensor

from trainer.activations import Activation


class Sigmoid(Activation):
    """Squeezes into 0 to 1; flat far from 0, where gradients vanish.

    f(x) = 1 / (1 + exp(-x))

    Source: Goodfellow, Bengio & Courville 2016, Deep Learning, section 6.3.2
    """

    ends = (0.0, 1.0)

    def __call__(self, x: Tensor) -> Tensor:
        """Return f(x), the shape of x."""
        return x.sigmoid()
