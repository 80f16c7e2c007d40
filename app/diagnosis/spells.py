"""When something held, read off its whole history: a trigger with two thresholds, so that nothing flickers.

A finding is a function of what was measured and not of when somebody looked: whoever folds the same log, at any time
and after any restart, finds the same spells, with the same first step. All of it is done to whole arrays at once.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import numpy as np

Sure = Literal["possible", "likely", "sure"]
SURENESS: tuple[Sure, ...] = ("possible", "likely", "sure")
LEAVE = 0.8  # of what it took to enter: a value that trembles about a threshold crosses it once


class Spell(NamedTuple):
    """One stretch of steps over which something held; `until` None while it still does.

    sure: the highest threshold that holds now, or of a spell that is over, that held in it. `at` is the step of the
    last value within the spell and `value` that value; `peak_at` and `peak` the largest.
    """

    since: int
    until: int | None
    sure: Sure
    at: int
    value: float
    peak_at: int
    peak: float

    @property
    def holds(self) -> bool:
        """Whether it has not ended."""
        return self.until is None


def watch(
    steps: np.ndarray,
    values: np.ndarray,
    thresholds: Mapping[Sure, float],
    *,
    least: int = 1,
    lasting: int = 0,
    leave: float = LEAVE,
) -> Spell | None:
    """Return the last spell over which `values` were large, or None if they never were.

    It begins with the first of `least` values in a row that reach the lowest threshold, once those values span
    `lasting` steps, and ends where one falls under `leave` times that threshold. A spell that is over and was never
    more than possible is not worth a word: None.

    Args:
        steps: int64 (n,), in order.
        values: float (n,), the worse the larger; NaN counts as not large.
        thresholds: what it takes for each degree of sureness; may leave some out.
    """
    degrees = [one for one in SURENESS if one in thresholds]
    if not (values >= thresholds[degrees[0]]).any():
        return None  # a healthy run is looked at in no time
    on, since = _trigger(steps, values, thresholds[degrees[0]], least, lasting, leave)
    if not on.any():
        return None
    last = len(on) - 1 - int(np.argmax(on[::-1]))
    first = last - int(np.argmin(on[last::-1])) + 1 if not on[: last + 1].all() else 0
    holds = last == len(on) - 1
    sure = degrees[0]
    for degree in degrees[1:]:
        higher, _ = _trigger(steps, values, thresholds[degree], least, lasting, leave)
        if higher[last] if holds else higher[first : last + 1].any():
            sure = degree
    if not holds and sure == "possible":
        return None
    begin = int(since[first])
    peak = begin + int(np.nanargmax(values[begin : last + 1]))
    until = None if holds else int(steps[last + 1])
    return Spell(
        int(steps[begin]), until, sure, int(steps[last]), float(values[last]), int(steps[peak]), float(values[peak])
    )


def _trigger(
    steps: np.ndarray, values: np.ndarray, threshold: float, least: int, lasting: int, leave: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return whether the trigger is on at each value, and where the streak began that each value is in, (n,) each."""
    places = np.arange(len(values))
    with np.errstate(invalid="ignore"):
        large, small = values >= threshold, ~(values >= threshold * leave)
    begun = np.maximum.accumulate(np.where(large, 0, places + 1))  # one past the last value that was not large
    begun = np.minimum(begun, places)
    enters = large & (places - begun + 1 >= least) & (steps - steps[begun] >= lasting)
    # the last thing that happened, entering or leaving, decides
    entered = np.maximum.accumulate(np.where(enters, places, -1))
    left = np.maximum.accumulate(np.where(small, places, -1))
    return entered > left, begun


def trailing(values: np.ndarray, count: int) -> np.ndarray:
    """Return the mean of each value and the `count` - 1 before it, fewer at the begin; float64 (n,)."""
    sums = np.cumsum(np.asarray(values, np.float64))
    places = np.arange(len(sums))
    before = np.where(places >= count, sums[np.maximum(places - count, 0)], 0.0)
    return (sums - before) / np.minimum(places + 1, count)
