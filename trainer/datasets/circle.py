"""A disc inside a ring: the simplest thing that no straight line can part."""

import math

import torch

from trainer.component import param
from trainer.datasets import Dataset, Table

RADIUS = 5


class Circle(Dataset):
    """A disc (class 1) inside a ring (class 0) in the plane; no straight line parts them.

    Radius up to 2.5 inside, 3.5 to 5 outside. Noise moves a point before its class is read off, and
    shows it where it was.

    Source: classifyCircleData of TensorFlow Playground, https://github.com/tensorflow/playground/blob/master/src/dataset.ts
    """

    size: int = param(500, "Samples", low=10, high=100_000, scale="log")
    noise: float = param(0.1, "Width of the noise, as a share of the radius", low=0, high=1)
    seed: int = param(0, "Seed of the points", low=0, high=2**31 - 1)

    def load(self) -> Table:
        """Return all samples: inputs (size, 2), targets (size, 1)."""
        chance = torch.Generator().manual_seed(self.seed)
        inside = self.size // 2
        outside = self.size - inside
        least = torch.cat([torch.zeros(inside), torch.full((outside,), 0.7 * RADIUS)])
        most = torch.cat([torch.full((inside,), 0.5 * RADIUS), torch.full((outside,), float(RADIUS))])
        radius = least + torch.rand(self.size, generator=chance) * (most - least)
        angle = torch.rand(self.size, generator=chance) * 2 * math.pi
        points = torch.stack([radius * angle.sin(), radius * angle.cos()], dim=1)
        noise = (torch.rand(self.size, 2, generator=chance) * 2 - 1) * RADIUS * self.noise
        targets = ((points + noise).norm(dim=1, keepdim=True) < 0.5 * RADIUS).float()
        return Table(points, targets, "binary", ["outside", "inside"], ["x", "y"])
