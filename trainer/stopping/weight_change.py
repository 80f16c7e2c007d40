"""Stopping where the weights stand still."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from trainer.component import param
from trainer.network import Network
from trainer.stopping import AtRest


class WeightChange(AtRest):
    """Stops when the weights hardly move from epoch to epoch.

    |w - w of the epoch before| < threshold, over all weights and biases as one vector

    A learning rate that a schedule has lowered to nothing has this effect too.

    Source: Nocedal & Wright 2006, Numerical optimization, section 3.1
    """

    title = "Weights at rest"
    metric = "train.weight_change"
    what = "the change of the weights in an epoch"

    threshold: float = param(1e-3, "What counts as no change", low=0, high=1000, scale="log", live=True)

    def __init__(self, /, **values: Any):
        super().__init__(**values)
        self._looked = 0
        self._before: dict[str, Tensor] = {}

    @torch.no_grad()
    def look(
        self, epoch: int, metrics: dict[str, float], network: Network, slope: Callable[[], float]
    ) -> dict[str, float]:
        """Return how far the weights have moved, where they are the ones that the epoch before had."""
        now = {name: one.detach().clone() for name, one in network.named_parameters()}
        (last, before), (self._looked, self._before) = (self._looked, self._before), (epoch, now)
        if not before or last != epoch - 1 or before.keys() != now.keys():
            return {}
        moved = [(one - before[name].to(one.device)).flatten() for name, one in now.items()]
        return {self.metric: torch.linalg.vector_norm(torch.cat(moved)).item()}

    def state(self) -> dict[str, Any]:
        """Return what must be kept in a checkpoint."""
        return super().state() | {"looked": self._looked, "before": self._before}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        super().load_state(state)
        self._looked, self._before = state["looked"], dict(state["before"])
