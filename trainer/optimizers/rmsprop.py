"""RMSprop: a step size for each weight, from the recent size of its gradient."""

from typing import Any

import torch

from trainer.component import param
from trainer.optimizers import Optimizer, learning_rate


class Rmsprop(Optimizer):
    """Divides each weight's step by the recent size of its gradient.

    s <- rho s + (1 - rho) g^2, w <- w - lr g / (sqrt(s) + eps). Momentum rolls the divided gradients.

    Torch calls rho alpha and sets it to 0.99; 0.9 is the lecture's and Keras'.

    Source: Tieleman & Hinton 2012, Neural Networks for Machine Learning, lecture 6.5,
        https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf
    """

    title = "RMSprop"
    keeps = frozenset({"step", "square_avg"})

    lr: float = learning_rate(0.001)
    rho: float = param(0.9, "Share of the past that the mean of squares keeps", low=0, high=0.99999, live=True)
    momentum: float = param(0.0, "Share of its speed that a step keeps", low=0, high=0.9999, live=True)
    eps: float = param(1e-8, "Keeps the division from zero", low=1e-16, high=1, scale="log", live=True)

    def build(self, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
        """Return torch's RMSprop over the groups."""
        return _LateMomentum(self.with_values(groups), lr=self.lr)

    def group_values(self, decayed: bool) -> dict[str, Any]:
        """Return the group entries that the knobs stand for."""
        return {"alpha": self.rho, "momentum": self.momentum, "eps": self.eps, "foreach": False}


class _LateMomentum(torch.optim.RMSprop):
    """Torch's RMSprop, which makes its momentum buffers at the first step, for momentum turned on later too."""

    def _init_group(self, group: dict[str, Any], *lists: Any) -> Any:
        if group["momentum"] > 0:
            for parameter in group["params"]:
                state = self.state[parameter]
                if state and "momentum_buffer" not in state:
                    state["momentum_buffer"] = torch.zeros_like(parameter)
        return super()._init_group(group, *lists)
