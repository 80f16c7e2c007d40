"""Down like one over time."""

from trainer.component import param
from trainer.schedules import Progress, Schedule


class InverseTime(Schedule):
    """Divides the learning rate by the time gone by: quick at first, and never at an end.

    factor = 1 / (1 + decay epochs), with parts of an epoch. Its sum grows without bound and the sum of its squares
    does not: the conditions under which noisy steps converge.

    Source: Robbins & Monro 1951, https://doi.org/10.1214/aoms/1177729586;
        keras.optimizers.schedules.InverseTimeDecay
    """

    title = "Inverse time (1/t)"

    decay: float = param(
        0.1, "After 1 / decay epochs half is left", low=0, high=1000, scale="log", unit="1/epoch", live=True
    )

    def factor(self, progress: Progress) -> float:
        """Return the factor of the next step."""
        return 1 / (1 + self.decay * progress.step / progress.steps_per_epoch)
