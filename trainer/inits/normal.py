"""The normal initialiser."""

import torch
from torch import Tensor

from trainer.component import param
from trainer.inits import Init


class Normal(Init):
    """Draws from a normal distribution whose width knows nothing of the layer.

    w ~ N(0, std^2)

    Source: Krizhevsky, Sutskever & Hinton 2012, ImageNet classification with deep CNNs, section 5 (std 0.01)
    """

    std: float = param(0.01, "Standard deviation of the weights", low=0, high=100, scale="log")

    def fill(self, weight: Tensor, generator: torch.Generator) -> None:
        """Fill `weight` in place."""
        weight.normal_(0, self.std, generator=generator)
