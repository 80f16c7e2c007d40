"""The orthogonal initialiser."""

import torch
from torch import Tensor, nn

from trainer.inits import Init


class Orthogonal(Init):
    """Draws a rotation: a linear layer keeps every length exactly, at any depth.

    w = Q of a QR decomposition of N(0, 1), so that w w^T = 1 or w^T w = 1

    Source: Saxe, McClelland & Ganguli 2013, https://arxiv.org/abs/1312.6120
    """

    def fill(self, weight: Tensor, generator: torch.Generator) -> None:
        """Fill `weight` in place."""
        nn.init.orthogonal_(weight, generator=generator)
