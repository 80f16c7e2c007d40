"""The constant initialiser."""

import torch
from torch import Tensor

from trainer.component import param
from trainer.inits import Init


class Constant(Init):
    """All weights are the same number: every unit of a layer learns the same, and symmetry never breaks.

    w = value

    Source: Goodfellow, Bengio & Courville 2016, Deep Learning, section 8.4
    """

    value: float = param(0.01, "What every weight is", low=0, high=100, scale="log")

    def fill(self, weight: Tensor, generator: torch.Generator) -> None:
        """Fill `weight` in place."""
        weight.fill_(self.value)
