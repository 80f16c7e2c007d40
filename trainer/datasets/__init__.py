"""Data sets: where samples come from, how they are split and scaled.

A component file gives `load`; splitting and scaling are the same for all and live in `trainer.data`.
"""

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from torch import Tensor

from trainer.component import Component, param
from trainer.stored import Bags, Stored

Kind = Literal["binary", "classes", "number", "labels", "share"]


@dataclass(frozen=True)
class Table:
    """A data set as it comes, before splitting and scaling.

    inputs: float32 or uint8 (n, *shape), shape (features,) or (channels, *sides): one side of a signal, two of an
        image, three of a volume; or int64 (n, length), tokens that stand for words, 0 where a text is over; or `Bags`
    targets: int64 (n,) for "classes", float32 (n, 1) of 0 and 1 for "binary", float32 (n, 1) for "number",
        float32 (n, labels) of 0 and 1 for "labels", any of which may hold, float32 (n, 1) from 0 to 1 for "share"
    scale_targets: a number to predict is standardized too, fitted on the training part
    fills: a NaN among the inputs is a missing value, and is filled from the training part; else it is refused
    categories: column -> the names of its values, of which the inputs have the numbers; becomes a 0 or 1 for each
    tokens: how many different tokens there are where inputs are tokens, else 0
    test_from: the first row of the test part that is given with the data set, else 0
    """

    inputs: Tensor | Stored
    targets: Tensor
    kind: Kind
    classes: list[str] = field(default_factory=list)
    features: list[str] = field(default_factory=list)
    scale_targets: bool = False
    fills: bool = False
    categories: dict[int, list[str]] = field(default_factory=dict)
    tokens: int = 0
    test_from: int = 0


class Dataset(Component):
    """Samples with targets, split into train, validation and test, and scaled."""

    download: ClassVar[str] = ""  # its name in `trainer.downloads`, where it has to be downloaded first
    words_from: ClassVar[str] = ""  # the download that has the words of its texts, where those are numbers
    is_looked_at = False  # whether its texts are read after it was loaded: a run does not
    is_given: ClassVar[bool] = False  # whether the split is the one that the data set came with
    keeps_test: ClassVar[bool] = False  # whether a test part that the data came with is kept, and the rest is drawn

    scaling: str = param(
        "standard",
        "How inputs are scaled. unit: to [0, 1]; symmetric: to [-1, 1]; standard: to mean 0 and deviation 1; robust: "
        "the median to 0, the middle half to a width of 1; rows: each sample to length 1. Each feature of a table by "
        "itself, all pixels of an image alike; standard_pixels: each pixel of an image by itself",
        choices=("none", "unit", "symmetric", "standard", "standard_pixels", "robust", "rows"),
        section="scaling",
    )
    scaling_fit: str = param(
        "train",
        "What scales are learned from. all: validation and test samples too, a leak that flatters the result",
        choices=("train", "all"),
        title="Scaling learned from",
        section="scaling",
    )
    validation: float = param(0.15, "Share of the samples kept for validation", low=0, high=0.5, section="split")
    test: float = param(0.15, "Share of the samples kept for the test at the end", low=0, high=0.5, section="split")
    stratified: bool = param(
        True, "Keep the share of each class the same in every part; a number has none", section="split"
    )
    split_seed: int = param(
        0, "Seed of the split; the same seed gives the same parts", low=0, high=2**31 - 1, section="split"
    )
    folds: int = param(
        0,
        "Cut what is not test into so many folds, of which one is the validation part and the others are trained on: "
        "K-fold cross-validation is one run for each fold; 0 for no folds",
        low=0,
        high=100,
        section="folds",
    )
    fold: int = param(1, "Which fold is the validation part, where there are folds", low=1, high=100, section="folds")
    samples: int = param(
        0,
        "Train only on the first so many samples of the training part; 0 for all",
        low=0,
        high=10**7,
        scale="log",
        section="spoilt",
    )
    bootstrap: int = param(
        0,
        "Train on a bootstrap sample: as many samples, drawn with replacement, so that 63 % of them are different "
        "ones. Each number draws another, for bagging; 0 for none",
        low=0,
        high=1_000_000,
        section="folds",
    )
    label_noise: float = param(
        0.0,
        "Share of the training labels that is drawn anew, by chance; the other parts keep theirs",
        low=0,
        high=1,
        section="spoilt",
    )
    imbalance: float = param(
        1.0,
        "How many times rarer the last class is made than the first, in the training part; those between fall evenly, "
        "each by the same factor",
        low=1,
        high=1000,
        scale="log",
        section="spoilt",
    )
    test_shift: float = param(
        0.0,
        "By how many standard deviations the test part's inputs are moved, as if they came from elsewhere: images grow "
        "brighter, each feature of a table goes up or down",
        low=0,
        high=10,
        section="spoilt",
    )
    extra: str = param(
        "none",
        "As many inputs again that say nothing, beside those that are there, after scaling. zeros: always 0; noise: "
        "drawn evenly from 0 to 1 for each sample. A table gets them as features, images and signals as channels",
        choices=("none", "zeros", "noise"),
        title="Extra inputs",
        section="spoilt",
    )

    def settle(self) -> None:
        """Decide what was left to be decided here, so that the spec says what it was. Called before all else."""

    def note(self) -> str:
        """Return what is to be known of the samples that are taken, once it is settled which they are; mostly ""."""
        return ""

    def vocabulary(self) -> dict[int, str] | None:
        """Return the word of each number in its texts, "" for one that is no word; None where words are not here.

        Raises:
            ValueError: what holds them cannot be read.
        """
        return None

    def numbered(self, table: Table, rows: list[int]) -> list[list[int]]:
        """Return some of the samples of a table of texts as the numbers of their words, in their order."""
        if isinstance(table.inputs, Bags):  # an order they have no more
            return [table.inputs.of_row(row) for row in rows]
        return [table.inputs[row].tolist() for row in rows]

    @abstractmethod
    def load(self) -> Table:
        """Return all samples, the same ones at every call."""

    def sketch(self) -> Table:
        """Return what a plan needs to know: the table, whose inputs may be on the meta device.

        A data set that is large, or may have to be downloaded, answers without reading it.
        """
        return self.load()


class WithTest(Dataset):
    """A data set that came with a test part of its own, against which everybody compares."""

    split: str = param(
        "given",
        "given: test on the part that everybody tests on, and validate on the last of the training samples, in the "
        "data set's own order; drawn: put all together and draw the parts by the shares and the seed",
        choices=("given", "drawn"),
        section="split",
    )
    validation_rows: int = param(
        10_000, "Given split: so many of the training samples, the last ones, are the validation part; 0 for none",
        low=0, high=10**7, scale="log",
        section="split",
    )  # fmt: skip
    test_rows: int = param(
        0,
        "Given split: test only on the first so many of the test samples; 0 for all",
        low=0,
        high=10**7,
        scale="log",
        section="split",
    )

    @property
    def is_given(self) -> bool:
        """Whether the split is the one that the data set came with."""
        return self.split == "given"
