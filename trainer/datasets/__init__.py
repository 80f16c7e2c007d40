"""Data sets: where samples come from, how they are split and scaled.

A component file gives `load`; splitting and scaling are the same for all and live in `trainer.data`.
"""

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Literal

from torch import Tensor

from trainer.component import Component, param

Kind = Literal["binary", "classes", "number"]


@dataclass(frozen=True)
class Table:
    """A data set as it comes, before splitting and scaling.

    inputs: float32 (n, *shape), shape (features,) or (channels, height, width)
    targets: int64 (n,) for "classes", float32 (n, 1) of 0 and 1 for "binary", float32 (n, 1) for "number"
    """

    inputs: Tensor
    targets: Tensor
    kind: Kind
    classes: list[str] = field(default_factory=list)
    features: list[str] = field(default_factory=list)
    scale_targets: bool = False  # whether a number to predict is standardized too, fitted on the training part


class Dataset(Component):
    """Samples with targets, split into train, validation and test, and scaled."""

    scaling: str = param(
        "standard",
        "How inputs are scaled, fitted on the training part only: unit to [0, 1], symmetric to [-1, 1], standard "
        "to mean 0 and deviation 1. Each feature of a table by itself; all pixels of an image alike",
        choices=("none", "unit", "symmetric", "standard"),
    )
    validation: float = param(0.15, "Share of the samples kept for validation", low=0, high=0.5)
    test: float = param(0.15, "Share of the samples kept for the test at the end", low=0, high=0.5)
    stratified: bool = param(True, "Keep the share of each class the same in every part; a number has none")
    split_seed: int = param(0, "Seed of the split; the same seed gives the same parts", low=0, high=2**31 - 1)

    @abstractmethod
    def load(self) -> Table:
        """Return all samples, the same ones at every call."""

    def complete(self, inputs: Tensor, training: Tensor) -> Tensor:
        """Return inputs (n, *shape) with what is missing, NaN, filled by what the rows `training` say.

        A data set in which nothing is missing has nothing to do here.
        """
        return inputs
