"""Stopping: when to end a run before its last epoch."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from trainer.component import Component, param
from trainer.network import Network


@dataclass(frozen=True)
class Verdict:
    """What a criterion says of an epoch. `best`: this epoch is the best yet, its weights are worth keeping."""

    stop: str = ""  # why to stop, in a sentence; empty to go on
    best: bool = False


class Stopping(Component):
    """A criterion that looks at every epoch's metrics."""

    restores: bool = False  # whether the best weights come back at the end

    def look(
        self, epoch: int, metrics: dict[str, float], network: Network, slope: Callable[[], float]
    ) -> dict[str, float]:
        """Return what it needs to know of an epoch beyond its metrics, by name, to stand among them; mostly nothing.

        `slope()` is the norm of the gradient of what is minimised, and costs a pass over the training part.
        """
        return {}

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


class AtRest(Stopping):
    """Stops when a number that it looks at has been under a threshold for some epochs in a row."""

    metric: ClassVar[str] = ""  # by which the number stands among the metrics
    what: ClassVar[str] = ""  # it is, in a sentence

    threshold: float = param(1e-3, "What counts as zero", low=0, high=1000, scale="log", live=True)
    patience: int = param(
        3, "Epochs in a row that it must be under it", low=1, high=100_000, unit="epochs", scale="log", live=True
    )

    def __init__(self, /, **values: Any):
        super().__init__(**values)
        self._under = 0
        self._epoch = 0

    def observe(self, epoch: int, metrics: dict[str, float]) -> Verdict:
        """Count the epochs in a row in which the number was under the threshold."""
        # epochs in which it was off are not in a row
        before, self._epoch = self._under if self._epoch == epoch - 1 else 0, epoch
        value = metrics.get(self.metric)
        self._under = before + 1 if value is not None and value < self.threshold else 0
        if self._under < self.patience:
            return Verdict()
        waited = "1 epoch" if self._under == 1 else f"{self._under} epochs in a row"
        return Verdict(f"{self.what} is {value:.3g}, and was under {self.threshold:g} for {waited}.")

    def state(self) -> dict[str, Any]:
        """Return what must be kept in a checkpoint."""
        return {"under": self._under, "epoch": self._epoch}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        self._under, self._epoch = state["under"], state["epoch"]
