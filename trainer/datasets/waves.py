"""Signals of three shapes at any phase: what one convolution sees at once, and a linear model never."""

import math

import torch

from trainer.component import param
from trainer.datasets import Dataset, Table

LENGTH = 64
PERIODS = (2.0, 5.0)  # fewest and most in a signal
HEIGHTS = (0.7, 1.3)


class Waves(Dataset):
    """Noisy signals of 64 places in 3 shapes: sine, square and saw, at any phase, pitch and height.

    x(t) = a f(p t + s) + noise N(0, 1), with s anywhere in a period, 2 to 5 periods in a signal and a from 0.7 to
    1.3. Every class has mean 0 at every place, so that a linear model learns nothing. Inputs are signals: (1, 64).

    Source: made here, after the waveforms of Breiman, Friedman, Olshen & Stone 1984, Classification and Regression
        Trees, section 2.6.2
    """

    size: int = param(1200, "Signals", low=30, high=100_000, scale="log")
    noise: float = param(0.2, "Standard deviation of the noise; a wave is about 1 high", low=0, high=10)
    seed: int = param(0, "Seed of the signals", low=0, high=2**31 - 1)

    def load(self) -> Table:
        """Return all samples: inputs (size, 1, 64)."""
        chance = torch.Generator().manual_seed(self.seed)
        targets = torch.arange(self.size) % 3
        pitch, height, phase = (_between(self.size, *limits, chance) for limits in (PERIODS, HEIGHTS, (0.0, 1.0)))
        turn = (pitch * torch.arange(LENGTH) / LENGTH + phase) % 1  # where in its period each place is, 0 to 1
        shapes = torch.stack([(turn * 2 * math.pi).sin(), torch.where(turn < 0.5, 1.0, -1.0), 2 * turn - 1])
        waves = shapes[targets, torch.arange(self.size)] * height
        waves += torch.randn(self.size, LENGTH, generator=chance) * self.noise
        return Table(waves.unsqueeze(1), targets, "classes", ["sine", "square", "saw"])


def _between(count: int, low: float, high: float, chance: torch.Generator) -> torch.Tensor:
    return low + (high - low) * torch.rand(count, 1, generator=chance)
