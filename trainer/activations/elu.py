"""ELU between two layers."""

from torch import Tensor
from torch.nn import functional

from trainer.activations import Activation


class Elu(Activation):
    """Like ReLU above 0; bends smoothly to -1 below, which keeps the mean near 0.

    f(x) = x for x > 0, exp(x) - 1 otherwise

    Source: Clevert, Unterthiner & Hochreiter 2015, https://arxiv.org/abs/1511.07289
    """

    title = "ELU"

    def __call__(self, x: Tensor) -> Tensor:
        """Return f(x), the shape of x."""
        return functional.elu(x)
