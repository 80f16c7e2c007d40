"""The Xavier initialiser, drawn evenly between two limits."""

import torch
from torch import Tensor

from trainer.inits import Init, fans


class XavierUniform(Init):
    """Xavier's variance, drawn evenly between two limits, as Keras does when it is not told otherwise.

    w ~ U(-sqrt(6 / (n_in + n_out)), sqrt(6 / (n_in + n_out)))

    Also called Glorot uniform.

    Source: Glorot & Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html
    """

    def fill(self, weight: Tensor, generator: torch.Generator) -> None:
        """Fill `weight` in place."""
        limit = (6 / sum(fans(weight))) ** 0.5
        weight.uniform_(-limit, limit, generator=generator)
