"""Rprop: only the sign of a gradient counts."""

from typing import Any

import torch

from trainer.component import param
from trainer.optimizers import Optimizer, learning_rate


class Rprop(Optimizer):
    """Gives each weight a step of its own that grows while its gradient keeps its sign, and shrinks when it turns.

    d <- d grow when the sign is the last step's, d shrink when it turned (and that weight rests a step),
    w <- w - d sign(g)

    For batches of all samples: the sign of a small batch's gradient turns by chance. lr is where d begins; what
    a schedule does later has no effect.

    Source: Riedmiller & Braun 1993, A direct adaptive method for faster backpropagation learning,
        https://doi.org/10.1109/ICNN.1993.298623
    """

    keeps = frozenset({"step", "prev", "step_size"})

    lr: float = learning_rate(0.01, "Every weight's first step; later ones grow and shrink by themselves", live=False)
    shrink: float = param(
        0.5, "What a weight's step is multiplied by when its gradient turns", low=0.01, high=0.99, live=True
    )
    grow: float = param(
        1.2, "What a weight's step is multiplied by while its gradient keeps its sign", low=1.01, high=10, live=True
    )
    smallest: float = param(1e-6, "No step is smaller", low=1e-16, high=1, scale="log", live=True)
    largest: float = param(50.0, "No step is larger", low=1e-6, high=1000, scale="log", live=True)

    def build(self, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
        """Return torch's Rprop over the groups."""
        return torch.optim.Rprop(self.with_values(groups), lr=self.lr)

    def group_values(self, decayed: bool) -> dict[str, Any]:
        """Return the group entries that the knobs stand for."""
        return {"etas": (self.shrink, self.grow), "step_sizes": (self.smallest, self.largest)}
