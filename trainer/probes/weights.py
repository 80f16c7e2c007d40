"""How the weights and biases of each layer are spread."""

import torch

from trainer.histogram import histogram
from trainer.network import Network
from trainer.probes import Probe, Reading

SMALL = 1e-3


class Weights(Probe):
    """Histograms of every layer's weights and biases: what regularizers and initialisers do to them.

    64 bins between the least and the largest value, quantiles, and how many are exactly 0 or not finite. And as a
    number the share of a layer's weights with |w| < 0.001, which L1 makes grow.

    Source: Glorot & Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html
    """

    @torch.no_grad()
    def after_update(self, network: Network) -> Reading | None:
        """Return <layer>.weight and <layer>.bias for every layer, and small_weights.<layer>."""
        return Reading(
            numbers={
                f"small_weights.{name}": weight.abs().lt(SMALL).float().mean()
                for name, weight in network.weights().items()
            },
            histograms={
                f"{name}.{part}": histogram(one)
                for name, layer in network.layers.items()
                for part, one in layer.linear.named_parameters(recurse=False)
            },
        )
