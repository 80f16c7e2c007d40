"""Leaky ReLU between two layers."""

from torch import Tensor
from torch.nn import functional

from trainer.activations import Activation

SLOPE = 0.01  # below 0


class LeakyRelu(Activation):
    """ReLU with a little slope below 0, so that no unit dies.

    f(x) = x for x > 0, 0.01 x otherwise

    Source: Maas, Hannun & Ng 2013, Rectifier nonlinearities improve neural network acoustic models
    """

    title = "Leaky ReLU"

    def __call__(self, x: Tensor) -> Tensor:
        """Return f(x), the shape of x."""
        return functional.leaky_relu(x, SLOPE)
