"""Adadelta: Adagrad that forgets, with steps in the unit of the weights."""

from typing import Any

import torch

from trainer.component import param
from trainer.optimizers import Optimizer, learning_rate


class Adadelta(Optimizer):
    """Scales each step by the size of past steps over the size of past gradients; needs no learning rate.

    s <- rho s + (1 - rho) g^2, d = sqrt(u + eps) / sqrt(s + eps) g, u <- rho u + (1 - rho) d^2, w <- w - lr d

    Source: Zeiler 2012, https://arxiv.org/abs/1212.5701
    """

    keeps = frozenset({"step", "square_avg", "acc_delta"})

    lr: float = learning_rate(1.0, "Learning rate: what the step is multiplied by")
    rho: float = param(0.9, "Share of the past that the means keep", low=0, high=0.99999, live=True)
    eps: float = param(
        1e-6, "Keeps the division from zero, and sets how fast the first steps are", low=1e-16, high=1, scale="log",
        live=True,
    )  # fmt: skip

    def build(self, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
        """Return torch's Adadelta over the groups."""
        return torch.optim.Adadelta(self.with_values(groups), lr=self.lr)

    def group_values(self, decayed: bool) -> dict[str, Any]:
        """Return the group entries that the knobs stand for."""
        return {"rho": self.rho, "eps": self.eps, "foreach": False}
