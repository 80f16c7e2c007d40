"""AdamW: Adam, with weight decay outside of the division."""

from typing import Any

import torch

from trainer.component import param
from trainer.optimizers import Optimizer, learning_rate


class Adamw(Optimizer):
    """Adam with decoupled weight decay, on weights only.

    w <- w - lr weight_decay w, then Adam's step. An L2 penalty under Adam is divided like every
    gradient and so hardly decays weights whose gradients are large; this decays all alike.

    Source: Loshchilov & Hutter 2017, https://arxiv.org/abs/1711.05101
    """

    title = "AdamW"
    keeps = frozenset({"step", "exp_avg", "exp_avg_sq"})
    first_moment = "exp_avg"

    lr: float = learning_rate(0.001)
    beta1: float = param(0.9, "Share of the past that the mean of gradients keeps", low=0, high=0.99999, live=True)
    beta2: float = param(0.999, "Share of the past that the mean of squares keeps", low=0, high=0.999999, live=True)
    eps: float = param(1e-8, "Keeps the division from zero", low=1e-16, high=1, scale="log", live=True)
    weight_decay: float = param(
        0.01, "Share of a weight that a step takes away, times lr", low=0, high=10, scale="log", live=True
    )

    def build(self, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
        """Return torch's AdamW over the groups."""
        return torch.optim.AdamW(self.with_values(groups), lr=self.lr, fused=True)

    def group_values(self, decayed: bool) -> dict[str, Any]:
        """Return the group entries that the knobs stand for; biases and norms never decay."""
        decay = self.weight_decay if decayed else 0.0
        return {"betas": (self.beta1, self.beta2), "eps": self.eps, "weight_decay": decay}
