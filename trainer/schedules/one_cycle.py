"""One rise and one long fall over the whole run."""

import math

from trainer.component import param
from trainer.schedules import Progress, Schedule


class OneCycle(Schedule):
    """Raises the learning rate to its full height, then lowers it far below where it began; for high rates.

    From 1 / start to 1 over the first `rise` of the steps, then down to 1 / (start end), both along half a cosine
    or a straight line. The learning rate is the peak; find it with the learning-rate finder. Momentum, or Adam's
    beta1, goes the other way: from max_momentum down to base_momentum at the peak, and back. It takes the place of the
    optimizer's own, where that is over 0; plain SGD stays plain.

    Source: Smith & Topin 2017, Super-convergence, https://arxiv.org/abs/1708.07120;
        torch.optim.lr_scheduler.OneCycleLR
    """

    title = "One cycle"

    rise: float = param(0.3, "Share of the steps in which it rises", low=0, high=1, live=True)
    start: float = param(25.0, "How many times lower than the peak it begins", low=1, high=1e6, scale="log", live=True)
    end: float = param(1e4, "How many times lower than its beginning it ends", low=1, high=1e12, scale="log", live=True)
    shape: str = param("cosine", "How it goes up and down", choices=("cosine", "linear"), live=True)
    cycle_momentum: bool = param(True, "Lower the momentum while the learning rate is high", live=True)
    base_momentum: float = param(
        0.85, "Momentum, or Adam's beta1, at the peak of the learning rate", low=0, high=0.9999, live=True
    )
    max_momentum: float = param(
        0.95, "Momentum, or Adam's beta1, at the beginning and at the end", low=0, high=0.9999, live=True
    )

    def factor(self, progress: Progress) -> float:
        """Return the factor of the next step."""
        return self._along(progress, 1 / self.start, 1.0, 1 / (self.start * self.end))

    def momentum(self, progress: Progress) -> float | None:
        """Return the momentum of the next step; None where it is not cycled."""
        if not self.cycle_momentum:
            return None
        return self._along(progress, self.max_momentum, self.base_momentum, self.max_momentum)

    def _along(self, progress: Progress, begin: float, middle: float, end: float) -> float:
        peak, last = self.rise * progress.steps - 1, max(progress.steps - 1, 1)
        if progress.step <= peak:
            return self._between(begin, middle, progress.step / peak if peak else 1.0)
        return self._between(middle, end, min((progress.step - peak) / (last - peak), 1.0) if last > peak else 1.0)

    def _between(self, begin: float, end: float, done: float) -> float:
        if self.shape == "linear":
            return begin + (end - begin) * done
        return end + (begin - end) * (1 + math.cos(math.pi * done)) / 2
