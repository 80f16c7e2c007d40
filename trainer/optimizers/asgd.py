"""Averaged SGD: many noisy steps, judged by their mean."""

from typing import Any

import torch
from torch import Tensor

from trainer.component import param
from trainer.optimizers import Optimizer


class Asgd(Optimizer):
    """SGD that keeps the mean of its weights: epochs are judged by the mean, and it is what the run leaves.

    eta = lr / (1 + lambd lr t)^alpha, w <- (1 - lambd eta) w - eta g. After t0 steps
    mean <- mean + (w - mean) / (t - t0); before, mean = w.

    A change of lr takes hold a step late, for torch sets eta at the end of a step.

    Source: Polyak & Juditsky 1992, Acceleration of stochastic approximation by averaging,
        https://doi.org/10.1137/0330046; Bottou 2012, Stochastic gradient descent tricks, section 5.2
    """

    title = "ASGD"
    keeps = frozenset({"step", "eta", "mu", "ax"})

    t0: int = param(
        500, "Steps after which the mean begins", low=0, high=1_000_000_000, scale="log", unit="steps", live=True,
        title="Mean begins after",
    )  # fmt: skip
    lambd: float = param(
        1e-4, "How fast steps shrink, and what they take off the weights", low=0, high=1, scale="log", live=True,
        title="Lambda",
    )  # fmt: skip
    alpha: float = param(0.75, "Power by which the steps shrink", low=0, high=1, live=True)

    def build(self, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
        """Return torch's ASGD over the groups."""
        return torch.optim.ASGD(self.with_values(groups), lr=self.lr)

    def group_values(self, decayed: bool) -> dict[str, Any]:
        """Return the group entries that the knobs stand for."""
        return {"lambd": self.lambd, "alpha": self.alpha, "t0": self.t0}

    def mean_weights(self, optimizer: torch.optim.Optimizer) -> dict[Tensor, Tensor]:
        """Return the mean of each parameter's weights, once it is one of several."""
        return {parameter: state["ax"] for parameter, state in optimizer.state.items() if state and state["mu"] < 1}
