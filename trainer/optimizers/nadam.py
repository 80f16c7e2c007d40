"""NAdam: Adam that looks ahead of its roll."""

from typing import Any

import torch

from trainer.component import param
from trainer.optimizers import Optimizer, learning_rate


class Nadam(Optimizer):
    """Adam with Nesterov's look ahead: the step uses the momentum that the next step will have.

    m and s as Adam's; mu_t = beta1 (1 - 0.96^(t momentum_decay) / 2), P_t = mu_1 mu_2 ... mu_t,
    w <- w - lr (mu_(t+1) m / (1 - P_(t+1)) + (1 - mu_t) g / (1 - P_t)) / (sqrt(s / (1 - beta2^t)) + eps)

    Source: Dozat 2016, Incorporating Nesterov momentum into Adam, https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ
    """

    title = "NAdam"
    keeps = frozenset({"step", "exp_avg", "exp_avg_sq", "mu_product"})
    first_moment = "exp_avg"

    lr: float = learning_rate(0.002)
    beta1: float = param(0.9, "Share of the past that the mean of gradients keeps", low=0, high=0.99999, live=True)
    beta2: float = param(0.999, "Share of the past that the mean of squares keeps", low=0, high=0.999999, live=True)
    momentum_decay: float = param(
        0.004, "How fast the momentum rises from half of beta1 to beta1", low=0, high=1, scale="log", live=True
    )
    eps: float = param(1e-8, "Keeps the division from zero", low=1e-16, high=1, scale="log", live=True)

    def build(self, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
        """Return torch's NAdam over the groups."""
        return torch.optim.NAdam(self.with_values(groups), lr=self.lr)

    def group_values(self, decayed: bool) -> dict[str, Any]:
        """Return the group entries that the knobs stand for."""
        return {"betas": (self.beta1, self.beta2), "momentum_decay": self.momentum_decay, "eps": self.eps}
