"""Gradient clipping, by the length of the whole gradient or value by value."""

from torch import nn

from trainer.component import param
from trainer.network import Network
from trainer.regularizers import Regularizer


class GradientClipping(Regularizer):
    """Limits the gradient before each update, so that one steep place cannot throw the weights far.

    norm: g <- g min(1, limit / (|g| + 1e-6)), |g| over all weights and biases: keeps the direction.
    value: each entry of g is cut to -limit ... limit: changes the direction.

    Source: Pascanu, Mikolov & Bengio 2012, https://arxiv.org/abs/1211.5063
    """

    by: str = param("norm", "What is limited: the length of the gradient, or each entry", choices=("norm", "value"),
                    live=True)  # fmt: skip
    limit: float = param(1.0, "Largest length or entry", low=1e-6, high=1e6, scale="log", live=True)

    def on_gradients(self, network: Network, step: int) -> None:
        """Limit the gradients in place."""
        if self.by == "norm":
            nn.utils.clip_grad_norm_(network.parameters(), self.limit)
        else:
            nn.utils.clip_grad_value_(network.parameters(), self.limit)
