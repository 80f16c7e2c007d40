"""The max-norm constraint."""

import torch

from trainer.component import param
from trainer.network import Network
from trainer.regularizers import Regularizer

EPSILON = 1e-7  # Keras' own


class MaxNorm(Regularizer):
    """Scales the weights of a unit back when together they are longer than a limit, after each update.

    w <- w c / (|w| + 1e-7) for each unit with |w| > c: the weights that feed one unit, or one filter of a
    convolution. Biases are free, units within the limit untouched. It matters only where units touch it.

    Source: Srivastava et al. 2014, section 5.1, https://jmlr.org/papers/v15/srivastava14a.html;
        keras.constraints.MaxNorm
    """

    title = "Max-norm"

    limit: float = param(2.0, "Longest that a unit's weights may be, c; 3 to 4 is usual with dropout",
                         low=0.001, high=1000, scale="log", live=True)  # fmt: skip
    per_layer: dict[str, float] = param(
        {}, "Limit of single layers; the others take the common one", low=0.001, high=1000, layers="all", live=True
    )

    @torch.no_grad()
    def after_update(self, network: Network) -> None:
        """Scale the units that are over the limit back to it."""
        weights = network.weights()
        for name, limit in self.each(self.limit, network).items():
            weight = weights[name]
            lengths = torch.linalg.vector_norm(weight.flatten(1), dim=1)
            back = torch.where(lengths > limit, limit / (lengths + EPSILON), 1.0)
            weight.mul_(back.view(-1, *[1] * (weight.dim() - 1)))
