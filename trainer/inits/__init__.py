"""Initialisers: what the weights are before the first step. Biases begin at zero with every one of them."""

from abc import abstractmethod

import torch
from torch import Tensor

from trainer.component import Component


class Init(Component):
    """Fills the weights of one layer. Its docstring gives the formula."""

    @abstractmethod
    def fill(self, weight: Tensor, generator: torch.Generator) -> None:
        """Fill `weight` in place: (out, in) of a dense layer or (out, in, height, width) of a convolution.

        Draws from `generator` only, so that the same seed gives the same network.
        """


def fans(weight: Tensor) -> tuple[int, int]:
    """Return n_in and n_out: how many weights feed one unit, and how many one input feeds.

    weight: (out, in) or (out, in, height, width); a convolution's kernel counts for each of its places.
    """
    places = weight[0, 0].numel()
    return weight.shape[1] * places, weight.shape[0] * places
