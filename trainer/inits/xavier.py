"""The Xavier initialiser."""

import torch
from torch import Tensor

from trainer.inits import Init, fans


class Xavier(Init):
    """Keeps variance forward and backward alike; for tanh. Also called Glorot.

    w ~ N(0, 2 / (n_in + n_out))

    Deep Learning from Scratch calls N(0, 1 / n_in) by this name: that is lecun here.

    Source: Glorot & Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html
    """

    def fill(self, weight: Tensor, generator: torch.Generator) -> None:
        """Fill `weight` in place."""
        weight.normal_(0, (2 / sum(fans(weight))) ** 0.5, generator=generator)
