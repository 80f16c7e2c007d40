"""Noise on the gradients."""

import torch

from trainer.component import param
from trainer.network import Network
from trainer.regularizers import Regularizer


class GradientNoise(Regularizer):
    """Adds Gaussian noise to every gradient before the update, less and less of it as training goes on.

    g <- g + sigma_t N(0, 1), sigma_t^2 = eta / (1 + t)^gamma, t the step of the run: over weights and biases,
    after clipping. gamma 0 keeps the noise as it is; the paper takes 0.55 and eta 0.01, 0.3 or 1.

    Source: Neelakantan et al. 2015, Adding gradient noise improves learning for very deep networks,
        https://arxiv.org/abs/1511.06807
    """

    eta: float = param(0.01, "Variance of the noise at step 0", low=0, high=100, scale="log", live=True)
    gamma: float = param(0.55, "How fast it is annealed: 0 never", low=0, high=2, live=True)

    def on_gradients(self, network: Network, step: int) -> None:
        """Add the noise in place."""
        sigma = (self.eta / (1 + step) ** self.gamma) ** 0.5
        for one in network.parameters():
            if one.grad is not None:
                one.grad.add_(torch.empty_like(one.grad).normal_(0, 1, generator=self.generator), alpha=sigma)
