"""Softplus between two layers."""

from torch import Tensor
from torch.nn import functional

from trainer.activations import Activation


class Softplus(Activation):
    """ReLU with its corner rounded off: never flat, and never exactly zero.

    f(x) = log(1 + exp(x))

    Source: Dugas et al. 2000, https://papers.nips.cc/paper/1920; Glorot, Bordes & Bengio 2011,
        https://proceedings.mlr.press/v15/glorot11a.html
    """

    def __call__(self, x: Tensor) -> Tensor:
        """Return f(x), the shape of x."""
        return functional.softplus(x)
