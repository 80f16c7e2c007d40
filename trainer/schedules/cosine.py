"""Half a cosine, from the start of the run to its end."""

import math

from trainer.component import param
from trainer.schedules import Progress, Schedule


class Cosine(Schedule):
    """Lowers the learning rate along half a cosine, step by step to the end of the run.

    factor = minimum + (1 - minimum) (1 + cos(pi step / steps)) / 2. More epochs stretch it.

    Source: Loshchilov & Hutter 2016, https://arxiv.org/abs/1608.03983
    """

    minimum: float = param(0.0, "Where it ends, as a share of the learning rate", low=0, high=1, live=True)

    def factor(self, progress: Progress) -> float:
        """Return the factor of the next step."""
        done = min(progress.step / max(progress.steps, 1), 1.0)
        return self.minimum + (1 - self.minimum) * (1 + math.cos(math.pi * done)) / 2
