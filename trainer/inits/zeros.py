"""The zeros initialiser."""

import torch
from torch import Tensor

from trainer.inits import Init


class Zeros(Init):
    """All weights are 0: every unit of a layer learns the same, and symmetry never breaks.

    w = 0

    Source: Goodfellow, Bengio & Courville 2016, Deep Learning, section 8.4
    """

    def fill(self, weight: Tensor, generator: torch.Generator) -> None:
        """Fill `weight` in place."""
        weight.zero_()
