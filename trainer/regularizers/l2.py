"""The L2 penalty."""

import torch
from torch import Tensor

from trainer.component import param
from trainer.network import Network
from trainer.regularizers import Regularizer


class L2(Regularizer):
    """Adds half the sum of all squared weights to the loss; pulls each weight in proportion to its size.

    loss + 1/2 strength sum w^2, over weights, never biases: the gradient gains strength w. Keras' l2(k)
    has no half: its k is half of this strength. SGD's weight_decay in torch is this strength.

    Source: Krogh & Hertz 1991, A simple weight decay can improve generalization; Goodfellow, Bengio &
        Courville 2016, Deep Learning, section 7.1.1
    """

    strength: float = param(
        1e-3, "Weight of the penalty, lambda; Keras l2(k) is strength 2k", low=0, high=10, scale="log", live=True
    )

    per_layer: dict[str, float] = param(
        {}, "Strength of single layers; the others take the common one", low=0, high=10, layers="all", live=True
    )

    def penalty(self, network: Network) -> Tensor | None:
        """Return 1/2 strength x sum w^2; None at strength 0, which is exactly the plain run."""
        weights = network.weights()
        strengths = self.each(self.strength, network).items()
        found = [strength / 2 * weights[name].square().sum() for name, strength in strengths if strength]
        return torch.stack(found).sum() if found else None
