"""Down along a power, to the end of the run."""

from trainer.component import param
from trainer.schedules import Progress, Schedule


class Polynomial(Schedule):
    """Lowers the learning rate to the end of the run: in a straight line, or along a power of what is left.

    factor = minimum + (1 - minimum) (1 - step / steps) ^ power

    Source: Chen et al. 2016, DeepLab, section 4.1 (power 0.9), https://arxiv.org/abs/1606.00915;
        torch.optim.lr_scheduler.PolynomialLR
    """

    power: float = param(1.0, "1 is a straight line, 2 falls early, 0.5 late", low=0, high=100, live=True)
    minimum: float = param(0.0, "Where it ends, as a share of the learning rate", low=0, high=1, live=True)

    def factor(self, progress: Progress) -> float:
        """Return the factor of the next step."""
        left = 1 - min(progress.step / max(progress.steps, 1), 1.0)
        return self.minimum + (1 - self.minimum) * left**self.power
