"""Schedules: what the learning rate is multiplied by, from step to step."""

from abc import abstractmethod
from typing import Any, ClassVar, NamedTuple

from trainer.component import Component


class Progress(NamedTuple):
    """Where a run stands: `step` updates are done of `steps`; an epoch is `steps_per_epoch` of them.

    `base` is the optimizer's own learning rate, for a schedule that has a rate of its own in mind.
    """

    step: int
    steps: int
    steps_per_epoch: int
    base: float = 1.0

    @property
    def epoch(self) -> int:
        """Epochs done."""
        return self.step // self.steps_per_epoch


class Schedule(Component):
    """What the base learning rate is multiplied by. A closed form of the progress where there is one."""

    # whether `hear_step` wants to be called: hearing of every step costs a trip to the device
    hears_steps: ClassVar[bool] = False
    # whether it goes through learning rates to compare them: its loss is read over the rates
    sweeps: ClassVar[bool] = False

    @abstractmethod
    def factor(self, progress: Progress) -> float:
        """Return the factor for the next step; 1 is the base learning rate itself."""

    def momentum(self, progress: Progress) -> float | None:
        """Return the momentum of the next step, for optimizers that have one; None leaves it to their own knob."""
        return None

    def observe(self, metrics: dict[str, float], lr: float) -> str:
        """Hear an epoch's metrics; `lr` is base times factor. Return what was done in a sentence, or ""."""
        return ""

    def hear_step(self, progress: Progress, loss: float) -> str:
        """Hear the loss of the step that was taken at `progress`. Return why the run shall end, or ""."""
        return ""

    def conclusion(self) -> str:
        """Return what the run has shown, in a sentence, when it is over; mostly ""."""
        return ""

    def suggestion(self) -> float | None:
        """Return the learning rate that the run has found, when it is over; mostly none."""
        return None

    def state(self) -> dict[str, Any]:
        """Return what must be kept in a checkpoint."""
        return {}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
