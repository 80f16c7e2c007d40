"""Adam: momentum, with a step size for each weight."""

from typing import Any

import torch

from trainer.component import param
from trainer.optimizers import Optimizer, learning_rate


class Adam(Optimizer):
    """Momentum, divided for each weight by the recent size of its gradient.

    m <- beta1 m + (1 - beta1) g, s <- beta2 s + (1 - beta2) g^2, both divided by 1 - beta^t,
    w <- w - lr m / (sqrt(s) + eps)

    Source: Kingma & Ba 2014, https://arxiv.org/abs/1412.6980
    """

    keeps = frozenset({"step", "exp_avg", "exp_avg_sq"})
    first_moment = "exp_avg"

    lr: float = learning_rate(0.001)
    beta1: float = param(0.9, "Share of the past that the mean of gradients keeps", low=0, high=0.99999, live=True)
    beta2: float = param(0.999, "Share of the past that the mean of squares keeps", low=0, high=0.999999, live=True)
    eps: float = param(1e-8, "Keeps the division from zero", low=1e-16, high=1, scale="log", live=True)

    def build(self, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
        """Return torch's Adam over the groups.

        Fused: 102 microseconds a step of a 64-100-100-10 network on one CPU thread, against 263 and 277
        for the for-loop and foreach.
        """
        return torch.optim.Adam(self.with_values(groups), lr=self.lr, fused=True)

    def group_values(self, decayed: bool) -> dict[str, Any]:
        """Return the group entries that the knobs stand for."""
        return {"betas": (self.beta1, self.beta2), "eps": self.eps}
