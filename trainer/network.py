"""A network as Livefit trains it: layers with slots for batch normalization and dropout.

The slots are there from the start and empty, so that both can be switched while training: an empty
slot passes its input through and draws no random number.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

Step = Callable[[Tensor], Tensor]


class NormSlot(nn.Module):
    """A place for batch normalization after the linear map of a layer, and before its activation.

    `dimensions` of one channel: 0 for units (batch, width), else 1 to 3 as in (batch, channels, height, width).
    """

    def __init__(self, width: int, dimensions: int):
        super().__init__()
        self.width = width
        self.kind = (nn.BatchNorm1d, nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)[dimensions]
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

    Draws from a generator of its own, so that switching it moves nobody else's random numbers. A token that
    is struck out becomes 0, the padding, which counts in no mean.
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
        return x * keep.div_(1 - self.rate) if x.is_floating_point() else x * keep


class Embedding(nn.Module):
    """Looks up a vector for each token and gives their mean; token 0 is padding, and does not count.

    Tokens (batch, length), int64, become (batch, dimension); weight (vocabulary, dimension), no bias. A text of
    padding alone becomes zeros.
    """

    def __init__(self, vocabulary: int, dimension: int, device: str | None = None):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(vocabulary, dimension, device=device))
        self.register_parameter("bias", None)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return the mean of the tokens' vectors (batch, dimension)."""
        return nn.functional.embedding_bag(tokens, self.weight, mode="mean", padding_idx=0)


class Layer(nn.Module):
    """One layer: linear map (dense, convolution, embedding), norm slot, activation, pooling, dropout slot.

    `pool`: all that follows without weights before the next layer. The output layer has no slots, a projection
    on a skip no dropout.
    """

    def __init__(
        self, linear: nn.Module, activation: Step | None, pool: nn.Module | None = None, norm=True, dropout=True
    ):
        super().__init__()
        self.linear = linear
        self.norm = NormSlot(linear.weight.shape[0], linear.weight.dim() - 2) if norm else None
        self.activation = activation
        self.pool = pool
        self.dropout = DropoutSlot() if dropout else None
        self._flattens = isinstance(linear, nn.Linear)

    def forward(self, x: Tensor, skip: Tensor | None = None) -> Tensor:
        """Return the layer's output: (batch, width) or (batch, channels, *sides).

        `skip` is added before the activation.
        """
        if self._flattens and x.dim() > 2:
            x = x.flatten(1)
        x = self.linear(x)
        # an empty slot is passed by, not called: a call costs microseconds, a step of a small network hundreds
        norm, dropout = self.norm, self.dropout
        if norm is not None and norm.norm is not None:
            x = norm(x)
        if skip is not None:
            x = x + skip
        if self.activation is not None:
            x = self.activation(x)
        if self.pool is not None:
            x = self.pool(x)
        return x if dropout is None or dropout.rate == 0 else dropout(x)


@dataclass(frozen=True)
class Residual:
    """Two layers and a way around them: f(second(first(x)) + x), or + projection(x) where the shape changes."""

    first: Layer
    second: Layer
    projection: Layer | None = None

    def __call__(self, x: Tensor) -> Tensor:
        """Return the block's output."""
        inside = self.first(x)
        around = x if self.projection is None else self.projection(x)
        return self.second(inside, around)


@dataclass(frozen=True)
class Row:
    """One step from input to output, as a plan shows it.

    Args:
        name: what charts call the layer; a step without weights has a name too.
        kind: "linear", "conv2d", "maxpool2d", ...
        shape: of its output for one sample.
        layer: the layer whose weights it has, or None.
        formula: how the shape follows from the shape before, with the numbers put in.
        takes: names of the rows whose outputs it takes, "input" for the network's; two where a skip is added.
        place: number of the entry in a list of layers that it comes from.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    layer: Layer | None = None
    formula: str = ""
    takes: tuple[str, ...] = ()
    place: int | None = None


class Network(nn.Module):
    """Layers one after the other, with dropout on the input before them.

    `layers` maps a readable name ("dense 1", "conv 2", "output") to its layer: charts, probes and
    plans call layers by these names. A name has no dot.

    `path`: what an input goes through, where that is more than the layers in their order. `rows`: for the plan.
    """

    def __init__(self, layers: dict[str, Layer], path: Sequence[Step] | None = None, rows: Sequence[Row] = ()):
        super().__init__()
        self.input_dropout = DropoutSlot()
        self.layers = nn.ModuleDict(layers)
        # a tuple: what it holds is not registered a second time, and a state dict has each tensor once
        self._path = tuple(layers.values() if path is None else path)
        self.rows = tuple(rows)

    def forward(self, x: Tensor) -> Tensor:
        """Return the outputs before the last activation (batch, outputs): logits or numbers."""
        if self.input_dropout.rate:
            x = self.input_dropout(x)
        for step in self._path:
            x = step(x)
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
