"""What becomes of several numbers: one number for the seeds, and how far two sets of numbers rise together. Pure."""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence

import numpy as np


def spread(values: Sequence[float]) -> float:
    """Return the standard deviation of a sample; NaN where a value is not finite, 0 for one value."""
    if not all(map(math.isfinite, values)):
        return math.nan
    return statistics.stdev(values) if len(values) > 1 else 0.0


def mean(values: Sequence[float]) -> float:
    """Return the mean; what is not finite stays so."""
    return math.fsum(values) / len(values) if all(map(math.isfinite, values)) else float(np.mean(values))


BROUGHT_TOGETHER: Mapping[str, Callable[[Sequence[float]], float]] = {
    "mean": mean,
    "median": lambda values: float(np.median(values)),
    "lowest": min,
    "highest": max,
    "spread": spread,
}


def rank_correlation(values: Sequence[float], others: Sequence[float]) -> float:
    """Return Spearman's correlation of two columns, -1 to 1: the plain one of their ranks; NaN where one is constant.

    Those that are equal share the mean of their ranks. What is NaN diverged, and is the greatest of all.

    Source: Spearman 1904, https://doi.org/10.2307/1412159
    """
    first, second = (ranks(one) - (len(one) + 1) / 2 for one in (values, others))
    size = math.sqrt(float(first @ first) * float(second @ second))
    return float(first @ second) / size if size else math.nan


def ranks(values: Sequence[float]) -> np.ndarray:
    """Return the rank of each value, 1 for the least; float64 (n,)."""
    known = np.where(np.isnan(values), np.inf, np.asarray(values, np.float64))
    _, place, counts = np.unique(known, return_inverse=True, return_counts=True)
    return (counts.cumsum() - (counts - 1) / 2)[place]
