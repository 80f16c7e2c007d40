"""Batch normalization that can be switched while training without changing what the network computes."""

import torch
from torch import Tensor, nn

from trainer.component import param
from trainer.network import Layer, Network, NormSlot
from trainer.regularizers import Parts, Regularizer

ROWS_AT_ONCE = 256


class BatchNorm(Regularizer):
    """Normalizes what every hidden unit or channel gets over the batch, before its activation.

    y = gamma (z - mean) / sqrt(var + 1e-5) + beta, mean and var of the batch while training, their moving
    averages otherwise. At the start gamma = 1 and beta = 0. Switched on in mid-run, mean and var are
    measured on the training part, and gamma and beta undo them: the network computes what it did.
    Switched off, all four are folded into weights and biases.

    Source: Ioffe & Szegedy 2015, https://arxiv.org/abs/1502.03167
    """

    title = "Batch normalization"

    momentum: float = param(
        0.1, "Share of a new batch in the moving averages; Keras' momentum 0.99 is 0.01 here", low=0, high=1, live=True
    )

    def on_switch(self, parts: Parts, enabled: bool) -> str:
        """Fill or empty the norm slots; on a turn of the knob, set the momentum."""
        network = parts.network
        slots = network.norm_slots()
        if not slots:
            return "Batch normalization does nothing here: there is no hidden layer."
        if enabled and slots[0].norm is not None:
            for slot in slots:
                slot.norm.momentum = self.momentum
            return ""
        if enabled:
            moments = None if parts.fresh else measure(network, parts.data.train.inputs)
            for slot, layer in _normed(network):
                slot.norm = self._norm(slot, layer)
                if moments is not None:
                    _undo(slot.norm, *moments[layer])
            if moments is None:
                return ""
            return f"{len(slots)} layers normalized; gamma and beta were set so that the network computes what it did."
        if slots[0].norm is None:
            return ""
        for _, layer in _normed(network):
            fold(layer)
        return f"{len(slots)} layers: gamma, beta and moving averages were folded into weights and biases."

    def _norm(self, slot: NormSlot, layer: Layer) -> nn.Module:
        norm = slot.kind(slot.width, momentum=self.momentum, device=layer.linear.weight.device)
        return norm.train(slot.training)


@torch.no_grad()
def measure(network: Network, inputs: Tensor) -> dict[Layer, tuple[Tensor, Tensor]]:
    """Return mean and variance (width,), float64, of what each hidden layer's linear map gives on all inputs.

    One pass in evaluation mode; draws no random number.
    """
    sums: dict[Layer, list[Tensor]] = {}

    def add(layer: Layer, z: Tensor) -> None:
        z = z.double().transpose(0, 1).flatten(1)  # (width, samples x places)
        seen = [torch.tensor(z.shape[1], device=z.device), z.sum(1), z.square().sum(1)]
        sums[layer] = [old + new for old, new in zip(sums.get(layer, [0, 0, 0]), seen, strict=True)]

    hooks = [
        layer.linear.register_forward_hook(lambda _, __, z, layer=layer: add(layer, z)) for _, layer in _normed(network)
    ]
    training = network.training
    network.eval()
    try:
        for rows in inputs.split(ROWS_AT_ONCE):
            network(rows)
    finally:
        network.train(training)
        for hook in hooks:
            hook.remove()
    means = {layer: total / count for layer, (count, total, _) in sums.items()}
    return {
        layer: (means[layer], (squares / count - means[layer].square()).clamp(min=0))
        for layer, (count, _, squares) in sums.items()
    }


@torch.no_grad()
def fold(layer: Layer) -> None:
    """Write a layer's norm into its linear map, in place, and empty the slot.

    W <- W gamma / s, b <- (b - mean) gamma / s + beta, s = sqrt(var + eps).
    """
    norm, linear = layer.norm.norm, layer.linear
    factor = norm.weight.double() / (norm.running_var.double() + norm.eps).sqrt()
    linear.weight.copy_(linear.weight.double() * factor.view(-1, *[1] * (linear.weight.dim() - 1)))
    linear.bias.copy_((linear.bias.double() - norm.running_mean.double()) * factor + norm.bias.double())
    layer.norm.norm = None


@torch.no_grad()
def _undo(norm: nn.Module, mean: Tensor, variance: Tensor) -> None:
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(variance)
    # from the rounded statistics, so that what is divided by is what is multiplied by
    norm.weight.copy_((norm.running_var.double() + norm.eps).sqrt())
    norm.bias.copy_(norm.running_mean)


def _normed(network: Network) -> list[tuple[NormSlot, Layer]]:
    return [(layer.norm, layer) for layer in network.layers.values() if layer.norm is not None]
