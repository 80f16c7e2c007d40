"""L-BFGS: second-order steps for batches of all samples."""

from collections.abc import Callable
from typing import Any

import torch

from trainer.component import param
from trainer.optimizers import Optimizer, learning_rate


class Lbfgs(Optimizer):
    """Guesses the curvature from the last gradients, and takes several Newton-like moves in one step.

    d = -H g, with H built from the last pairs (change of w, change of g); w <- w + t d. With line search t
    is found so that the strong Wolfe conditions hold, and lr is the first t that is tried; without it t = lr.

    For batches of all samples: set the batch size to the number of training samples. From batch to batch
    another loss is asked, which curvature and line search take for the same one. The loss shown for a step is the
    first that it asked for; each evaluation costs a forward and a backward pass.

    Source: Liu & Nocedal 1989, On the limited memory BFGS method for large scale optimization,
        https://doi.org/10.1007/BF01589116
    """

    title = "L-BFGS"
    asks_again = True

    lr: float = learning_rate(1.0, "Length of a move along the direction, or the first that the line search tries")
    moves: int = param(
        20, "Moves in one step at most; up to 5/4 as many evaluations, or 10", low=1, high=1000, scale="log", live=True
    )
    history: int = param(100, "Last moves from which curvature is guessed", low=1, high=1000, scale="log")
    line_search: bool = param(True, "Look for a length that lowers the loss enough (strong Wolfe)", live=True)

    def build(self, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
        """Return torch's LBFGS over the groups."""
        return _OverGroups(self.with_values(groups), lr=self.lr, history_size=self.history)

    def group_values(self, decayed: bool) -> dict[str, Any]:
        """Return the group entries that the knobs stand for."""
        return {
            "max_iter": self.moves,
            "max_eval": max(self.moves * 5 // 4, 10),  # fewer leave a line search no room
            "line_search_fn": "strong_wolfe" if self.line_search else None,
        }


class _OverGroups(torch.optim.LBFGS):
    """Torch's LBFGS, which takes one group of parameters, over ours; what it knows is kept with the first parameter.

    When parameters come or go its curvature is of other weights, and it begins anew.
    """

    def __init__(self, groups: list[dict[str, Any]], **defaults: Any):
        super().__init__([one for group in groups for one in group["params"]], **defaults)
        self.param_groups = []
        for group in groups:
            self.add_param_group(group)

    def step(self, closure: Callable[[], Any]) -> Any:
        """Take several moves as one step."""
        groups = self.param_groups
        self._params = [one for group in groups for one in group["params"]]
        self._numel_cache = sum(one.numel() for one in self._params)
        known = self.state[self._params[0]]
        if "d" in known and known["d"].numel() != self._numel_cache:
            known.clear()
        self.param_groups = [groups[0] | {"params": self._params}]
        try:
            return super().step(closure)
        finally:
            self.param_groups = groups
