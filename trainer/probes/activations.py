"""How what each layer gives is spread, on a few fixed samples, and what its units do."""

from collections.abc import Callable

from torch import Tensor

from trainer.histogram import histogram
from trainer.network import Layer, Network
from trainer.probes import Probe, Reading
from trainer.units import unit_shares


class Activations(Probe):
    """Histograms of what every layer gives: dead ReLUs, saturated sigmoids, signals that fade with depth.

    Of at most 256 validation samples, right after the activation function and before pooling; the
    output layer's are what goes into softmax or sigmoid. Of hidden layers also, as shares: units that are 0 for
    every sample (dead), values at the ends of a sigmoid or tanh (saturated), units that all give the same (alike).

    Source: Saito 2016, Deep Learning from Scratch, section 6.2,
        https://github.com/oreilly-japan/deep-learning-from-scratch
    """

    def on_samples(self, network: Network, samples: Tensor) -> Reading | None:
        """Return one histogram for every layer, by its name, and its shares. Its hooks are gone when it returns."""
        reading = Reading()
        *_, last = network.layers
        hooks = [_listen(layer, name, reading, name == last) for name, layer in network.layers.items()]
        try:
            network(samples)
        finally:
            for remove in hooks:
                remove()
        return reading


def _listen(layer: Layer, name: str, reading: Reading, last: bool) -> Callable[[], None]:
    def take(given: Tensor) -> None:
        reading.histograms[name] = histogram(given)
        if not last:
            shares = unit_shares(given, layer.activation)
            reading.numbers.update({f"{kind}.{name}": share for kind, share in shares.items()})

    if layer.pool is not None:
        return layer.pool.register_forward_pre_hook(lambda _, given: take(given[0])).remove
    # in eval mode the dropout slot, the last thing in a layer, passes its input on
    return layer.register_forward_hook(lambda _, __, given: take(given)).remove
