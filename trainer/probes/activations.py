"""How what each layer gives is spread, on a few fixed samples."""

from collections.abc import Callable

from torch import Tensor

from trainer.histogram import histogram
from trainer.network import Layer, Network
from trainer.probes import Histogram, Probe, Reading


class Activations(Probe):
    """Histograms of what every layer gives: dead ReLUs, saturated sigmoids, signals that fade with depth.

    Of at most 256 validation samples, right after the activation function and before pooling; the
    output layer's are what goes into softmax or sigmoid.

    Source: Saito 2016, Deep Learning from Scratch, section 6.2,
        https://github.com/oreilly-japan/deep-learning-from-scratch
    """

    def on_samples(self, network: Network, samples: Tensor) -> Reading | None:
        """Return one histogram for every layer, by its name. Its hooks are gone when it returns."""
        seen: dict[str, Histogram] = {}
        hooks = [_listen(layer, name, seen) for name, layer in network.layers.items()]
        try:
            network(samples)
        finally:
            for remove in hooks:
                remove()
        return Reading(histograms=seen)


def _listen(layer: Layer, name: str, seen: dict[str, Histogram]) -> Callable[[], None]:
    if layer.pool is not None:
        return layer.pool.register_forward_pre_hook(lambda _, given: seen.update({name: histogram(given[0])})).remove
    # in eval mode the dropout slot, the last thing in a layer, passes its input on
    return layer.register_forward_hook(lambda _, __, given: seen.update({name: histogram(given)})).remove
