"""Stopping where the loss stands still."""

from collections.abc import Callable
from typing import Any

from trainer.component import param
from trainer.network import Network
from trainer.stopping import AtRest


class LossChange(AtRest):
    """Stops when the training loss hardly changes from epoch to epoch.

    |E - E of the epoch before| < threshold, E the training loss in evaluation mode

    Source: Nocedal & Wright 2006, Numerical optimization, section 3.1
    """

    title = "Loss at rest"
    metric = "train.loss_change"
    what = "the change of the training loss in an epoch"

    threshold: float = param(1e-4, "What counts as no change", low=0, high=1000, scale="log", live=True)

    def __init__(self, /, **values: Any):
        super().__init__(**values)
        self._before: tuple[int, float] = (0, 0.0)  # epoch, loss

    def look(
        self, epoch: int, metrics: dict[str, float], network: Network, slope: Callable[[], float]
    ) -> dict[str, float]:
        """Return by how much the training loss has changed, where the epoch before was looked at too."""
        (last, loss), self._before = self._before, (epoch, metrics["train.loss"])
        return {self.metric: abs(metrics["train.loss"] - loss)} if last and last == epoch - 1 else {}

    def state(self) -> dict[str, Any]:
        """Return what must be kept in a checkpoint."""
        return super().state() | {"before": list(self._before)}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        super().load_state(state)
        self._before = tuple(state["before"])
