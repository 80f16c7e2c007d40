"""SAM: not the lowest point, but the lowest surroundings."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from trainer.component import param
from trainer.optimizers import LateMomentum, Optimizer


class Sam(Optimizer):
    """Sharpness-aware minimisation: steps by the gradient of the worst point nearby, which leads to flat minima.

    e = rho g / |g| over all weights and biases; g' is the gradient at w + e; v <- momentum v + g', w <- w - lr v.
    A step costs two forward and backward passes, with the same dropout masks; the loss shown is the first one's.
    With rho 0 it is SGD.

    Source: Foret et al. 2020, https://arxiv.org/abs/2010.01412
    """

    title = "SAM"
    keeps = frozenset({"momentum_buffer"})
    first_moment = "momentum_buffer"
    asks_again = True

    rho: float = param(0.05, "How far away the worst point is looked for", low=0, high=10, scale="log", live=True)
    momentum: float = param(0.9, "Share of its speed that a step keeps; 0 is plain SGD", low=0, high=0.9999, live=True)

    def build(self, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
        """Return torch's SGD with SAM's two passes, over the groups."""
        return _TwoPasses(self.with_values(groups), lr=self.lr)

    def group_values(self, decayed: bool) -> dict[str, Any]:
        """Return the group entries that the knobs stand for."""
        return {"rho": self.rho, "momentum": self.momentum, "fused": self.momentum > 0, "foreach": False}


class _TwoPasses(LateMomentum):
    @torch.no_grad()
    def step(self, closure: Callable[[], Any]) -> Any:
        """Go up to the worst point nearby, take its gradient, come back, and step by that."""
        again = torch.enable_grad()(closure)
        loss = again()
        rho = self.param_groups[0]["rho"]
        moved = [one for group in self.param_groups for one in group["params"] if one.grad is not None]
        if rho and moved:
            before = [one.clone() for one in moved]
            slope = [one.grad for one in moved]
            length = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(one) for one in slope]))
            _add(moved, slope, rho / (length + 1e-12))
            again()
            for one, kept in zip(moved, before, strict=True):
                one.copy_(kept)
        super().step()
        return loss


def _add(parameters: list[Tensor], slope: list[Tensor], times: Tensor) -> None:
    for one, along in zip(parameters, slope, strict=True):
        one.addcmul_(along, times)
