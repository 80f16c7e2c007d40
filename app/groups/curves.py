"""Curves of several runs in one picture: each as means of buckets, and what runs that repeat one another share.

What is measured at each step is laid on steps, in buckets of one width for all; what is evaluated at the end of each
epoch is laid on epochs, so that runs with other batch sizes, or folds of other sizes, still meet.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from app.buckets import grouped
from app.series import Series
from app.zoom import or_null

WIDTH = 600  # buckets of a curve at most, unless more are asked for
OF_EPOCHS = ("train.", "validation.", "test.")


class Curve(NamedTuple):
    """One series of one run. start: first step of each bucket, int64 (n,) · mean: float32 (n,), NaN for none ·
    bucket: how many steps are in one · steps_per_epoch: of the run, 0 while it is not known."""

    start: np.ndarray
    mean: np.ndarray
    bucket: int
    steps_per_epoch: int


class Spread(NamedTuple):
    """What runs have in common at each place. step, epoch: where it is, float64 (n,) · mean, low, high, std: over the
    runs, float64 (n,), NaN for none; std is that of a sample, NaN for a single run · count: runs that are there ·
    width: how many steps, or epochs where epochs are the places, are one place."""

    step: np.ndarray
    epoch: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    std: np.ndarray
    count: np.ndarray
    width: int

    def as_json(self) -> dict[str, list]:
        """Return the columns as the API gives them: null for what is not there."""
        floats = {"mean": self.mean, "min": self.low, "max": self.high, "std": self.std}
        places = {"step": self.step.tolist(), "epoch": self.epoch.tolist(), "count": self.count.tolist()}
        return places | {name: or_null(values) for name, values in floats.items()}


def curve(series: Series, name: str, steps_per_epoch: int, width: int = WIDTH) -> Curve | None:
    """Return one series in at most `width` buckets; None when the run has not measured it."""
    if (found := series.overview(name)) is None:
        return None
    bucket, cells = found
    while len(cells.start) > width:
        bucket *= 2
        cells = grouped(cells, bucket)
    return Curve(cells.start, cells.mean, bucket, steps_per_epoch)


def spread(curves: Sequence[Curve], name: str, width: int = WIDTH) -> Spread:
    """Return what the curves of one series have in common, at most at `width` places.

    Args:
        curves: one for each run that has measured it; at least one.
        name: of the series; it says whether steps or epochs are the same place.
    """
    by_epoch = name.startswith(OF_EPOCHS) and all(one.steps_per_epoch for one in curves)
    where = [(_epochs(one) if by_epoch else one.start) for one in curves]
    size = 1 if by_epoch else max(one.bucket for one in curves)
    while len(slots := np.unique(np.concatenate([one // size for one in where]))) > width:
        size *= 2
    values = np.full((len(curves), len(slots)), np.nan)
    for row, one, at in zip(values, curves, where, strict=True):
        _put(row, np.searchsorted(slots, at // size), one.mean.astype(np.float64))
    each = max(one.steps_per_epoch for one in curves)
    found = (slots * size).astype(np.float64)
    step, epoch = (found * each, found) if by_epoch else (found, found / each if each else np.zeros(len(found)))
    return Spread(step, epoch, *_over_runs(values), size)


def places(one: Curve, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return where the points of a curve are: steps and epochs, float64 (n,) each."""
    each = one.steps_per_epoch
    if not each:
        return one.start.astype(np.float64), np.zeros(len(one.start))
    epoch = _epochs(one) if name.startswith(OF_EPOCHS) else one.start / each
    return one.start.astype(np.float64), epoch.astype(np.float64)


def _epochs(one: Curve) -> np.ndarray:
    # an epoch ends with its last step, which may lie anywhere in its bucket
    return np.ceil(np.maximum(one.start, 1) / one.steps_per_epoch).astype(np.int64)


def _put(row: np.ndarray, at: np.ndarray, values: np.ndarray) -> None:
    finite = np.isfinite(values)
    total = np.bincount(at[finite], values[finite], len(row))
    count = np.bincount(at[finite], minlength=len(row))
    np.divide(total, count, out=row, where=count > 0)


def _over_runs(values: np.ndarray) -> tuple[np.ndarray, ...]:
    there = np.isfinite(values)
    count = there.sum(axis=0)
    known = np.where(there, values, 0.0)
    mean = np.divide(known.sum(axis=0), count, out=np.full(len(count), np.nan), where=count > 0)
    square = (np.where(there, values - mean, 0.0) ** 2).sum(axis=0)
    std = np.sqrt(np.divide(square, count - 1, out=np.full(len(count), np.nan), where=count > 1))
    low, high = np.where(there, values, np.inf).min(axis=0), np.where(there, values, -np.inf).max(axis=0)
    return mean, np.where(count > 0, low, np.nan), np.where(count > 0, high, np.nan), std, count


def summary(values: Sequence[float]) -> dict[str, Any]:
    """Return mean, std (of a sample; None for one), min, max and count of some numbers, those that are finite."""
    finite = np.array([one for one in values if np.isfinite(one)], np.float64)
    if not len(finite):
        return {"mean": None, "std": None, "min": None, "max": None, "count": 0}
    std = float(finite.std(ddof=1)) if len(finite) > 1 else None
    told = {"mean": float(finite.mean()), "std": std, "min": float(finite.min()), "max": float(finite.max())}
    return told | {"count": len(finite)}
