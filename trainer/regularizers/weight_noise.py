"""Noise on the weights."""

import torch
from torch import Tensor

from trainer.component import param
from trainer.network import Network
from trainer.regularizers import Regularizer


class WeightNoise(Regularizer):
    """Trains with noisy weights: a minimum must be wide to be of use, for the network never stands still in it.

    Forward and backward see w + sigma N(0, 1), drawn anew for each; the update is made to w itself, which is
    put back bit for bit before it. Over weights, never biases; penalties see the noisy weights too.

    Source: An 1996, https://doi.org/10.1162/neco.1996.8.3.643; Goodfellow, Bengio & Courville 2016, Deep
        Learning, section 7.5
    """

    sigma: float = param(0.01, "Standard deviation of the noise", low=0, high=10, scale="log", live=True)

    def __init__(self, /, **values: float):
        super().__init__(**values)
        self._kept: list[tuple[Tensor, Tensor]] = []

    @torch.no_grad()
    def before_forward(self, network: Network) -> None:
        """Keep a copy of the weights, and add noise to them."""
        for weight in network.weights().values():
            self._kept.append((weight, weight.clone()))
            weight.add_(torch.empty_like(weight).normal_(0, 1, generator=self.generator), alpha=self.sigma)

    @torch.no_grad()
    def on_gradients(self, network: Network, step: int) -> None:
        """Put the weights back from the copy: taking the noise off again would round."""
        for weight, kept in self._kept:
            weight.copy_(kept)
        self._kept.clear()
