"""Early stopping, by Keras' rule."""

import math
from typing import Any

from trainer.component import no_such, param
from trainer.monitors import MONITORS, beats
from trainer.stopping import Stopping, Verdict


class Early(Stopping):
    """Stops when a metric has not improved for some epochs, and brings the best weights back.

    An epoch is better when it beats the best by more than min_delta: losses and errors have to fall, accuracy,
    precision, recall, F1 and the area under the ROC curve to rise. It stops when patience epochs in
    a row were no better; patience 0 and 1 are alike, and the first epoch never stops. Keras keeps the
    last weights by default; here the best come back, also when it never stopped.

    Source: Prechelt 1998, Early stopping - but when?; keras.callbacks.EarlyStopping,
        https://keras.io/api/callbacks/early_stopping/
    """

    title = "Early stopping"

    monitor: str = param(
        "validation.loss", "What has to improve; which there are depends on the kind of problem",
        choices=MONITORS, of="metrics",
    )  # fmt: skip
    patience: int = param(
        5, "Epochs without improvement to wait for", low=0, high=100_000, unit="epochs", scale="log", live=True
    )
    min_delta: float = param(
        0.0, "A smaller change than this is no improvement", low=0, high=1000, scale="log", live=True
    )
    start_from: int = param(1, "First epoch that is looked at", low=1, high=1_000_000, unit="epoch", live=True)
    restore_best: bool = param(True, "Bring the best epoch's weights back at the end", live=True)

    def __init__(self, /, **values: Any):
        super().__init__(**values)
        self._best: float | None = None
        self._best_epoch = 0
        self._wait = 0

    @property
    def restores(self) -> bool:
        """Whether the best weights come back at the end."""
        return self.restore_best

    def observe(self, epoch: int, metrics: dict[str, float]) -> Verdict:
        """Hear the metrics of epoch `epoch` (1 is the first) and say whether to stop.

        Raises:
            KeyError: the monitored metric is not there.
        """
        if self.monitor not in metrics:
            raise KeyError(no_such(self.monitor, metrics, "metric of this run"))
        if epoch < self.start_from:
            return Verdict()
        current = metrics[self.monitor]
        first, self._best_epoch = self._best_epoch == 0, self._best_epoch or epoch
        self._wait += 1
        if self._better(current):
            self._best, self._best_epoch, self._wait = current, epoch, 0
            return Verdict(best=True)
        if self._wait < self.patience or epoch == 1:
            return Verdict(best=first)  # a first epoch that is NaN is still all that there is to keep
        best = (
            "it was never a number" if self._best is None else f"its best was {self._best:g}, epoch {self._best_epoch}"
        )
        waited = "1 epoch" if self._wait == 1 else f"{self._wait} epochs"
        return Verdict(f"{self.monitor} has not improved for {waited}; {best}.", best=first)

    def state(self) -> dict[str, Any]:
        """Return what must be kept in a checkpoint."""
        return {"best": self._best, "best_epoch": self._best_epoch, "wait": self._wait}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        self._best, self._best_epoch, self._wait = state["best"], state["best_epoch"], state["wait"]

    def _better(self, current: float) -> bool:
        if self._best is None:
            return math.isfinite(current)  # what diverged is never better
        return beats(self.monitor, current, self._best, self.min_delta)
