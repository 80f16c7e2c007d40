"""Clouds in the plane, a class each: one of many, where one can see it."""

import math

import torch

from trainer.component import param
from trainer.datasets import Dataset, Table

REACH = 5


class Blobs(Dataset):
    """Round clouds in the plane, evenly on a circle, each of them a class.

    Class k of K around 5 (cos 2 pi k / K, sin 2 pi k / K), Gaussian of the given width: the more classes, the more
    they overlap. Samples are dealt out to the classes in turn.

    Source: make_blobs of scikit-learn, with its centers on a circle,
        https://scikit-learn.org/stable/modules/generated/sklearn.datasets.make_blobs.html
    """

    size: int = param(500, "Samples", low=10, high=100_000, scale="log")
    clouds: int = param(4, "Clouds, and classes", low=2, high=20)
    width: float = param(1.0, "Standard deviation of a cloud; their centers lie on a circle of radius 5", low=0, high=5)
    seed: int = param(0, "Seed of the points", low=0, high=2**31 - 1)

    def load(self) -> Table:
        """Return all samples: inputs (size, 2)."""
        chance = torch.Generator().manual_seed(self.seed)
        targets = torch.arange(self.size) % self.clouds
        angle = targets * (2 * math.pi / self.clouds)
        points = torch.stack([angle.cos(), angle.sin()], dim=1) * REACH
        points += torch.randn(self.size, 2, generator=chance) * self.width
        return Table(points, targets, "classes", [f"cloud {one + 1}" for one in range(self.clouds)], ["x", "y"])
