"""Optimizers: how a gradient becomes a step. Each file wraps one of torch.optim and declares its knobs."""

from abc import abstractmethod
from typing import Any, ClassVar

import torch
from torch import Tensor

from trainer.component import Component, param


def learning_rate(usual: float, help: str = "Learning rate: the length of a step", **facts: Any) -> Any:
    """Declare an optimizer's learning rate, with the default that is usual for it."""
    return param(usual, help, **{"low": 0, "high": 100, "scale": "log", "live": True, "title": "Learning rate"} | facts)


class Optimizer(Component):
    """How a gradient becomes a step.

    `lr` is the base learning rate; what a step uses is lr x the schedule's factor, which the loop
    writes into the groups just before each step.
    """

    lr: float = learning_rate(0.01)

    # torch's names of what it keeps for each tensor, for a swap that keeps moments (none where tensors differ in
    # what is kept), and which of them is a running mean of gradients, for a swap that transfers it
    keeps: ClassVar[frozenset[str]] = frozenset()
    first_moment: ClassVar[str | None] = None
    # whether a step evaluates its batch more than once
    asks_again: ClassVar[bool] = False

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

    @property
    def own_momentum(self) -> float:
        """The momentum, or beta1, that its knob stands for; 0 where it has none."""
        values = self.group_values(True)
        return values["betas"][0] if "betas" in values else values.get("momentum", 0.0)

    def write_momentum(self, optimizer: torch.optim.Optimizer, momentum: float) -> None:
        """Write a momentum into the groups of a running optimizer that has one, in the place of its own."""
        for group in optimizer.param_groups:
            values = self.group_values(group["decayed"])
            if "betas" in values:
                group["betas"] = (momentum, *values["betas"][1:])
            elif "momentum" in values:
                group["momentum"] = momentum

    def with_values(self, groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the groups with the entries that the knobs stand for."""
        return [group | self.group_values(group["decayed"]) for group in groups]

    def mean_weights(self, optimizer: torch.optim.Optimizer) -> dict[Tensor, Tensor]:
        """Return, by parameter, the weights to judge and to keep in place of those in training; mostly none."""
        return {}


def take_step(optimizer: torch.optim.Optimizer) -> None:
    """Do what `optimizer.step()` does, without the record that torch keeps of it for its profiler.

    That record is some 30 of the 550 microseconds of a small network's step. Who has hung hooks on the optimizer
    has them called.
    """
    whole = type(optimizer).step
    if optimizer._optimizer_step_pre_hooks or optimizer._optimizer_step_post_hooks:
        optimizer.step()
    else:
        getattr(whole, "__wrapped__", whole)(optimizer)


class LateMomentum(torch.optim.SGD):
    """Torch's SGD, for parameters that come later than others: fused, it wants all speeds or none.

    A speed of 0 is what a first step has: momentum 0 + g = g.
    """

    def _init_group(self, group: dict[str, Any], *lists: Any) -> Any:
        if group["momentum"] > 0:
            for parameter in group["params"]:
                if parameter.grad is not None and self.state[parameter].get("momentum_buffer") is None:
                    self.state[parameter]["momentum_buffer"] = torch.zeros_like(parameter)
        return super()._init_group(group, *lists)
