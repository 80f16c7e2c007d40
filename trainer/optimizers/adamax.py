"""Adamax: Adam by the largest gradient in place of the mean square."""

from typing import Any

import torch

from trainer.component import param
from trainer.optimizers import Optimizer, learning_rate


class Adamax(Optimizer):
    """Adam that divides by the largest recent gradient of each weight, so that no step is longer than lr.

    m <- beta1 m + (1 - beta1) g, u <- max(beta2 u, |g| + eps), w <- w - lr m / ((1 - beta1^t) u)

    Source: Kingma & Ba 2014, section 7.1, https://arxiv.org/abs/1412.6980
    """

    keeps = frozenset({"step", "exp_avg", "exp_inf"})
    first_moment = "exp_avg"

    lr: float = learning_rate(0.002)
    beta1: float = param(0.9, "Share of the past that the mean of gradients keeps", low=0, high=0.99999, live=True)
    beta2: float = param(
        0.999, "Share of the largest gradient that is left a step later", low=0, high=0.999999, live=True
    )
    eps: float = param(1e-8, "Keeps the division from zero", low=1e-16, high=1, scale="log", live=True)

    def build(self, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
        """Return torch's Adamax over the groups."""
        return torch.optim.Adamax(self.with_values(groups), lr=self.lr)

    def group_values(self, decayed: bool) -> dict[str, Any]:
        """Return the group entries that the knobs stand for."""
        return {"betas": (self.beta1, self.beta2), "eps": self.eps}
