"""Two spirals wound into one another: the hardest of the toys."""

import math

import torch

from trainer.component import param
from trainer.datasets import Dataset, Table

TURNS = 1.75
REACH = 5


class Spiral(Dataset):
    """Two spirals of 1.75 turns wound into one another; wants width, depth and patience.

    (x, y) = r (sin t, cos t), r = 5 i / n, t = 1.75 i / n 2 pi, the other arm half a turn further.

    Source: classifySpiralData of TensorFlow Playground, https://github.com/tensorflow/playground/blob/master/src/dataset.ts
    """

    size: int = param(500, "Samples", low=10, high=100_000, scale="log")
    noise: float = param(0.1, "Width of the noise around the arms", low=0, high=1)
    seed: int = param(0, "Seed of the points", low=0, high=2**31 - 1)

    def load(self) -> Table:
        """Return all samples: inputs (size, 2), targets (size, 1)."""
        chance = torch.Generator().manual_seed(self.seed)
        first = self.size // 2
        arms = [(first, 0.0), (self.size - first, math.pi)]
        points = torch.cat([_arm(count, turned) for count, turned in arms])
        points += (torch.rand(self.size, 2, generator=chance) * 2 - 1) * self.noise
        targets = torch.cat([torch.ones(first, 1), torch.zeros(self.size - first, 1)])
        return Table(points, targets, "binary", ["second arm", "first arm"], ["x", "y"])


def _arm(count: int, turned: float) -> torch.Tensor:
    along = torch.arange(count) / count
    angle = TURNS * along * 2 * math.pi + turned
    return torch.stack([angle.sin(), angle.cos()], dim=1) * (REACH * along).unsqueeze(1)
