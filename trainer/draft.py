"""A network while it is drafted: layer upon layer, each made for the shape that the one before gives.

Shapes are those of one sample: (features,), or (channels, *sides) with one side for a signal, two for an image,
three for a volume. Sizes follow the formula that the plan shows; tests compare them with what torch makes.
"""

from collections import Counter
from collections.abc import Callable
from math import prod
from typing import NamedTuple

from torch import Tensor, nn

from trainer.component import ParameterError
from trainer.network import Embedding, Layer, Network, Residual, Row, Step
from trainer.rows import size_formula, times

OWN = "model"  # the activation of a layer that takes the model's
CONVS = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
POOLS = {
    "max": {1: nn.MaxPool1d, 2: nn.MaxPool2d, 3: nn.MaxPool3d},
    "average": {1: nn.AvgPool1d, 2: nn.AvgPool2d, 3: nn.AvgPool3d},
}
SKIPS = ("auto", "identity", "projection", "none")


class Map(NamedTuple):
    """A linear map on the meta device, and the shape of what it gives."""

    linear: nn.Module
    shape: tuple[int, ...]
    formula: str = ""


class GlobalPool(nn.Module):
    """One number for each channel: its mean over all places, or its largest value."""

    def __init__(self, how: str):
        super().__init__()
        self.how = how

    def forward(self, x: Tensor) -> Tensor:
        """Return (batch, channels)."""
        places = x.flatten(2)
        return places.amax(2) if self.how == "max" else places.mean(2)


class Reshape(nn.Module):
    """The same values in another shape."""

    def __init__(self, shape: tuple[int, ...]):
        super().__init__()
        self.shape = shape

    def forward(self, x: Tensor) -> Tensor:
        """Return (batch, *shape)."""
        return x.reshape(-1, *self.shape)


class Draft:
    """What has been laid so far, and `shape`, which the next layer gets.

    Every method lays one thing and raises ParameterError where it does not fit, with the parameter that is to
    blame as its field, or "".

    Args:
        tokens: how many different tokens the inputs have; 0 when they are plain numbers.
        fill: draws the weights of a linear map that was made on the meta device.
        activation: returns the activation of a name, `OWN` among them.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        tokens: int,
        fill: Callable[[nn.Module], nn.Module],
        activation: Callable[[str], Step],
    ):
        self.shape = tuple(shape)
        self.tokens = tokens
        self.place: int | None = None  # of the entry under way, when layers are a list
        self._fill, self._activation = fill, activation
        self._layers: dict[str, Layer] = {}
        self._path: list[Step] = []
        self._rows: list[Row] = []
        self._counted: Counter[str] = Counter()

    def dense(self, units: int, activation: str = OWN) -> None:
        """Lay a dense layer; what has sides is flattened by it."""
        name = self._name("dense")
        self._lay(name, self._linear(prod(self.shape), units), activation)

    def conv(self, filters: int, kernel: int, stride: int, padding: int, activation: str = OWN) -> None:
        """Lay a convolution over as many sides as there are."""
        name = self._name("conv")
        self._lay(name, self._conv(name, self._places(name), filters, kernel, stride, padding), activation)

    def pool(self, size: int, stride: int = 0, how: str = "max") -> None:
        """Keep the largest value, or the mean, of each field of `size`; stride 0 is the size."""
        name = self._name("pool")
        channels, *sides = self._places(name)
        stride = stride or size
        if min(sides) < size:
            smaller = f"Use fields of at most {min(sides)}" if min(sides) > 1 else "Leave it out"
            told = f"{name} gets {self.words()}, too small for fields of {size}. {smaller}, or pool less before it."
            raise ParameterError("pool", told)
        shape = (channels, *((side - size) // stride + 1 for side in sides))
        self._then(name, POOLS[how][len(sides)](size, stride), shape, size_formula(sides, size, stride))

    def global_pool(self, how: str = "average") -> None:
        """Keep one number a channel."""
        name = self._name("global pool")
        channels = self._places(name)[0]
        self._then(name, GlobalPool(how), (channels,))

    def flatten(self) -> None:
        """Put all values in a row."""
        self._then(self._name("flatten"), nn.Flatten(), (prod(self.shape),))

    def reshape(self, shape: list[int]) -> None:
        """Take the same values as another shape; one -1 follows from the others."""
        name, count = self._name("reshape"), prod(self.shape)
        if not 1 <= len(shape) <= 4:
            told = f"{name} makes a shape of 1 to 4 sizes, as in [1, -1] for a signal; these are {len(shape)}."
            raise ParameterError("reshape", told)
        known = prod(size for size in shape if size != -1)
        if shape.count(-1) == 1 and known and count % known == 0:
            shape = [count // known if size == -1 else size for size in shape]
        if -1 in shape or prod(shape) != count:
            told = f"{name} gets {self.words()}, {count:,} values, which do not make {times(shape)}."
            raise ParameterError("reshape", f"{told} Use sizes whose product is {count:,}; one of them may be -1.")
        self._then(name, Reshape(tuple(shape)), tuple(shape))

    def embedding(self, dimension: int, vocabulary: int) -> None:
        """Lay a vector for each token, and their mean; vocabulary 0 is as many as there are."""
        tokens, self.tokens = self.tokens, 0
        name = self._name("embedding")
        if not tokens:
            raise ParameterError(
                "",
                f"{name} wants tokens, whole numbers that stand for words; it gets {self.words()}, plain numbers. "
                "Put it first, on a data set of tokens, or use a dense layer.",
            )
        if 0 < vocabulary < tokens:
            raise ParameterError(
                "vocabulary",
                f"vocabulary = {vocabulary:,} is too small: tokens here go up to {tokens - 1:,}. "
                f"Use at least {tokens:,}, or 0 for as many as there are.",
            )
        made = Embedding(vocabulary or tokens, dimension, device="meta")
        self._lay(name, Map(made, (dimension,)), None, norm=False)

    def dense_residual(self, units: int, skip: str = "auto", activation: str = OWN) -> None:
        """Lay two dense layers and a way around them."""
        if len(self.shape) > 1:
            self.flatten()
        name, (width,) = self._name("residual"), self.shape
        self._block(name, self._linear(width, units), self._linear(units, units), self._linear(width, units),
                    skip, activation)  # fmt: skip

    def conv_residual(self, filters: int, kernel: int, stride: int, skip: str = "auto", activation: str = OWN) -> None:
        """Lay two convolutions and a way around them; padding keeps the size for odd kernels."""
        name, padding = self._name("residual"), (kernel - 1) // 2
        shape = self._places(name)
        first = self._conv(f"{name} a", shape, filters, kernel, stride, padding)
        second = self._conv(f"{name} b", first.shape, filters, kernel, 1, padding)
        projection = self._conv(f"{name} skip", shape, filters, 1, stride, 0)
        self._block(name, first, second, projection, skip, activation)

    def finish(self, outputs: int) -> Network:
        """Lay the output layer, which has no activation and no slot, and return the network."""
        self._needs_numbers("output")
        made = self._linear(prod(self.shape), outputs)
        self._lay("output", made, None, norm=False, dropout=False)
        return Network(self._layers, self._path, self._rows)

    def words(self) -> str:
        """Return the present shape as one says it."""
        first, *sides = self.shape
        if not sides:
            return f"{first:,} features in a row"
        return f"{first:,} channel{'' if first == 1 else 's'} of {times(sides)}"

    def _name(self, stem: str) -> str:
        self._counted[stem] += 1
        name = f"{stem} {self._counted[stem]}"
        self._needs_numbers(name)
        return name

    def _needs_numbers(self, name: str) -> None:
        if self.tokens:
            raise ParameterError(
                "",
                f"{name} wants numbers; these inputs are tokens, which stand for words. Begin with an embedding, as "
                "model layers can, or take the texts as a bag of words.",
            )

    def _places(self, name: str) -> tuple[int, ...]:
        """Return (channels, *sides), which a convolution or a pool slides over."""
        if not 2 <= len(self.shape) <= 4:
            raise ParameterError(
                "",
                f"{name} wants images (channels, height, width), signals (channels, length) or volumes; it gets "
                f"{self.words()}. Use a dense layer, or reshape [1, -1] before it to take them as a signal.",
            )
        return self.shape

    def _linear(self, width: int, units: int) -> Map:
        return Map(nn.Linear(width, units, device="meta"), (units,))

    def _conv(self, name: str, shape: tuple[int, ...], filters: int, kernel: int, stride: int, padding: int) -> Map:
        channels, *sides = shape
        padded = [side + 2 * padding for side in sides]
        if min(padded) < kernel:
            raise ParameterError(
                "kernel",
                f"{name} gets {times(sides)}, {times(padded)} with its padding, too small for a kernel of {kernel}. "
                f"Use a kernel of at most {min(padded)}, more padding, or fewer layers, stride or pooling before it.",
            )
        after = ((side - kernel) // stride + 1 for side in padded)
        made = CONVS[len(sides)](channels, filters, kernel, stride, padding, device="meta")
        return Map(made, (filters, *after), size_formula(sides, kernel, stride, padding))

    def _block(self, name: str, first: Map, second: Map, projection: Map, skip: str, activation: str) -> None:
        before = self._newest()
        same = second.shape == self.shape
        if skip == "identity" and not same:
            raise ParameterError(
                "skip",
                f"{name} does not fit: its skip carries {times(self.shape)}, its layers give {times(second.shape)}. "
                "Use skip auto, which projects, or layers that keep the shape.",
            )
        if skip in ("auto", "projection") and not same and projection.shape != second.shape:
            raise ParameterError(
                "kernel",
                f"{name} does not fit: its layers give {times(second.shape)}, its skip {times(projection.shape)}. "
                "Use an odd kernel, which keeps the size.",
            )
        start = len(self._path)
        self._lay(f"{name} a", first, activation)
        around, source = None, before
        if skip == "projection" or (skip == "auto" and not same):
            source = f"{name} skip"
            around = self._lay(source, projection, None, dropout=False, takes=(before,))
        takes = (f"{name} a",) if skip == "none" else (f"{name} a", source)
        last = self._lay(f"{name} b", second, activation, takes=takes)
        if skip != "none":
            self._path[start:] = [Residual(self._layers[f"{name} a"], last, around)]

    def _lay(
        self, name: str, made: Map, activation: str | None, *, norm=True, dropout=True, takes: tuple[str, ...] = ()
    ) -> Layer:
        between = None if activation is None else self._activation(activation)
        layer = Layer(self._fill(made.linear), between, norm=norm, dropout=dropout)
        self._layers[name] = layer
        self._path.append(layer)
        kind = type(made.linear).__name__.lower()
        self._row(Row(name, kind, made.shape, layer, made.formula, takes or (self._newest(),), self.place))
        return layer

    def _then(self, name: str, module: nn.Module, shape: tuple[int, ...], formula: str = "") -> None:
        """Put a step without weights after the newest layer, before its dropout; or before the first layer."""
        if self._layers:
            layer = next(reversed(self._layers.values()))
            layer.pool = module if layer.pool is None else nn.Sequential(layer.pool, module)
        else:
            self._path.append(module)
        kind = type(module).__name__.lower()
        self._row(Row(name, kind, shape, None, formula, (self._newest(),), self.place))

    def _row(self, row: Row) -> None:
        self._rows.append(row)
        self.shape = row.shape

    def _newest(self) -> str:
        return self._rows[-1].name if self._rows else "input"
