"""What is to be predicted, from the values of a column or an array: two classes, several, or a number."""

import math
import zlib
from typing import Any, NamedTuple

import numpy as np

from trainer.own.words import Unfit, quoted

KINDS = ("classes", "number")
MAX_CLASSES = 1_000
LEAST_ROWS = 5
LONGEST = 60  # characters of a class's name
DIGITS = 30


class Targets(NamedTuple):
    """Targets as `trainer.datasets.Table` wants them: int64 (n,) for several classes, else float32 (n, 1)."""

    values: np.ndarray
    kind: str  # "binary", "classes" or "number"
    classes: list[str]

    @property
    def counts(self) -> list[int]:
        """How many samples each class has."""
        return np.bincount(self.values.astype(np.int64).ravel(), minlength=len(self.classes)).tolist()


def of_classes(codes: np.ndarray, names: list[str], name: str) -> Targets:
    """Return the targets for codes (n,) into `names`; names that no row has are left out.

    Raises:
        Unfit: too few rows, one class only, or hardly more rows than classes.
    """
    check_rows(len(codes))
    used = np.unique(codes)
    names = [names[code] for code in used]
    codes = np.searchsorted(used, codes)
    if len(names) == 1:
        raise Unfit("target", "one_class", column=name, value=quoted(names[0]))
    if len(names) > MAX_CLASSES or 2 * len(names) > len(codes):
        raise Unfit("target", "many_classes", column=name, classes=len(names), rows=len(codes))
    if len(names) == 2:
        return Targets(codes.astype(np.float32)[:, None], "binary", names)
    return Targets(codes.astype(np.int64), "classes", names)


def of_numbers(values: np.ndarray, name: str) -> Targets:
    """Return the targets for numbers (n,).

    Raises:
        Unfit: too few rows, or the same number in each.
    """
    check_rows(len(values))
    kept = values.astype(np.float32)
    if kept.min() == kept.max():
        raise Unfit("target", "constant", column=name, value=f"{values[0]:g}")
    return Targets(kept[:, None], "number", [])


def check_rows(rows: int) -> None:
    """Let so many rows pass as are enough to be split into three parts.

    Raises:
        Unfit: there are fewer.
    """
    if rows < LEAST_ROWS:
        raise Unfit("", "few_rows", rows=rows, least=LEAST_ROWS)


def class_name(value: Any) -> str:
    """Return how a value is written as a class: 1 and 1.0 are one, and no two others are."""
    text = str(value).strip()
    if len(text) <= DIGITS and text.lstrip("+-").isdecimal():
        return str(int(text))  # an id of 17 digits is no float
    try:
        number = float(text) if "_" not in text else math.nan
    except ValueError:
        number = math.nan
    return f"{number:.15g}" if math.isfinite(number) else shortened(text)


def shortened(text: str) -> str:
    """Return a name that is short enough to be shown; of two long ones that begin alike each has its own."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 9]}…{zlib.crc32(text.encode()):08x}"


def in_order(names: list[str]) -> list[int]:
    """Return the places of names in the order in which they are shown: numbers by size, words by letter."""
    try:
        return sorted(range(len(names)), key=lambda place: float(names[place]))
    except ValueError:
        return sorted(range(len(names)), key=lambda place: names[place])
