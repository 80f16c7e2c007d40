"""Inputs that say nothing, beside those that say something: zeros, or noise, to see what a network makes of them.

They are made after scaling, by one law for all parts, and belong to the sample: one that is drawn twice has the same.

Source: Chollet 2021, Deep Learning with Python, second edition, section 5.1.1, noise channels
"""

import torch
from torch import Tensor

from trainer.chance import generator
from trainer.component import ParameterError
from trainer.datasets import Dataset, Table
from trainer.scaling import Scale
from trainer.stored import Beside, Bytes, Stored

LEVELS = 255  # where inputs are bytes, so is the noise: 0, 1/255, ... 1


def with_extra(
    dataset: Dataset, inputs: list[Tensor | Stored], rows: tuple[Tensor, ...], samples: int
) -> list[Tensor | Stored]:
    """Return the inputs of the parts, each (n, width, ...), as (n, 2 width, ...) where extra ones are asked for.

    Args:
        dataset: says which, and by which seed.
        inputs: of each part, scaled.
        rows: which of the samples each part has, in its order.
        samples: how many there are in all.
    """
    if dataset.extra == "none":
        return inputs
    stored = isinstance(inputs[0], Stored)
    made = _made(dataset, (samples, *inputs[0].shape[1:]), stored)
    if not stored:
        return [torch.cat([one, made[of]], dim=1) for one, of in zip(inputs, rows, strict=True)]
    scale = Scale(torch.tensor(0.0), torch.tensor(float(LEVELS)))
    return [Beside(one, Bytes(made[of], scale)) for one, of in zip(inputs, rows, strict=True)]


def shape_with_extra(dataset: Dataset, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of one input with its extra ones."""
    return shape if dataset.extra == "none" else (2 * shape[0], *shape[1:])


def names_with_extra(dataset: Dataset, features: list[str]) -> list[str]:
    """Return the names of a table's features, and of those beside them."""
    return features if dataset.extra == "none" else [*features, *(f"{dataset.extra} {name}" for name in features)]


def check_extra(table: Table, dataset: Dataset) -> None:
    """See that there can be extra inputs.

    Raises:
        ParameterError: there cannot.
    """
    if dataset.extra != "none" and (table.tokens or not isinstance(table.inputs, Tensor)):
        told = f"{dataset.name} is made of words, beside which there is nothing to put. Use extra = none."
        raise ParameterError("extra", told)


def _made(dataset: Dataset, shape: tuple[int, ...], as_bytes: bool) -> Tensor:
    if dataset.extra == "zeros":
        return torch.zeros(1, dtype=torch.uint8 if as_bytes else torch.float32).expand(shape)
    chance = generator(dataset.split_seed, "extra")
    if as_bytes:
        return torch.randint(LEVELS + 1, shape, generator=chance, dtype=torch.uint8)
    return torch.rand(shape, generator=chance)
