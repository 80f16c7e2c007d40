"""Optimizers: how a gradient becomes a step. Each file wraps one of torch.optim and declares its knobs."""

from abc import abstractmethod
from typing import Any, ClassVar

import torch

from trainer.component import Component, param


class Optimizer(Component):
    """How a gradient becomes a step.

    `lr` is the base learning rate; what a step uses is lr x the schedule's factor, which the loop
    writes into the groups just before each step.
    """

    lr: float = param(
        0.01, "Learning rate: the length of a step", low=0, high=100, scale="log", live=True, title="Learning rate"
    )

    # torch's names of what it keeps for each tensor, for a swap that keeps moments, and which of them is
    # a running mean of gradients, for a swap that transfers it
    keeps: ClassVar[frozenset[str]] = frozenset()
    first_moment: ClassVar[str | None] = None

    @abstractmethod
    def build(self, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
        """Return torch's optimizer over two groups: weights (group["decayed"] True), then biases and norms.

        Weight decay, where an optimizer has it, is set on the first group only.
        """

    def retune(self, optimizer: torch.optim.Optimizer) -> None:
        """Write the present knobs into the groups of a running optimizer; lr is the loop's to write."""
        for group in optimizer.param_groups:
            group.update(self.group_values(group["decayed"]))

    def group_values(self, decayed: bool) -> dict[str, Any]:
        """Return the group entries that the knobs stand for, without lr: {"momentum": 0.9}."""
        return {}
