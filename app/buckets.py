"""Numbers gathered into buckets of steps: extremes, mean, last value and counts, so that no spike is lost.

A bucket of width w holds the points whose floor(step / w) is the same. Everything is done to whole arrays
at once: folding ten million points is a matter of seconds. static/js/overview.js follows the same rules.
"""

from typing import NamedTuple

import numpy as np

MAX_OVERVIEW = 2_000
FIRST_CAPACITY = 64


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
    first = np.flatnonzero(np.diff(ids, prepend=ids[0] - 1))
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


def joined(before: Cells, after: Cells) -> Cells:
    """Return the cells of both, one after the other."""
    return Cells(*(np.concatenate(pair) for pair in zip(before, after, strict=True)))


class Buckets:
    """A growing row of buckets of one width. Points come in order of steps.

    Steps never go back within an attempt; a point that falls before the last bucket is left out.
    """

    def __init__(self, width: int):
        self.width = width
        self.size = 0
        self._store = Cells(*(np.empty(FIRST_CAPACITY, kind) for kind in TYPES))

    @property
    def cells(self) -> Cells:
        """The buckets so far, as views."""
        return Cells(*(column[: self.size] for column in self._store))

    def append(self, cells: Cells) -> None:
        """Take more cells; the first of them may belong to the last bucket."""
        fresh = self._merged_with_last(cells)
        self.size = max(0, self.size - 1)
        self._put(fresh)

    def truncate(self, step: int) -> int | None:
        """Drop every bucket that holds steps after `step`; return where the first of them began, if any.

        That bucket may have held earlier steps as well: whoever truncates appends those again.
        """
        kept = int(np.searchsorted(self.cells.start, step - self.width + 1, side="right"))
        if kept == self.size:
            return None
        dropped = int(self._store.start[kept])
        self.size = kept
        return dropped

    def _merged_with_last(self, cells: Cells) -> Cells:
        last = Cells(*(column[max(0, self.size - 1) : self.size] for column in self._store))
        both = joined(last, cells)
        ids = both.start // self.width
        if (ids[1:] < ids[:-1]).any():
            in_order = ids >= np.maximum.accumulate(ids)
            both = Cells(*(column[in_order] for column in both))
        return grouped(both, self.width)

    def _put(self, fresh: Cells) -> None:
        end = self.size + len(fresh.start)
        if end > len(self._store.start):
            room = max(end, len(self._store.start) * 3 // 2)
            self._store = Cells(*(np.resize(column, room) for column in self._store))
        for column, more in zip(self._store, fresh, strict=True):
            column[self.size : end] = more
        self.size = end


class Overview(Buckets):
    """One whole series in at most 2,000 buckets: what a page gets first.

    Width is a power of two, from 1; when a point would make one bucket too many, the width doubles and
    buckets with the same floor(step / width) merge, until it fits.
    """

    def __init__(self) -> None:
        super().__init__(1)

    def append(self, cells: Cells) -> None:
        """Take more cells, and make the buckets wider when there would be too many."""
        fresh = self._merged_with_last(cells)
        self.size = max(0, self.size - 1)
        if self.size + len(fresh.start) > MAX_OVERVIEW:
            fresh = joined(self.cells, fresh)
            self.size = 0
            while len(fresh.start) > MAX_OVERVIEW:
                self.width *= 2
                fresh = grouped(fresh, self.width)
        self._put(fresh)
