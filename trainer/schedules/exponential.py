"""The same share off, every epoch."""

from trainer.component import param
from trainer.schedules import Progress, Schedule


class Exponential(Schedule):
    """Multiplies the learning rate by gamma after every epoch.

    factor = gamma ^ epoch

    Source: torch.optim.lr_scheduler.ExponentialLR
    """

    gamma: float = param(0.95, "What the learning rate is multiplied by each epoch", low=0, high=1, live=True)

    def factor(self, progress: Progress) -> float:
        """Return the factor of this epoch."""
        return self.gamma**progress.epoch
