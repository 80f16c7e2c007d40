"""Value clipping of weights."""

import torch

from trainer.component import param
from trainer.network import Network
from trainer.regularizers import Regularizer


class WeightClipping(Regularizer):
    """Cuts every weight that has grown over a limit back to it, after each update.

    w <- min(max(w, -limit), limit), over weights, never biases. Each weight by itself: unlike max-norm it
    changes the direction of what feeds a unit.

    Source: Arjovsky, Chintala & Bottou 2017, Wasserstein GAN, algorithm 1, https://arxiv.org/abs/1701.07875
    """

    title = "Value clipping"

    limit: float = param(0.5, "Largest that a weight may be, c: whatever is over c becomes c",
                         low=0.001, high=1000, scale="log", live=True)  # fmt: skip

    @torch.no_grad()
    def after_update(self, network: Network) -> None:
        """Cut the weights in place."""
        for weight in network.weights().values():
            weight.clamp_(-self.limit, self.limit)
