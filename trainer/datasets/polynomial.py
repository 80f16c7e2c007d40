"""A polynomial with noise: how much a model must be able to bend."""

import torch

from trainer.component import param
from trainer.datasets import Dataset, Table


class Polynomial(Dataset):
    """One number from one number: a polynomial of a chosen degree, with noise.

    y = T(x) + noise N(0, 1), x drawn evenly from -1 to 1, T the Chebyshev polynomial of that degree, which swings
    between -1 and 1 as often as its degree allows: T(x) = cos(degree arccos x).

    Source: Abramowitz & Stegun 1964, Handbook of Mathematical Functions, section 22.3.15
    """

    size: int = param(200, "Samples", low=10, high=100_000, scale="log")
    degree: int = param(3, "Degree; 1 is a straight line", low=1, high=20)
    noise: float = param(0.1, "Standard deviation of the noise; the polynomial goes from -1 to 1", low=0, high=2)
    seed: int = param(0, "Seed of the points", low=0, high=2**31 - 1)

    def load(self) -> Table:
        """Return all samples: inputs (size, 1), targets (size, 1)."""
        chance = torch.Generator().manual_seed(self.seed)
        x = torch.rand(self.size, 1, generator=chance) * 2 - 1
        y = (self.degree * x.acos()).cos() + torch.randn(self.size, 1, generator=chance) * self.noise
        return Table(x, y, "number", features=["x"])
