"""Up and down again, for as long as it trains."""

import math

from trainer.component import param
from trainer.schedules import Progress, Schedule


class Cyclic(Schedule):
    """Lets the learning rate rise and fall between two bounds in straight lines, over and over.

    factor = low + (1 - low) max(0, 1 - |step / n - 2 cycle + 1|) height, n = the steps of a half, cycle = 1, 2, ...
    height: triangular 1; triangular2 1 / 2^(cycle - 1), half of it after each cycle; exp_range gamma^step

    Source: Smith 2015, Cyclical learning rates, https://arxiv.org/abs/1506.01186; torch.optim.lr_scheduler.CyclicLR
    """

    low: float = param(0.25, "Lower bound, as a share of the learning rate", low=0, high=1, live=True)
    half: float = param(
        4.0,
        "How long it rises, and as long it falls; 2 to 10 are usual",
        low=0.01,
        high=10_000,
        unit="epochs",
        live=True,
    )
    mode: str = param(
        "triangular", "What becomes of the height", choices=("triangular", "triangular2", "exp_range"), live=True
    )
    gamma: float = param(0.9999, "What exp_range multiplies the height by in each step", low=0, high=1, live=True)

    def factor(self, progress: Progress) -> float:
        """Return the factor of the next step."""
        half = max(round(self.half * progress.steps_per_epoch), 1)
        cycle = math.floor(1 + progress.step / (2 * half))
        place = abs(progress.step / half - 2 * cycle + 1)
        height = {"triangular": 1.0, "triangular2": 0.5 ** (cycle - 1), "exp_range": self.gamma**progress.step}
        return self.low + (1 - self.low) * max(0.0, 1 - place) * height[self.mode]
