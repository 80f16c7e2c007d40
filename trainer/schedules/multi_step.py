"""A staircase with steps of one's own."""

from bisect import bisect_right

from trainer.component import param
from trainer.schedules import Progress, Schedule


class MultiStep(Schedule):
    """Multiplies the learning rate by gamma after each of the epochs that are listed.

    factor = gamma ^ (how many of the listed epochs are over)

    Source: torch.optim.lr_scheduler.MultiStepLR; He et al. 2015, section 4.2, https://arxiv.org/abs/1512.03385
    """

    title = "Steps at chosen epochs"

    after: list[int] = param(
        [25, 40], "Epochs after which the learning rate steps down", low=1, high=1_000_000, live=True
    )
    gamma: float = param(0.1, "What the learning rate is multiplied by", low=0, high=1, live=True)

    def factor(self, progress: Progress) -> float:
        """Return the factor of this epoch."""
        return self.gamma ** bisect_right(sorted(self.after), progress.epoch)
