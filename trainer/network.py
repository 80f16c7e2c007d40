"""A network as Livefit trains it: layers with slots for batch normalization and dropout.

The slots are there from the start and empty, so that both can be switched while training: an empty
slot passes its input through and draws no random number.
"""

import torch
from torch import Tensor, nn


class NormSlot(nn.Module):
    """A place for batch normalization after the linear map of a layer, and before its activation."""

    def __init__(self, width: int, dimensions: int):
        super().__init__()
        self.width = width
        self.kind = {1: nn.BatchNorm1d, 2: nn.BatchNorm2d}[dimensions]
        self.norm: nn.Module | None = None

    def forward(self, x: Tensor) -> Tensor:
        """Return x normalized, or x itself when the slot is empty."""
        if self.norm is None:
            return x
        if self.training and x.numel() == x.shape[1]:
            # one value a unit has no variance, as in an epoch's last batch of 1: the moving averages serve
            n = self.norm
            return nn.functional.batch_norm(x, n.running_mean, n.running_var, n.weight, n.bias, eps=n.eps)
        return self.norm(x)


class DropoutSlot(nn.Module):
    """A place for dropout. Inverted: kept units are divided by 1 - rate, evaluation changes nothing.

    Draws from a generator of its own, so that switching it moves nobody else's random numbers.
    """

    def __init__(self) -> None:
        super().__init__()
        self.rate = 0.0
        self.generator: torch.Generator | None = None

    def forward(self, x: Tensor) -> Tensor:
        """Return x with units struck out while training, x itself otherwise."""
        if not self.training or self.rate == 0:
            return x
        keep = torch.empty_like(x).bernoulli_(1 - self.rate, generator=self.generator)
        return x * keep.div_(1 - self.rate)


class Layer(nn.Module):
    """One layer: linear map (dense or convolution), norm slot, activation, pooling, dropout slot."""

    def __init__(self, linear: nn.Module, activation, pool: nn.Module | None = None, last: bool = False):
        super().__init__()
        self.linear = linear
        dimensions = 2 if isinstance(linear, nn.Conv2d) else 1
        self.norm = None if last else NormSlot(linear.weight.shape[0], dimensions)
        self.activation = activation
        self.pool = pool
        self.dropout = None if last else DropoutSlot()

    def forward(self, x: Tensor) -> Tensor:
        """Return the layer's output: (batch, width) or (batch, channels, height, width)."""
        if x.dim() > 2 and isinstance(self.linear, nn.Linear):
            x = x.flatten(1)
        x = self.linear(x)
        # an empty slot is passed by, not called: a call costs microseconds, a step of a small network hundreds
        norm, dropout = self.norm, self.dropout
        if norm is not None and norm.norm is not None:
            x = norm(x)
        if self.activation is not None:
            x = self.activation(x)
        if self.pool is not None:
            x = self.pool(x)
        return x if dropout is None or dropout.rate == 0 else dropout(x)


class Network(nn.Module):
    """Layers one after the other, with dropout on the input before them.

    `layers` maps a readable name ("dense 1", "conv 2", "output") to its layer: charts, probes and
    plans call layers by these names. A name has no dot.
    """

    def __init__(self, layers: dict[str, Layer]):
        super().__init__()
        self.input_dropout = DropoutSlot()
        self.layers = nn.ModuleDict(layers)

    def forward(self, x: Tensor) -> Tensor:
        """Return the outputs before the last activation (batch, outputs): logits or numbers."""
        if self.input_dropout.rate:
            x = self.input_dropout(x)
        for layer in self.layers.values():
            x = layer(x)
        return x

    def norm_slots(self) -> list[NormSlot]:
        """Return the norm slots, first layer first."""
        return [layer.norm for layer in self.layers.values() if layer.norm is not None]

    def dropout_slots(self) -> list[DropoutSlot]:
        """Return the dropout slots of the hidden layers; the input's is `input_dropout`."""
        return [layer.dropout for layer in self.layers.values() if layer.dropout is not None]

    def weights(self) -> dict[str, Tensor]:
        """Return the weight of each layer's linear map by layer name: what penalties and decay act on."""
        return {name: layer.linear.weight for name, layer in self.layers.items()}

    def groups(self) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
        """Return the parameters that decay (weights) and those that never do (biases and norms)."""
        decayed = list(self.weights().values())
        known = {id(one) for one in decayed}
        return decayed, [one for one in self.parameters() if id(one) not in known]


def plain_name(tensor: str) -> str:
    """Return a tensor's name as charts and plans have it: "dense 1.weight" for "layers.dense 1.linear.weight"."""
    return tensor.removeprefix("layers.").replace(".linear.", ".").replace(".norm.norm.", ".norm.")
