"""Up in a straight line, and then as it is."""

from trainer.component import param
from trainer.schedules import Progress, Schedule


class Warmup(Schedule):
    """Raises the learning rate in a straight line from a small share, step by step, and leaves it there.

    factor = start + (1 - start) min(step / n, 1), n = the steps of the warm-up

    Source: torch.optim.lr_scheduler.LinearLR; Goyal et al. 2017, section 2.2, https://arxiv.org/abs/1706.02677
    """

    title = "Linear warm-up"

    warmup: float = param(5.0, "How long it rises", low=0, high=10_000, unit="epochs", live=True)
    start: float = param(0.01, "Where it begins, as a share of the learning rate", low=0, high=1, live=True)

    def factor(self, progress: Progress) -> float:
        """Return the factor of the next step."""
        rising = round(self.warmup * progress.steps_per_epoch)
        done = min(progress.step / rising, 1.0) if rising else 1.0
        return self.start + (1 - self.start) * done
