"""The He initialiser."""

import torch
from torch import Tensor

from trainer.inits import Init, fans


class He(Init):
    """Keeps the variance of what goes forward through ReLUs, which drop half of it.

    w ~ N(0, 2 / n_in)

    Source: He et al. 2015, https://arxiv.org/abs/1502.01852
    """

    def fill(self, weight: Tensor, generator: torch.Generator) -> None:
        """Fill `weight` in place."""
        weight.normal_(0, (2 / fans(weight)[0]) ** 0.5, generator=generator)
