"""The L1 penalty."""

import torch
from torch import Tensor

from trainer.component import param
from trainer.network import Network
from trainer.regularizers import Regularizer


class L1(Regularizer):
    """Adds the sum of the sizes of all weights to the loss; pulls small weights towards zero.

    loss + strength sum |w|, over weights, never biases. The pull is the same at any size, strength
    sign(w): it jumps over zero rather than resting on it, so look at the share of |w| < 1e-3.

    Source: Tibshirani 1996, Regression shrinkage and selection via the lasso; Goodfellow, Bengio &
        Courville 2016, Deep Learning, section 7.1.2
    """

    strength: float = param(1e-4, "Weight of the penalty, lambda", low=0, high=10, scale="log", live=True)

    per_layer: dict[str, float] = param(
        {}, "Strength of single layers; the others take the common one", low=0, high=10, layers="all", live=True
    )

    def penalty(self, network: Network) -> Tensor | None:
        """Return strength x sum |w|; None at strength 0, which is exactly the plain run."""
        weights = network.weights()
        strengths = self.each(self.strength, network).items()
        found = [strength * weights[name].abs().sum() for name, strength in strengths if strength]
        return torch.stack(found).sum() if found else None
