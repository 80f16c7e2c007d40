"""A wave with noise: regression that one can draw."""

import math

import torch

from trainer.component import param
from trainer.datasets import Dataset, Table


class Sine(Dataset):
    """One number from one number: a sine wave with noise.

    y = sin(2 pi periods x) + noise N(0, 1), x drawn evenly from 0 to 1. No network can get below a mean squared error
    of the noise's square, so what is less than that in training was learned by heart.

    Source: Bishop 2006, Pattern Recognition and Machine Learning, section 1.1
    """

    size: int = param(200, "Samples", low=10, high=100_000, scale="log")
    periods: float = param(
        1.0, "How often the wave repeats itself; a network learns slow waves first", low=0.1, high=20
    )
    noise: float = param(0.2, "Standard deviation of the noise; the wave goes from -1 to 1", low=0, high=2)
    seed: int = param(0, "Seed of the points", low=0, high=2**31 - 1)

    def load(self) -> Table:
        """Return all samples: inputs (size, 1), targets (size, 1)."""
        chance = torch.Generator().manual_seed(self.seed)
        x = torch.rand(self.size, 1, generator=chance)
        y = (2 * math.pi * self.periods * x).sin() + torch.randn(self.size, 1, generator=chance) * self.noise
        return Table(x, y, "number", features=["x"])
