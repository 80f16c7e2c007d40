"""A staircase."""

from trainer.component import param
from trainer.schedules import Progress, Schedule


class Step(Schedule):
    """Multiplies the learning rate by gamma every so many epochs.

    factor = gamma ^ floor(epoch / every)

    Source: torch.optim.lr_scheduler.StepLR; He et al. 2015, section 3.4, https://arxiv.org/abs/1512.03385
    """

    every: int = param(
        10, "Epochs between two steps down", low=1, high=1_000_000, unit="epochs", scale="log", live=True
    )
    gamma: float = param(0.1, "What the learning rate is multiplied by", low=0, high=1, live=True)

    def factor(self, progress: Progress) -> float:
        """Return the factor of this epoch."""
        return self.gamma ** (progress.epoch // self.every)
