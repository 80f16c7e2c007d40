"""How far an update moves each layer, as a share of its weights."""

import torch
from torch import Tensor

from trainer.component import param
from trainer.network import Network
from trainer.probes import Probe, Reading


class UpdateRatio(Probe):
    """The length of an update over the length of the weights it moves; about 0.001 is healthy.

    |w after - w before| / |w before|, over a layer's weights, with decay and constraints. Infinite where
    all weights are 0.

    Source: Karpathy, CS231n, Neural Networks 3, https://cs231n.github.io/neural-networks-3/#ratio
    """

    rate: float = param(10.0, "Looks a second at most, while somebody watches", low=0.01, high=50, unit="Hz", live=True)

    def __init__(self, /, **values: float):
        super().__init__(**values)
        self._before: dict[str, Tensor] = {}

    def before_update(self, network: Network) -> None:
        """Keep a copy of the weights."""
        self._before = {name: weight.detach().clone() for name, weight in network.weights().items()}

    @torch.no_grad()
    def after_update(self, network: Network) -> Reading | None:
        """Return update_ratio.<layer> for every layer, and let go of the copy."""
        before, self._before = self._before, {}
        if not before:
            return None
        norm = torch.linalg.vector_norm
        return Reading(
            numbers={
                f"update_ratio.{name}": norm(weight - before[name]) / norm(before[name])
                for name, weight in network.weights().items()
            }
        )
