"""Muon for the hidden matrices, AdamW for all else."""

from collections.abc import Callable
from typing import Any

import torch

from trainer.component import param
from trainer.optimizers import Optimizer, learning_rate


class Muon(Optimizer):
    """Makes each hidden matrix's step a rotation: all its directions move alike. AdamW steps all else.

    m <- momentum m + (1 - momentum) g, O = U V^T of the look ahead (1 - momentum) g + momentum m = U S V^T, by five
    Newton-Schulz iterations, w <- w - lr weight_decay w, w <- w - 0.2 lr sqrt(max(rows, columns)) O, so that a step
    is as long as AdamW's and one lr serves both.

    First and last layer, biases, norms and convolutions are AdamW's (beta1 0.9, beta2 0.95): a network needs two
    hidden dense layers before Muon has anything to do.

    Source: Jordan et al. 2024, Muon, https://kellerjordan.github.io/posts/muon/; Liu et al. 2025, Muon is scalable
        for LLM training, https://arxiv.org/abs/2502.16982
    """

    lr: float = learning_rate(0.001)
    momentum: float = param(0.95, "Share of its speed that a step keeps", low=0, high=0.9999, live=True)
    nesterov: bool = param(True, "Look at the gradient ahead of the roll", live=True)
    weight_decay: float = param(
        0.1, "Share of a weight that a step takes away, times lr", low=0, high=10, scale="log", live=True
    )

    def build(self, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
        """Return torch's Muon and AdamW over the groups, as one."""
        return _MuonAndAdamw(self.with_values(groups), lr=self.lr)

    def group_values(self, decayed: bool) -> dict[str, Any]:
        """Return the group entries that the knobs stand for; biases and norms never decay."""
        decay = self.weight_decay if decayed else 0.0
        # fused: what torch asks of a group when it loads AdamW's step counts
        return {"momentum": self.momentum, "nesterov": self.nesterov, "weight_decay": decay, "fused": True}


class _MuonAndAdamw(torch.optim.Optimizer):
    """Both over one list of groups and one state: checkpoints and swaps see a single optimizer."""

    def __init__(self, groups: list[dict[str, Any]], lr: float):
        super().__init__(groups, {"lr": lr})
        some = [torch.zeros(1, 1)]  # neither can be made without a parameter; which they step is said in each step
        self._muon = torch.optim.Muon(some, adjust_lr_fn="match_rms_adamw")
        self._adamw = torch.optim.AdamW(some, betas=(0.9, 0.95), fused=True)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Step every parameter, each by its own."""
        loss = closure() if closure else None
        for inner, takes in ((self._muon, True), (self._adamw, False)):
            inner.state = self.state
            inner.param_groups = [
                inner.defaults | group | {"params": [one for one in group["params"] if (id(one) in hidden) == takes]}
                for group, hidden in ((one, _hidden(one)) for one in self.param_groups)
            ]
            inner.step()
        return loss


def _hidden(group: dict[str, Any]) -> set[int]:
    """Return the ids of the matrices between the first layer's weights and the last one's."""
    return {id(one) for one in group["params"][1:-1] if one.dim() == 2} if group["decayed"] else set()
