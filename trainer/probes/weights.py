"""How the weights and biases of each layer are spread."""

from trainer.histogram import histogram
from trainer.network import Network
from trainer.probes import Probe, Reading


class Weights(Probe):
    """Histograms of every layer's weights and biases: what regularizers and initialisers do to them.

    64 bins between the least and the largest value, quantiles, and how many are exactly 0 or not finite.

    Source: Glorot & Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html
    """

    def after_update(self, network: Network) -> Reading | None:
        """Return <layer>.weight and <layer>.bias for every layer."""
        return Reading(
            histograms={
                f"{name}.{part}": histogram(one)
                for name, layer in network.layers.items()
                for part, one in layer.linear.named_parameters(recurse=False)
            }
        )
