"""From a data set to what a run trains on: split, then scaled by what the training part alone says.

The order matters: a scale fitted on all samples would let the test part speak before its time.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from trainer.datasets import Dataset, Kind, Table

PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class Part:
    """Samples of one purpose: inputs (n, *shape), targets as in `Table`. n may be 0 for all but training."""

    inputs: Tensor
    targets: Tensor

    def __len__(self) -> int:
        return len(self.targets)


@dataclass(frozen=True)
class Data:
    """A data set, split and scaled, on the device where it is trained on."""

    train: Part
    validation: Part
    test: Part
    kind: Kind
    outputs: int
    classes: list[str] = field(default_factory=list)
    features: list[str] = field(default_factory=list)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one input: (features,) or (channels, height, width)."""
        return tuple(self.train.inputs.shape[1:])

    @property
    def counts(self) -> dict[str, int]:
        """How many samples each part has."""
        return {name: len(getattr(self, name)) for name in PARTS}


@dataclass(frozen=True)
class Scale:
    """x -> (x - shift) / width, each (features,) or a scalar."""

    shift: Tensor
    width: Tensor

    def __call__(self, values: Tensor) -> Tensor:
        """Return the values scaled, float32, the shape they came in."""
        return ((values.double() - self.shift) / self.width).float()


def prepare(dataset: Dataset, device: torch.device | str) -> Data:
    """Return a data set's samples split by its seed and scaled by its training part, on `device`.

    Raises:
        ValueError: a part would be empty, a class has too few samples for its parts, or an input is
            not finite.
    """
    table = dataset.load()
    rows = split(table, dataset)
    inputs = dataset.complete(table.inputs, rows[0])
    if not bool(torch.isfinite(inputs).all()):
        raise ValueError(f"{dataset.name} has inputs that are NaN or infinite. Fill or drop them before training.")
    scale = fit(inputs[rows[0]], dataset.scaling)
    targets = table.targets
    if table.scale_targets:
        targets = fit(targets[rows[0]], "standard")(targets)
    parts = [Part(scale(inputs[one]).to(device), targets[one].to(device)) for one in rows]
    outputs = len(table.classes) if table.kind == "classes" else table.targets.shape[1]
    return Data(*parts, kind=table.kind, outputs=outputs, classes=table.classes, features=table.features)


def split(table: Table, dataset: Dataset) -> tuple[Tensor, Tensor, Tensor]:
    """Return the rows of the training, validation and test part, each in an order drawn by the split's seed.

    Stratified, each part gets every class within one sample of its share, and at least one.

    Raises:
        ValueError: a part would be empty, or a class has fewer samples than there are parts.
    """
    samples = len(table.targets)
    chance = torch.Generator().manual_seed(dataset.split_seed)
    order = torch.randperm(samples, generator=chance)
    strata = torch.zeros(samples, dtype=torch.int64)
    if dataset.stratified and table.kind != "number":
        strata = table.targets.flatten().to(torch.int64)[order]
    part_of = torch.zeros(samples, dtype=torch.int64)
    wanted = _shares(torch.bincount(strata), dataset)
    for stratum, (validation, test) in enumerate(wanted):
        places = (strata == stratum).nonzero().flatten()
        if dataset.stratified and table.kind != "number":
            _check_class(table, dataset, stratum, len(places), validation + test)
        part_of[places[:validation]] = 1
        part_of[places[validation : validation + test]] = 2
    rows = tuple(order[part_of == part] for part in range(len(PARTS)))
    for name, share, found in zip(PARTS, (1, dataset.validation, dataset.test), rows, strict=True):
        if share > 0 and len(found) == 0:
            raise ValueError(
                f"the {name} part would be empty: {dataset.name} has {samples} samples, validation takes "
                f"{dataset.validation:g} of them and test {dataset.test:g}. "
                f"{'Take smaller' if name == 'train' else 'Take larger'} shares, or 0 for no such part."
            )
    return rows


def fit(inputs: Tensor, scaling: str) -> Scale:
    """Return the scale that `scaling` asks for, from inputs (n, *shape) alone.

    A table is scaled feature by feature, images (three dimensions each) by one scale for all pixels.
    What does not vary becomes 0.
    """
    values = inputs.double()
    values = values.reshape(-1, 1) if values.dim() > 2 else values
    low, high = values.amin(0), values.amax(0)
    if scaling == "standard":
        shift, width = values.mean(0), values.std(0, correction=0)
    elif scaling == "unit":
        shift, width = low, high - low
    elif scaling == "symmetric":
        shift, width = (low + high) / 2, (high - low) / 2
    else:
        shift, width = torch.zeros_like(low), torch.ones_like(low)
    if scaling != "none":
        constant = low == high
        # by the values, not by the width: rounding leaves a deviation of 1e-17 where there is none
        shift, width = torch.where(constant, low, shift), torch.where(constant, 1.0, width)
    return Scale(shift, width) if inputs.dim() <= 2 else Scale(shift[0], width[0])


def _shares(sizes: Tensor, dataset: Dataset) -> list[tuple[int, int]]:
    """Return (validation, test) samples of each stratum; the totals are exact but for strata that are tiny."""
    columns = []
    for share in (dataset.validation, dataset.test):
        # rounding the running sum keeps each stratum within one of its share, and the sum exact
        upto = (sizes.double() * share).cumsum(0).add(0.5).floor().long()
        taken = upto.diff(prepend=torch.zeros(1, dtype=torch.int64))
        columns.append(taken.clamp(min=1) if share > 0 and len(sizes) > 1 else taken)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _check_class(table: Table, dataset: Dataset, stratum: int, found: int, kept: int) -> None:
    if 0 < found <= kept:
        name = table.classes[stratum] if stratum < len(table.classes) else str(stratum)
        raise ValueError(
            f"class {name!r} has {found} samples, of which validation and test would take {kept} and training none. "
            "Take smaller shares, or turn stratified off."
        )
