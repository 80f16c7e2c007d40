"""How what goes into each activation function is spread, on a few fixed samples."""

from torch import Tensor
from torch.utils.hooks import RemovableHandle

from trainer.histogram import histogram
from trainer.network import Layer, Network
from trainer.probes import Probe, Reading


class PreActivations(Probe):
    """Histograms of what goes into every activation function: what batch normalization holds at one size.

    Of at most 256 validation samples: the sum w x + b of each layer, or what batch normalization makes of it where
    that is on, before a skip is added. In evaluation mode, so it normalizes by its moving averages.

    Source: Ioffe & Szegedy 2015, figure 1, https://arxiv.org/abs/1502.03167
    """

    on_by_itself = False

    def on_samples(self, network: Network, samples: Tensor) -> Reading | None:
        """Return one histogram for every layer, by its name. Its hooks are gone when it returns."""
        reading = Reading()
        hooks = [_listen(layer, name, reading) for name, layer in network.layers.items()]
        try:
            network(samples)
        finally:
            for hook in hooks:
                hook.remove()
        return reading


def _listen(layer: Layer, name: str, reading: Reading) -> RemovableHandle:
    def take(_: object, __: object, given: Tensor) -> None:
        reading.histograms[name] = histogram(given)

    is_normed = layer.norm is not None and layer.norm.norm is not None
    return (layer.norm if is_normed else layer.linear).register_forward_hook(take)
