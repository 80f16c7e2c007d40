"""Adafactor: an Adam without momentum that hardly needs memory."""

from typing import Any

import torch

from trainer.component import param
from trainer.optimizers import Optimizer, learning_rate


class Adafactor(Optimizer):
    """Divides by the recent size of gradients, kept as one number a row and a column; steps are relative.

    For a matrix s is the product of the running means of g^2 over rows and over columns, with a share 1 - t^-decay
    of the past; u = g / sqrt(s), made no longer than clip: u <- u / max(1, rms(u) / clip);
    w <- w - min(lr, 1 / sqrt(t)) max(0.001, rms(w)) u

    Source: Shazeer & Stern 2018, https://arxiv.org/abs/1804.04235
    """

    lr: float = learning_rate(0.01, "Length of a step, as a share of the weights' own size")
    decay: float = param(0.8, "How fast the share of the past rises to 1", low=0, high=1, live=True)
    clip: float = param(1.0, "Largest root mean square of what is stepped by", low=1, high=1000, scale="log", live=True)

    def build(self, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
        """Return torch's Adafactor over the groups."""
        return torch.optim.Adafactor(self.with_values(groups), lr=self.lr)

    def group_values(self, decayed: bool) -> dict[str, Any]:
        """Return the group entries that the knobs stand for."""
        return {"beta2_decay": -self.decay, "d": self.clip}
