"""Numbers gathered into buckets of steps: extremes, mean, last value and counts, so that no spike is lost.

A bucket of width w holds the points whose floor(step / w) is the same. Everything is done to whole arrays
at once: folding ten million points is a matter of seconds. static/js/overview.js follows the same rules.
"""

from typing import NamedTuple

import numpy as np

from app.rows import Rows, View

MAX_OVERVIEW = 2_000


class Cells(NamedTuple):
    """Buckets as parallel arrays (n,), in order of steps; a single point is a cell too.

    start: first step a bucket may hold, int64 · low, high, last: float32, of the finite values, NaN when
    there is none · total: float64, sum of the finite values · count, bad: uint32, finite and other values.
    """

    start: np.ndarray
    low: np.ndarray
    high: np.ndarray
    last: np.ndarray
    total: np.ndarray
    count: np.ndarray
    bad: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """Mean of the finite values of each bucket, float32, NaN when there is none."""
        means = np.full(len(self.total), np.nan, np.float32)
        return np.divide(self.total, self.count, out=means, where=self.count > 0, casting="same_kind")

    def between(self, first: int, last: int) -> "Cells":
        """Return the cells that begin at steps `first` to `last`."""
        low, high = np.searchsorted(self.start, (first, last + 1))
        return Cells(*(column[low:high] for column in self))


TYPES = Cells(np.int64, np.float32, np.float32, np.float32, np.float64, np.uint32, np.uint32)


def cells_of(steps: np.ndarray, values: np.ndarray) -> Cells:
    """Return each point as a cell of its own. steps int64 (n,), values float32 (n,)."""
    finite = np.isfinite(values)
    shown = np.where(finite, values, np.float32(np.nan))
    total = np.where(finite, values, 0).astype(np.float64)
    return Cells(steps, shown, shown, shown, total, finite.astype(np.uint32), (~finite).astype(np.uint32))


def grouped(cells: Cells, width: int) -> Cells:
    """Return the cells merged into buckets of `width` steps; `width` is a multiple of what they were."""
    ids = cells.start // width
    if not len(ids):
        return cells
    first = _firsts(ids)
    if len(first) == len(ids):
        return cells._replace(start=ids * width)
    holder = np.maximum.reduceat(np.where(cells.count > 0, np.arange(len(ids)), -1), first)
    with np.errstate(invalid="ignore"):
        low, high = np.fmin.reduceat(cells.low, first), np.fmax.reduceat(cells.high, first)
    return Cells(
        start=ids[first] * width,
        low=low,
        high=high,
        last=np.where(holder >= 0, cells.last[holder], np.float32(np.nan)),
        total=np.add.reduceat(cells.total, first),
        count=np.add.reduceat(cells.count, first, dtype=np.uint32),
        bad=np.add.reduceat(cells.bad, first, dtype=np.uint32),
    )


def means(cells: Cells, width: int, count: int) -> np.ndarray:
    """Return the means of cells of one width, merged until there are `count` at most; float32, NaN for none."""
    while len(first := _firsts(cells.start // width)) > count:
        width *= 2
    if not len(first):
        return cells.mean
    total, many = np.add.reduceat(cells.total, first), np.add.reduceat(cells.count, first, dtype=np.uint32)
    return cells._replace(total=total, count=many).mean


def _firsts(ids: np.ndarray) -> np.ndarray:
    # where each new number begins
    differ = np.empty(len(ids), bool)
    differ[:1] = True
    np.not_equal(ids[1:], ids[:-1], out=differ[1:])
    return np.flatnonzero(differ)


def joined(before: Cells, after: Cells) -> Cells:
    """Return the cells of both, one after the other."""
    return Cells(*(np.concatenate(pair) for pair in zip(before, after, strict=True)))


class Buckets:
    """A growing row of buckets of one width. Points come in order of steps.

    Steps never go back within an attempt; a point that falls before the last bucket is left out.
    """

    def __init__(self, width: int):
        self.width = width
        self.rows = Rows(TYPES)

    @property
    def size(self) -> int:
        return self.rows.size

    @property
    def view(self) -> "BucketView":
        """The buckets as they are now, to read without a lock."""
        return BucketView(self.width, self.rows.view)

    def append(self, cells: Cells) -> None:
        """Take more cells; the first of them may belong to the last bucket."""
        last = Cells(*(column[-1:] for column in self.rows.tail))
        self.rows.replace_last(_merged(last, cells, self.width))

    def truncate(self, step: int) -> int | None:
        """Drop every bucket that holds steps after `step`; return where the first of them began, if any.

        That bucket may have held earlier steps as well: whoever truncates appends those again.
        """
        view = self.rows.view
        kept = view.rank(step - self.width + 1, "right")
        if kept == view.size:
            return None
        dropped = int(view.rows(kept, kept + 1)[0][0])
        self.rows.cut(kept)
        return dropped


class BucketView(NamedTuple):
    """Buckets of one width as they were when the view was taken."""

    width: int
    rows: View

    def between(self, first: int, last: int) -> Cells:
        """Return the cells that begin at steps `first` to `last`."""
        return Cells(*self.rows.between(first, last))

    def count(self, first: int, last: int) -> int:
        """Return how many cells begin at steps `first` to `last`."""
        return self.rows.rank(last, "right") - self.rows.rank(first)


class Overview:
    """One whole series in at most 2,000 buckets: what a page gets first. All of it is in memory.

    Width is a power of two, from 1; when a point would make one bucket too many, the width doubles and
    buckets with the same floor(step / width) merge, until it fits.
    """

    def __init__(self, width: int = 1, cells: Cells | None = None):
        self.width = width
        self.cells = Cells(*(np.empty(0, kind) for kind in TYPES)) if cells is None else cells

    @property
    def size(self) -> int:
        return len(self.cells.start)

    def append(self, cells: Cells) -> None:
        """Take more cells, and make the buckets wider when there would be too many."""
        last = Cells(*(column[-1:] for column in self.cells))
        before = Cells(*(column[:-1] for column in self.cells))
        merged = joined(before, _merged(last, cells, self.width))
        while len(merged.start) > MAX_OVERVIEW:
            self.width *= 2
            merged = grouped(merged, self.width)
        self.cells = merged

    def truncate(self, step: int) -> int | None:
        """Drop what lies after `step`; see `Buckets.truncate`."""
        kept = int(np.searchsorted(self.cells.start, step - self.width + 1, side="right"))
        if kept == self.size:
            return None
        dropped = int(self.cells.start[kept])
        self.cells = Cells(*(column[:kept] for column in self.cells))
        return dropped


def _merged(last: Cells, cells: Cells, width: int) -> Cells:
    both = joined(last, cells)
    ids = both.start // width
    if (ids[1:] < ids[:-1]).any():
        in_order = ids >= np.maximum.accumulate(ids)
        both = Cells(*(column[in_order] for column in both))
    return grouped(both, width)
