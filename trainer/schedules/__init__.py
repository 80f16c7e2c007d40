"""Schedules: what the learning rate is multiplied by, from step to step."""

from abc import abstractmethod
from typing import Any, NamedTuple

from trainer.component import Component


class Progress(NamedTuple):
    """Where a run stands: `step` updates are done of `steps`; an epoch is `steps_per_epoch` of them."""

    step: int
    steps: int
    steps_per_epoch: int

    @property
    def epoch(self) -> int:
        """Epochs done."""
        return self.step // self.steps_per_epoch


class Schedule(Component):
    """What the base learning rate is multiplied by. A closed form of the progress where there is one."""

    @abstractmethod
    def factor(self, progress: Progress) -> float:
        """Return the factor for the next step; 1 is the base learning rate itself."""

    def observe(self, metrics: dict[str, float], lr: float) -> str:
        """Hear an epoch's metrics; `lr` is base times factor. Return what was done in a sentence, or ""."""
        return ""

    def state(self) -> dict[str, Any]:
        """Return what must be kept in a checkpoint."""
        return {}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
