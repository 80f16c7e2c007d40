"""The rows of a plan in words: which size follows from which, and how parameters are counted, numbers put in."""

from collections.abc import Iterable
from typing import Any

from trainer.network import Layer, Network, Row


def told(network: Network) -> list[dict[str, Any]]:
    """Return each step from input to output as plain data; see docs/protocol.md for its fields."""
    return [_told(row) for row in network.rows]


def size_formula(sides: Iterable[int], kernel: int, stride: int, padding: int | None = None) -> str:
    """Return H' = (H + 2p - h)/s + 1 with the numbers put in, once for each side that differs. None: no such p.

    >>> size_formula([8, 8], 3, 1, 1)
    '(8 + 2·1 - 3)/1 + 1 = 8'
    """
    return ", ".join(_size(side, kernel, stride, padding) for side in dict.fromkeys(sides))


def count_formula(layer: Layer) -> str:
    """Return how a layer's parameters are counted: weights, biases, and gamma and beta where it is normalized.

    A dense layer of 100 inputs and 10 units: '10·100 + 10 = 1,010'.
    """
    weight, bias = layer.linear.weight, layer.linear.bias
    parts = ["·".join(f"{size:,}" for size in weight.shape)]
    parts += [] if bias is None else [f"{bias.numel():,}"]
    parts += [f"2·{layer.norm.width:,}"] if layer.norm is not None and layer.norm.norm is not None else []
    return f"{' + '.join(parts)} = {_parameters(layer):,}"


def times(sizes: Iterable[int]) -> str:
    """Return sizes as one writes them: 3x8x8."""
    return "x".join(f"{size:,}" for size in sizes)


def _told(row: Row) -> dict[str, Any]:
    layer = row.layer
    return {
        "name": row.name,
        "kind": row.kind,
        "shape": list(row.shape),
        "formula": row.formula,
        "weight": None if layer is None else list(layer.linear.weight.shape),
        "parameters": 0 if layer is None else _parameters(layer),
        "count": "" if layer is None else count_formula(layer),
        "takes": list(row.takes),
        "place": row.place,
        "drops": layer is not None and layer.dropout is not None,
    }


def _parameters(layer: Layer) -> int:
    return sum(one.numel() for one in layer.parameters())


def _size(side: int, kernel: int, stride: int, padding: int | None) -> str:
    places = side + 2 * (padding or 0) - kernel
    above = f"({side} - {kernel})" if padding is None else f"({side} + 2·{padding} - {kernel})"
    share = f"{above}/{stride}" if places % stride == 0 else f"⌊{above}/{stride}⌋"
    return f"{share} + 1 = {places // stride + 1}"
