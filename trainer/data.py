"""From a data set to what a run trains on: split, then filled and scaled by what the training part alone says.

The order matters: a scale fitted on all samples would let the test part speak before its time. `scaling_fit` does so
on purpose, for whoever wants to see what comes of it.
"""

from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from trainer.columns import encoded
from trainer.corruption import check_shift, mislabelled, moved_by
from trainer.datasets import Dataset, Kind, Table
from trainer.extra import check_extra, names_with_extra, shape_with_extra, with_extra
from trainer.scaling import Scale, deviation, fit
from trainer.splits import PARTS, bootstrapped, check_asked, split, training_rows
from trainer.stored import Bytes, Stored

__all__ = ["PARTS", "Data", "Part", "Scale", "fit", "outline", "prepare", "split"]


@dataclass(frozen=True)
class Part:
    """Samples of one purpose: inputs (n, *shape), targets as in `Table`. n may be 0 for all but training.

    Inputs that are stored small give floats when rows are picked, as a tensor does.
    """

    inputs: Tensor | Stored
    targets: Tensor

    def __len__(self) -> int:
        return len(self.targets)


@dataclass(frozen=True)
class Data:
    """A data set, split and scaled, on the device where it is trained on.

    tokens: how many different ones there are where inputs are tokens, int64 (n, length); 0 where they are numbers.
    """

    train: Part
    validation: Part
    test: Part
    kind: Kind
    outputs: int
    classes: list[str] = field(default_factory=list)
    features: list[str] = field(default_factory=list)
    tokens: int = 0

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one input: (features,), (channels, *sides), or (length,) of tokens."""
        return tuple(self.train.inputs.shape[1:])

    @property
    def counts(self) -> dict[str, int]:
        """How many samples each part has."""
        return {name: len(getattr(self, name)) for name in PARTS}

    @property
    def nbytes(self) -> int:
        """How much memory the inputs take as they are kept."""
        return sum(getattr(self, name).inputs.nbytes for name in PARTS)


def prepare(dataset: Dataset, device: torch.device | str) -> Data:
    """Return a data set's samples split by its seed and scaled by its training part, on `device`.

    Raises:
        ValueError: a part would be empty, a class has too few samples for its parts, or an input is
            not finite. ParameterError: where one parameter is to blame.
    """
    dataset.settle()
    table = dataset.load()
    rows, learned = _rows(table, dataset)
    targets = _targets(table, dataset, rows[0], learned)
    rows = (bootstrapped(dataset, rows[0]), *rows[1:])
    inputs, features = _scaled(table, dataset, rows, learned)
    inputs = with_extra(dataset, inputs, rows, len(table.targets))
    parts = [Part(one.to(device), targets[of].to(device)) for one, of in zip(inputs, rows, strict=True)]
    return _data(table, parts, names_with_extra(dataset, features))


def outline(dataset: Dataset) -> Data:
    """Return a data set as `prepare` would, but for its inputs, which have a shape and no values: on the meta device.

    Costs no more than the targets do, and where the data set has yet to be downloaded it does not even cost those:
    evenly many samples of each class then stand in for them.

    Raises: as `prepare` does, but for what only the inputs show; and ParameterError where what was asked means nothing.
    """
    dataset.settle()
    check_asked(dataset)
    table = dataset.sketch()
    rows, learned = _rows(table, dataset)
    targets, features = _targets(table, dataset, rows[0], learned), table.features
    rows = (bootstrapped(dataset, rows[0]), *rows[1:])
    inputs = table.inputs
    if table.categories:
        inputs, features, _ = encoded(table, learned)
    dtype = inputs.dtype if isinstance(inputs, Tensor) else torch.uint8
    shape = shape_with_extra(dataset, tuple(inputs.shape[1:]))
    empty = [torch.empty((len(one), *shape), dtype=dtype, device="meta") for one in rows]
    parts = [Part(one, targets[of]) for one, of in zip(empty, rows, strict=True)]
    return _data(table, parts, names_with_extra(dataset, features))


def _targets(table: Table, dataset: Dataset, rows: Tensor, learned: Tensor) -> Tensor:
    """Return all targets, with wrong labels among `rows` where asked, numbers standardized by the `learned` rows."""
    targets = mislabelled(table, dataset, rows)
    return fit(targets[learned], "standard")(targets) if table.scale_targets else targets


def _rows(table: Table, dataset: Dataset) -> tuple[tuple[Tensor, Tensor, Tensor], Tensor]:
    """Return the rows of each part, and those from which scales, medians and categories are learned."""
    _check(table, dataset)
    parts = split(table, dataset)
    rows = (training_rows(table, dataset, parts[0]), *parts[1:])
    return rows, rows[0] if dataset.scaling_fit == "train" else torch.cat(parts)


def _scaled(
    table: Table, dataset: Dataset, rows: tuple[Tensor, ...], learned: Tensor
) -> tuple[list[Tensor | Stored], list[str]]:
    inputs, features = table.inputs, table.features
    if isinstance(inputs, Stored):
        return [inputs.take(one) for one in rows], features
    if table.tokens:
        return [inputs[one] for one in rows], features
    plain = torch.ones(inputs.shape[1], dtype=torch.bool)
    if table.categories or table.fills:
        inputs, features, plain = encoded(table, learned)
    known = inputs[learned]
    scale = fit(known, dataset.scaling)
    if not plain.all():  # what is 0 or 1 already stays so
        scale = replace(scale, shift=scale.shift * plain, width=torch.where(plain, scale.width, 1.0))
    scales = [scale, scale, scale]
    if dataset.test_shift:
        spread = deviation(known)
        scales[2] = scale.moved(moved_by(dataset, spread if inputs.dim() > 2 else spread * plain))
    if inputs.dtype == torch.uint8:
        return [Bytes(inputs[one], to.single()) for one, to in zip(rows, scales, strict=True)], features
    return [to(inputs[one]) for one, to in zip(rows, scales, strict=True)], features


def _check(table: Table, dataset: Dataset) -> None:
    check_shift(table, dataset)
    check_extra(table, dataset)
    inputs = table.inputs
    if not isinstance(inputs, Tensor) or inputs.is_meta or not inputs.is_floating_point():
        return
    seen = inputs[~inputs.isnan()] if table.fills else inputs
    if not bool(torch.isfinite(seen).all()):
        raise ValueError(f"{dataset.name} has inputs that are NaN or infinite. Fill or drop them before training.")


def _data(table: Table, parts: list[Part], features: list[str]) -> Data:
    outputs = len(table.classes) if table.kind == "classes" else table.targets.shape[1]
    return Data(*parts, kind=table.kind, outputs=outputs, classes=table.classes, features=features, tokens=table.tokens)
