"""The elastic net: both penalties at once."""

import torch
from torch import Tensor

from trainer.component import param
from trainer.network import Network
from trainer.regularizers import Regularizer


class ElasticNet(Regularizer):
    """Adds a mix of the L1 and the L2 penalty to the loss; sparse like the one, steady like the other.

    loss + strength (ratio sum |w| + (1 - ratio) 1/2 sum w^2), over weights, never biases. ratio 1 is the L1
    penalty, ratio 0 the L2 penalty. Keras' l1_l2(a, b) is strength a + 2b, ratio a / (a + 2b).

    Source: Zou & Hastie 2005, https://doi.org/10.1111/j.1467-9868.2005.00503.x; written as in
        sklearn.linear_model.ElasticNet
    """

    strength: float = param(1e-4, "Weight of both penalties together, lambda", low=0, high=10, scale="log", live=True)
    ratio: float = param(0.5, "Share of L1 in it; the rest is L2", low=0, high=1, live=True)

    per_layer: dict[str, float] = param(
        {}, "Strength of single layers; the others take the common one", low=0, high=10, layers="all", live=True
    )

    def penalty(self, network: Network) -> Tensor | None:
        """Return the two penalties' sum; None at strength 0, which is exactly the plain run."""
        weights, found = network.weights(), []
        for name, strength in self.each(self.strength, network).items():
            if strength:
                weight = weights[name]
                found.append(
                    strength * (self.ratio * weight.abs().sum() + (1 - self.ratio) / 2 * weight.square().sum())
                )
        return torch.stack(found).sum() if found else None
