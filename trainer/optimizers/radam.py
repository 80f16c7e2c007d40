"""RAdam: Adam that waits for its second moment to be known well enough."""

from typing import Any

import torch

from trainer.component import param
from trainer.optimizers import Optimizer, learning_rate


class Radam(Optimizer):
    """Adam that divides only once enough gradients were seen; a warm-up by itself.

    r_inf = 2 / (1 - beta2) - 1, r = r_inf - 2 t beta2^t / (1 - beta2^t). While r <= 5: w <- w - lr m, which is
    momentum. After that Adam's step times sqrt((r - 4) (r - 2) r_inf / ((r_inf - 4) (r_inf - 2) r)), which rises to 1.

    Source: Liu et al. 2019, On the variance of the adaptive learning rate and beyond, https://arxiv.org/abs/1908.03265
    """

    title = "RAdam"
    keeps = frozenset({"step", "exp_avg", "exp_avg_sq"})
    first_moment = "exp_avg"

    lr: float = learning_rate(0.001)
    beta1: float = param(0.9, "Share of the past that the mean of gradients keeps", low=0, high=0.99999, live=True)
    beta2: float = param(0.999, "Share of the past that the mean of squares keeps", low=0, high=0.999999, live=True)
    eps: float = param(1e-8, "Keeps the division from zero", low=1e-16, high=1, scale="log", live=True)

    def build(self, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
        """Return torch's RAdam over the groups."""
        return torch.optim.RAdam(self.with_values(groups), lr=self.lr)

    def group_values(self, decayed: bool) -> dict[str, Any]:
        """Return the group entries that the knobs stand for."""
        return {"betas": (self.beta1, self.beta2), "eps": self.eps}
