"""Stopping: when to end a run before its last epoch."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

from trainer.component import Component


@dataclass(frozen=True)
class Verdict:
    """What a criterion says of an epoch. `best`: this epoch is the best yet, its weights are worth keeping."""

    stop: str = ""  # why to stop, in a sentence; empty to go on
    best: bool = False


class Stopping(Component):
    """A criterion that looks at every epoch's metrics."""

    restores: bool = False  # whether the best weights come back at the end

    @abstractmethod
    def observe(self, epoch: int, metrics: dict[str, float]) -> Verdict:
        """Hear the metrics of epoch `epoch` (1 is the first) and say whether to stop.

        Raises:
            KeyError: the monitored metric is not there (no validation part); says which there are.
        """

    def state(self) -> dict[str, Any]:
        """Return what must be kept in a checkpoint."""
        return {}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
