"""The learning rate as it is."""

from trainer.schedules import Progress, Schedule


class Constant(Schedule):
    """Leaves the learning rate as it is.

    factor = 1

    Source: Bengio 2012, Practical recommendations, section 3.1.1, https://arxiv.org/abs/1206.5533
    """

    def factor(self, progress: Progress) -> float:
        """Return 1."""
        return 1.0
