"""Regions of the plane that overlap: several labels hold at once."""

import torch

from trainer.component import param
from trainer.datasets import Dataset, Table

REACH = 5
RADIUS = 3


class Regions(Dataset):
    """Points in three regions of the plane that overlap: none, one or several of three labels hold for each.

    inside: at most 3 from the middle; right: x > 0; above: y > x. Points are drawn evenly from a square of side 10;
    noise moves a point before its labels are read off, and shows it where it was.

    Source: made for this program, after the toys of TensorFlow Playground, https://github.com/tensorflow/playground
    """

    size: int = param(500, "Samples", low=10, high=100_000, scale="log")
    noise: float = param(0.05, "Width of the noise, as a share of the square's half side", low=0, high=1)
    seed: int = param(0, "Seed of the points", low=0, high=2**31 - 1)

    def load(self) -> Table:
        """Return all samples: inputs (size, 2), targets (size, 3)."""
        chance = torch.Generator().manual_seed(self.seed)
        points = (torch.rand(self.size, 2, generator=chance) * 2 - 1) * REACH
        x, y = (points + (torch.rand(self.size, 2, generator=chance) * 2 - 1) * REACH * self.noise).unbind(1)
        targets = torch.stack([x.square() + y.square() <= RADIUS**2, x > 0, y > x], dim=1).float()
        return Table(points, targets, "labels", ["inside", "right", "above"], ["x", "y"])
