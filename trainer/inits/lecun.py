"""The LeCun initialiser."""

import torch
from torch import Tensor

from trainer.inits import Init, fans


class Lecun(Init):
    """Keeps the variance of what goes forward through linear units.

    w ~ N(0, 1 / n_in)

    Deep Learning from Scratch calls this Xavier.

    Source: LeCun et al. 1998, Efficient BackProp, section 4.6, http://yann.lecun.com/exdb/publis/pdf/lecun-98b.pdf
    """

    title = "LeCun"

    def fill(self, weight: Tensor, generator: torch.Generator) -> None:
        """Fill `weight` in place."""
        weight.normal_(0, (1 / fans(weight)[0]) ** 0.5, generator=generator)
