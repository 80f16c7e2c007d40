"""Half a cosine again and again, each time a longer one."""

import math

from trainer.component import param
from trainer.schedules import Progress, Schedule


class WarmRestarts(Schedule):
    """Lowers the learning rate along half a cosine, then jumps back up and does so again, each time for longer.

    With t steps since the last jump and T steps from it to the next
    factor = minimum + (1 - minimum) (1 + cos(pi t / T)) / 2; T <- longer T at each jump.

    Source: Loshchilov & Hutter 2016, SGDR, https://arxiv.org/abs/1608.03983
    """

    title = "Cosine with warm restarts"

    first: int = param(10, "Epochs to the first jump", low=1, high=1_000_000, unit="epochs", scale="log", live=True)
    longer: int = param(2, "How many times longer each cosine is than the one before", low=1, high=10, live=True)
    minimum: float = param(0.0, "Where each ends, as a share of the learning rate", low=0, high=1, live=True)

    def factor(self, progress: Progress) -> float:
        """Return the factor of the next step."""
        since, length = progress.step, self.first * progress.steps_per_epoch
        if self.longer == 1:
            since %= length
        while since >= length:
            since, length = since - length, length * self.longer
        return self.minimum + (1 - self.minimum) * (1 + math.cos(math.pi * since / length)) / 2
