"""Exclusive or: opposite corners belong together."""

import torch

from trainer.component import param
from trainer.datasets import Dataset, Table

REACH = 5
PADDING = 0.3  # keeps points off the axes


class Xor(Dataset):
    """Four squares; opposite corners belong together, so one layer alone cannot learn it.

    Class 1 where x y >= 0. Noise moves a point before its class is read off, and shows it where it was.

    Source: classifyXORData of TensorFlow Playground, https://github.com/tensorflow/playground/blob/master/src/dataset.ts
    """

    title = "XOR"

    size: int = param(500, "Samples", low=10, high=100_000, scale="log")
    noise: float = param(0.1, "Width of the noise, as a share of the squares' side", low=0, high=1)
    seed: int = param(0, "Seed of the points", low=0, high=2**31 - 1)

    def load(self) -> Table:
        """Return all samples: inputs (size, 2), targets (size, 1)."""
        chance = torch.Generator().manual_seed(self.seed)
        points = (torch.rand(self.size, 2, generator=chance) * 2 - 1) * REACH
        points += torch.where(points > 0, PADDING, -PADDING)
        noise = (torch.rand(self.size, 2, generator=chance) * 2 - 1) * REACH * self.noise
        targets = ((points + noise).prod(dim=1, keepdim=True) >= 0).float()
        return Table(points, targets, "binary", ["corners apart", "corners alike"], ["x", "y"])
