"""SiLU between two layers."""

from torch import Tensor
from torch.nn import functional

from trainer.activations import Activation


class Silu(Activation):
    """Weighs its input by its own sigmoid; also called swish.

    f(x) = x / (1 + exp(-x))

    Source: Elfwing, Uchibe & Doya 2017, https://arxiv.org/abs/1702.03118
    """

    title = "SiLU"

    def __call__(self, x: Tensor) -> Tensor:
        """Return f(x), the shape of x."""
        return functional.silu(x)
