"""GELU between two layers."""

from torch import Tensor
from torch.nn import functional

from trainer.activations import Activation


class Gelu(Activation):
    """Weighs its input by the chance that a normal variable lies below it.

    f(x) = x P(N(0, 1) <= x)

    Source: Hendrycks & Gimpel 2016, https://arxiv.org/abs/1606.08415
    """

    title = "GELU"

    def __call__(self, x: Tensor) -> Tensor:
        """Return f(x), the shape of x."""
        return functional.gelu(x)
