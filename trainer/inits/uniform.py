"""The uniform initialiser."""

import torch
from torch import Tensor

from trainer.component import param
from trainer.inits import Init


class Uniform(Init):
    """Draws evenly between two limits that know nothing of the layer.

    w ~ U(-limit, limit)

    Source: LeCun et al. 1998, Efficient BackProp, section 4.6, http://yann.lecun.com/exdb/publis/pdf/lecun-98b.pdf
    """

    limit: float = param(0.01, "Largest size of a weight", low=0, high=100, scale="log")

    def fill(self, weight: Tensor, generator: torch.Generator) -> None:
        """Fill `weight` in place."""
        weight.uniform_(-self.limit, self.limit, generator=generator)
