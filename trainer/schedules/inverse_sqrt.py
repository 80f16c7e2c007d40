"""Up in a straight line, then down like one over the root of time: what transformers train with."""

from trainer.component import param
from trainer.schedules import Progress, Schedule


class InverseSqrt(Schedule):
    """Raises the learning rate in a straight line, then divides it by the root of the time gone by.

    factor = min(t / n, sqrt(n / t)), t = step + 1, n = the steps of the warm-up

    Source: Vaswani et al. 2017, section 5.3, https://arxiv.org/abs/1706.03762
    """

    title = "Warm-up, then inverse square root"

    warmup: float = param(1.0, "How long it rises", low=0, high=10_000, unit="epochs", live=True)

    def factor(self, progress: Progress) -> float:
        """Return the factor of the next step."""
        rising, step = max(round(self.warmup * progress.steps_per_epoch), 1), progress.step + 1
        return min(step / rising, (rising / step) ** 0.5)
