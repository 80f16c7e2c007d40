"""How long the gradient of each layer is."""

import torch

from trainer.component import param
from trainer.network import Network
from trainer.probes import Probe, Reading


class GradientNorm(Probe):
    """The length of each layer's gradient: vanishing or exploding from layer to layer.

    |g| over weights and biases of a layer together, and over the whole network, after regularizers such
    as clipping have changed it.

    Source: Glorot & Bengio 2010, section 4.2, https://proceedings.mlr.press/v9/glorot10a.html
    """

    rate: float = param(10.0, "Looks a second at most, while somebody watches", low=0.01, high=50, unit="Hz", live=True)

    @torch.no_grad()
    def after_backward(self, network: Network) -> Reading | None:
        """Return gradient_norm.<layer> for every layer, and gradient_norm.all."""
        norms = {}
        for name, layer in network.layers.items():
            parts = [torch.linalg.vector_norm(one.grad) for one in layer.parameters() if one.grad is not None]
            if parts:
                norms[f"gradient_norm.{name}"] = torch.linalg.vector_norm(torch.stack(parts))
        if not norms:
            return None
        norms["gradient_norm.all"] = torch.linalg.vector_norm(torch.stack(list(norms.values())))
        return Reading(numbers=norms)
