"""Up in a straight line, then down along half a cosine."""

import math

from trainer.component import param
from trainer.schedules import Progress, Schedule


class WarmupCosine(Schedule):
    """Raises the learning rate in a straight line, then lowers it along half a cosine.

    factor = (step + 1) / n in the first n steps; then with t = (step - n) / (steps - n)
    minimum + (1 - minimum) (1 + cos(pi t)) / 2

    Source: Goyal et al. 2017, section 2.2, https://arxiv.org/abs/1706.02677; Loshchilov & Hutter 2016,
        https://arxiv.org/abs/1608.03983
    """

    title = "Warm-up, then cosine"

    warmup: float = param(1.0, "How long it rises", low=0, high=10_000, unit="epochs", live=True)
    minimum: float = param(0.0, "Where it ends, as a share of the learning rate", low=0, high=1, live=True)

    def factor(self, progress: Progress) -> float:
        """Return the factor of the next step."""
        rising = min(round(self.warmup * progress.steps_per_epoch), progress.steps)
        if progress.step < rising:
            return (progress.step + 1) / rising
        done = min((progress.step - rising) / max(progress.steps - rising, 1), 1.0)
        return self.minimum + (1 - self.minimum) * (1 + math.cos(math.pi * done)) / 2
