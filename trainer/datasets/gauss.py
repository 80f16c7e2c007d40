"""Two clouds that a straight line parts."""

import torch

from trainer.component import param
from trainer.datasets import Dataset, Table


class Gauss(Dataset):
    """Two clouds around (2, 2) and (-2, -2); a straight line parts them nearly as well as anything.

    The variance of each cloud grows with the noise: 0.5 + 7 noise.

    Source: classifyTwoGaussData of TensorFlow Playground, https://github.com/tensorflow/playground/blob/master/src/dataset.ts
    """

    size: int = param(500, "Samples", low=10, high=100_000, scale="log")
    noise: float = param(0.1, "How far the clouds spread into one another", low=0, high=1)
    seed: int = param(0, "Seed of the points", low=0, high=2**31 - 1)

    def load(self) -> Table:
        """Return all samples: inputs (size, 2), targets (size, 1)."""
        chance = torch.Generator().manual_seed(self.seed)
        positive = self.size // 2
        targets = torch.cat([torch.ones(positive, 1), torch.zeros(self.size - positive, 1)])
        deviation = (0.5 + 7 * self.noise) ** 0.5
        points = (targets * 4 - 2) + torch.randn(self.size, 2, generator=chance) * deviation
        return Table(points, targets, "binary", ["below", "above"], ["x", "y"])
