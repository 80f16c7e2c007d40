"""Decoupled weight decay, for any optimizer."""

import torch

from trainer.component import param
from trainer.network import Network
from trainer.regularizers import Regularizer


class WeightDecay(Regularizer):
    """Takes a share off every weight before each update, outside of loss and gradient.

    w <- w - lr strength w, over weights, never biases. With SGD this is the L2 penalty; with Adam it is
    not: there a penalty's gradient is divided like every other. Adamw has this built in.

    Source: Loshchilov & Hutter 2017, https://arxiv.org/abs/1711.05101
    """

    strength: float = param(0.01, "Share of a weight, times lr", low=0, high=10, scale="log", live=True)

    @torch.no_grad()
    def before_update(self, network: Network, lr: float) -> None:
        """Shrink every weight by lr x strength."""
        for weight in network.weights().values():
            weight.mul_(1 - lr * self.strength)
