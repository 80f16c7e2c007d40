"""How the gradients of each layer are spread."""

from trainer.histogram import histogram
from trainer.network import Network
from trainer.probes import Probe, Reading


class Gradients(Probe):
    """Histograms of the gradient of every layer's weights and biases: where learning comes to a halt.

    64 bins between the least and the largest value, after regularizers such as clipping have changed them.

    Source: Glorot & Bengio 2010, section 4.2, https://proceedings.mlr.press/v9/glorot10a.html
    """

    def after_backward(self, network: Network) -> Reading | None:
        """Return <layer>.weight and <layer>.bias for every layer."""
        return Reading(
            histograms={
                f"{name}.{part}": histogram(one.grad)
                for name, layer in network.layers.items()
                for part, one in layer.linear.named_parameters(recurse=False)
                if one.grad is not None
            }
        )
