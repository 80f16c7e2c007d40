"""Two half moons that reach into one another."""

import math

import torch

from trainer.component import param
from trainer.datasets import Dataset, Table


class Moons(Dataset):
    """Two half circles that reach into one another; a little bend in the boundary parts them.

    Upper (cos t, sin t), lower (1 - cos t, 1 - sin t - 1/2), t from 0 to pi in even steps; then Gaussian noise.

    Source: make_moons of scikit-learn,
        https://scikit-learn.org/stable/modules/generated/sklearn.datasets.make_moons.html
    """

    size: int = param(500, "Samples", low=10, high=100_000, scale="log")
    noise: float = param(0.1, "Standard deviation of the noise; the half circles have radius 1", low=0, high=1)
    seed: int = param(0, "Seed of the points", low=0, high=2**31 - 1)

    def load(self) -> Table:
        """Return all samples: inputs (size, 2), targets (size, 1)."""
        chance = torch.Generator().manual_seed(self.seed)
        upper = self.size // 2
        outer, inner = (torch.linspace(0, math.pi, count) for count in (upper, self.size - upper))
        arcs = [torch.stack([outer.cos(), outer.sin()], 1), torch.stack([1 - inner.cos(), 0.5 - inner.sin()], 1)]
        points = torch.cat(arcs) + torch.randn(self.size, 2, generator=chance) * self.noise
        targets = torch.cat([torch.zeros(upper, 1), torch.ones(self.size - upper, 1)])
        return Table(points, targets, "binary", ["upper", "lower"], ["x", "y"])
