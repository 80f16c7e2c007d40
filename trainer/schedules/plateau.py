"""Lower when nothing gets better: by Keras' rule or by PyTorch's, which differ by an epoch."""

import math
from typing import Any

from trainer.component import no_such, param
from trainer.monitors import MONITORS, beats
from trainer.schedules import Progress, Schedule


class Plateau(Schedule):
    """Multiplies the learning rate by a factor when a metric has stopped improving.

    Keras: an epoch is better when it beats the best by min_delta; acts when bad epochs >= patience.
    PyTorch: better when it beats the best by the share min_delta of it; acts when bad epochs > patience,
    so with the same patience one epoch later.

    Source: keras.callbacks.ReduceLROnPlateau, https://keras.io/api/callbacks/reduce_lr_on_plateau/;
        torch.optim.lr_scheduler.ReduceLROnPlateau
    """

    title = "Reduce on plateau"

    rule: str = param("keras", "Keras-style or PyTorch-style; see the help above", choices=("keras", "pytorch"))
    monitor: str = param(
        "validation.loss", "What has to improve; which there are depends on the kind of problem",
        choices=MONITORS, of="metrics",
    )  # fmt: skip
    reduction: float = param(0.1, "What the learning rate is multiplied by", low=0, high=1, live=True, title="Factor")
    patience: int = param(10, "Epochs without improvement to wait for", low=0, high=100_000, unit="epochs", live=True)
    min_delta: float = param(
        1e-4, "What counts as an improvement: absolute for keras, a share of the best for pytorch",
        low=0, high=1000, scale="log", live=True,
    )  # fmt: skip
    cooldown: int = param(
        0, "Epochs after a reduction in which none is counted", low=0, high=100_000, unit="epochs", live=True
    )
    min_lr: float = param(0.0, "The learning rate goes no lower than this", low=0, high=100, scale="log", live=True)

    def __init__(self, /, **values: Any):
        super().__init__(**values)
        self._reduced = 1.0
        self._best: float | None = None
        self._bad = 0
        self._cooling = 0

    def factor(self, progress: Progress) -> float:
        """Return the product of all reductions so far."""
        return self._reduced

    def observe(self, metrics: dict[str, float], lr: float) -> str:
        """Hear an epoch's metrics, and reduce when the rule says so.

        Raises:
            KeyError: the monitored metric is not there.
        """
        if self.monitor not in metrics:
            raise KeyError(no_such(self.monitor, metrics, "metric of this run"))
        acts = self._keras(metrics[self.monitor]) if self.rule == "keras" else self._pytorch(metrics[self.monitor])
        return self._reduce(lr) if acts else ""

    def state(self) -> dict[str, Any]:
        """Return what must be kept in a checkpoint."""
        return {"reduced": self._reduced, "best": self._best, "bad": self._bad, "cooling": self._cooling}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        self._reduced, self._best = state["reduced"], state["best"]
        self._bad, self._cooling = state["bad"], state["cooling"]

    def _keras(self, current: float) -> bool:
        if self._cooling:
            self._cooling -= 1
            self._bad = 0
        if self._better(current, self.min_delta):
            self._best, self._bad = current, 0
        elif not self._cooling:
            self._bad += 1
            return self._bad >= self.patience
        return False

    def _pytorch(self, current: float) -> bool:
        if self._better(current, self.min_delta * (self._best or 0.0)):
            self._best, self._bad = current, 0
        else:
            self._bad += 1
        if self._cooling:
            self._cooling -= 1
            self._bad = 0
        return self._bad > self.patience

    def _better(self, current: float, margin: float) -> bool:
        if self._best is None:
            return math.isfinite(current)  # what diverged is never better
        return beats(self.monitor, current, self._best, margin)

    def _reduce(self, lr: float) -> str:
        lower, bad = max(lr * self.reduction, self.min_lr), self._bad
        # at the floor Keras goes on counting, PyTorch begins anew; PyTorch leaves changes under 1e-8 alone
        least = 1e-8 if self.rule == "pytorch" else 0.0
        # lr is a product of floats, so that it may lie above the floor by rounding alone
        reduced = lr - lower > least and not math.isclose(lr, lower)
        if reduced or self.rule == "pytorch":
            self._bad, self._cooling = 0, self.cooldown
        if not reduced:
            return ""
        self._reduced *= lower / lr
        epochs = "1 epoch" if bad == 1 else f"{bad} epochs"
        return f"Learning rate {lr:g} reduced to {lower:g}: {self.monitor} has not improved for {epochs}."
