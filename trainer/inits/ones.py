"""The ones initialiser."""

import torch
from torch import Tensor

from trainer.inits import Init


class Ones(Init):
    """All weights are 1: every unit of a layer learns the same, and sums explode with width.

    w = 1

    Source: Goodfellow, Bengio & Courville 2016, Deep Learning, section 8.4
    """

    def fill(self, weight: Tensor, generator: torch.Generator) -> None:
        """Fill `weight` in place."""
        weight.fill_(1)
