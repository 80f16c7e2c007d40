"""From rows of cells to inputs and targets: numbers as they are, categories by number, NaN where something is missing.

A table is read once, some thousand rows at a time, so what is held is the numbers and never the text.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np

from trainer.own import targets
from trainer.own.columns import MAX_VALUES, Column
from trainer.own.rows import Row, is_missing, number_in
from trainer.own.targets import Targets, class_name, in_order
from trainer.own.words import Unfit, quoted

AT_ONCE = 4096  # rows
MAX_CELLS = 60_000_000  # of the inputs, float32: MNIST has 54,880,000
MAX_FEATURES = 10_000
LARGEST = float(np.finfo(np.float32).max)


class Encoded(NamedTuple):
    """Inputs float32 (n, columns) and targets; `columns` has for each its name, kind, values and how many are missing.

    A category is the number of its value, and becomes an input for each of them when it is trained on.
    """

    inputs: np.ndarray
    targets: Targets
    columns: list[dict]
    left_out: dict[str, int]

    @property
    def width(self) -> int:
        """How many inputs there are when it is trained on."""
        return width_of(self.columns)


def width_of(columns: Iterable[dict]) -> int:
    """Return how many inputs columns become: a category one for each of its values."""
    return sum(max(1, len(one["values"])) for one in columns)


class Numbers:
    """Gathers a column of numbers. `lenient`: what is no number counts as missing."""

    def __init__(self, column: Column, decimal: str, *, lenient: bool):
        self.column, self._decimal, self._lenient = column, decimal, lenient
        self._parts: list[np.ndarray] = []

    def add(self, lines: Sequence[int], cells: Sequence[str]) -> None:
        """Take some cells, each with the number of its line.

        Raises:
            Unfit: one is no number, or too large for one.
        """
        sure = self._decimal == "point" and "_" not in "".join(cells)  # most cells are what Python takes for a number
        try:
            values = np.fromiter(map(float, cells if sure else ()), np.float64)
            sure = sure and not np.isinf(values).any()
        except ValueError:
            sure = False
        if not sure:
            values = np.fromiter((self._read(*one) for one in zip(lines, cells, strict=True)), np.float64, len(cells))
        if (vast := np.abs(values) > LARGEST).any():
            at = int(vast.argmax())
            where = f"columns.{self.column.index}"
            raise Unfit(where, "vast", column=self.column.name, value=quoted(cells[at]), line=lines[at])
        self._parts.append(values.astype(np.float32))

    def values(self) -> np.ndarray:
        """Return all of them (n,), NaN where one is missing."""
        return np.concatenate(self._parts) if self._parts else np.empty(0, np.float32)

    def _read(self, line: int, cell: str) -> float:
        if is_missing(cell):
            return np.nan
        value = number_in(cell, self._decimal)
        if value is None and not self._lenient:
            where = f"columns.{self.column.index}"
            raise Unfit(where, "no_number", line=line, value=quoted(cell), column=self.column.name)
        return np.nan if value is None else value


class Categories:
    """Gathers a column of words, of which there may be so many different ones."""

    def __init__(self, column: Column, most: int = MAX_VALUES, *, of_target: bool = False):
        self.column, self._most = column, most
        self._refusal = ("target", "too_many_classes") if of_target else (f"columns.{column.index}", "categories")
        self._codes: dict[str, int] = {}
        self._parts: list[np.ndarray] = []
        self._known: dict[str, int] = {}  # a cell as it is written -> its code

    def add(self, lines: Sequence[int], cells: Sequence[str]) -> None:
        """Take some cells.

        Raises:
            Unfit: there are more different ones than may be.
        """
        self._parts.append(np.fromiter(map(self._code, cells), np.int32, len(cells)))

    def values(self) -> tuple[np.ndarray, list[str]]:
        """Return the codes (n,), -1 where one is missing, and the words that they stand for, in order."""
        codes = np.concatenate(self._parts) if self._parts else np.empty(0, np.int32)
        names = list(self._codes)
        order = in_order(names)
        place = np.empty(len(names) + 1, np.int32)
        place[order] = np.arange(len(names))
        place[-1] = -1  # a code of -1 picks the last
        return place[codes], [names[one] for one in order]

    def _code(self, cell: str) -> int:
        code = self._known.get(cell)
        if code is None:
            code = -1 if is_missing(cell) else self._codes.setdefault(class_name(cell), len(self._codes))
            if len(self._codes) > self._most:
                raise Unfit(*self._refusal, column=self.column.name, limit=self._most)
            if len(self._known) < 10 * self._most:
                self._known[cell] = code
        return code


def encode(
    rows: Iterable[Row], columns: Sequence[Column], target: Column, *, as_number: bool, decimal: str, lenient: bool,
    drop: bool,
) -> Encoded:  # fmt: skip
    """Return what a table's rows become. `columns` are the inputs; `drop` leaves out rows in which one is missing.

    Raises:
        Unfit: a cell, a column or the target cannot be taken.
    """
    inputs = [gatherer(one, decimal, lenient=lenient) for one in columns]
    if not inputs:
        raise Unfit("columns", "no_inputs")
    predicted: Numbers | Categories = Categories(target, targets.MAX_CLASSES, of_target=True)
    if as_number:
        predicted = Numbers(target, decimal, lenient=lenient)
    gather(rows, [*inputs, predicted])
    blocks = [_block(one) for one in inputs]
    known, codes, names = _known_targets(predicted)
    if len(known) and not known.any() and not (as_number and lenient):
        raise Unfit("target", "no_target_values", column=target.name, rows=len(known))
    missing = np.zeros(len(known), bool)
    for values, _ in blocks:
        missing |= (values < 0) if values.dtype == np.int32 else np.isnan(values)
    kept = known & ~missing if drop else known
    left_out = {"no_target": int((~known).sum()), "missing": int((known & missing).sum()) if drop else 0}
    name = target.name
    found = targets.of_numbers(codes[kept], name) if as_number else targets.of_classes(codes[kept], names, name)
    return Encoded(*_laid_out(inputs, blocks, kept, found), left_out)


def gatherer(column: Column, decimal: str, *, lenient: bool) -> Numbers | Categories:
    """Return what gathers a column as its kind says."""
    return Numbers(column, decimal, lenient=lenient) if column.kind == "number" else Categories(column)


def gather(rows: Iterable[Row], gatherers: Sequence[Numbers | Categories]) -> None:
    """Let each of some gatherers take its cells of every row.

    Raises:
        Unfit: one of them cannot take a cell, or there are too many.
    """
    taken, rows = 0, iter(rows)
    while some := list(islice(rows, AT_ONCE)):
        taken += len(some)
        _check_size(taken * (len(gatherers) - 1))
        lines = [line for line, _ in some]
        columns = list(zip(*(cells for _, cells in some), strict=True))
        for one in gatherers:
            one.add(lines, columns[one.column.index])


def _block(gathered: Numbers | Categories) -> tuple[np.ndarray, list[str]]:
    return gathered.values() if isinstance(gathered, Categories) else (gathered.values(), [])


def _known_targets(predicted: Numbers | Categories) -> tuple[np.ndarray, np.ndarray, list[str]]:
    values, names = _block(predicted)
    return (values >= 0 if isinstance(predicted, Categories) else ~np.isnan(values)), values, names


def _laid_out(
    inputs: Sequence[Numbers | Categories], blocks: list[tuple[np.ndarray, list[str]]], kept: np.ndarray, found: Targets
) -> tuple[np.ndarray, Targets, list[dict]]:
    width = sum(max(1, len(names)) for _, names in blocks)
    if width > MAX_FEATURES:
        raise Unfit("columns", "many_columns", columns=width, limit=MAX_FEATURES)
    rows = int(kept.sum())
    _check_size(rows * width)
    array = np.empty((rows, len(inputs)), np.float32)
    told = []
    for place, (one, (values, names)) in enumerate(zip(inputs, blocks, strict=True)):
        array[:, place] = values[kept]
        if isinstance(one, Categories):
            array[array[:, place] < 0, place] = np.nan
        missing = int(np.isnan(array[:, place]).sum())
        if missing == rows:
            raise Unfit(f"columns.{one.column.index}", "hollow", column=one.column.name)
        kind = "category" if isinstance(one, Categories) else "number"
        told.append({"name": one.column.name, "kind": kind, "values": names, "missing": missing})
    return array, found, told


def _check_size(cells: int) -> None:
    if cells > MAX_CELLS:
        raise Unfit("columns", "large", cells=cells, limit=MAX_CELLS)
