"""From buckets of every width to the window that was asked for. All of it reads views: no lock is held meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from app.buckets import BucketView, Cells, cells_of, grouped
from app.raw_numbers import Frames
from trainer.runlog import LogDamaged

FACTOR = 16
MAX_FRAMES_READ = 4_096
MAX_WIDTH = 20_000


class Sight(NamedTuple):
    """One series as it was at a moment: its levels from fine to coarse, and where its raw numbers lie."""

    levels: list[BucketView]
    frames: Frames


@dataclass
class Window:
    """Part of some series in buckets of one width. `cells` by name; `last` is the newest step of all."""

    bucket: int
    cells: dict[str, Cells]
    last: int

    def as_json(self) -> dict[str, Any]:
        """Return the window as the API gives it: what is not finite is null, and counted in `bad`."""
        return {"bucket": self.bucket, "series": {name: self._columns(cells) for name, cells in self.cells.items()}}

    def _columns(self, cells: Cells) -> dict[str, list]:
        return {
            "step": cells.start.tolist(),
            "to": np.minimum(cells.start + self.bucket - 1, self.last).tolist(),
            "min": or_null(cells.low),
            "max": or_null(cells.high),
            "mean": or_null(cells.mean),
            "last": or_null(cells.last),
            "count": cells.count.tolist(),
            "bad": cells.bad.tolist(),
        }


def zoom(sights: Mapping[str, Sight], newest: int, first: int, last: int, width: int) -> Window:
    """Return series from step `first` to `last` in the finest buckets of which `width` are enough for each.

    Raises:
        BlocksDamaged: a block of theirs cannot be read.
    """
    first, width = max(0, min(first, last)), max(1, min(width, MAX_WIDTH))
    bucket = max((_finest(one, first, last, width) for one in sights.values()), default=1)
    low, high = first // bucket * bucket, last // bucket * bucket + bucket - 1
    if bucket < FACTOR:
        try:
            return Window(bucket, _raw(sights, bucket, low, high), newest)
        except (LogDamaged, OSError):
            # the log can no longer be read there; what was folded while it was sound still stands
            bucket = FACTOR
            low, high = first // bucket * bucket, last // bucket * bucket + bucket - 1
    cells = {}
    for name, (levels, _) in sights.items():
        level = next(one for one in reversed(levels) if one.width <= bucket)
        cells[name] = grouped(level.between(low, high), bucket)
    return Window(bucket, cells, newest)


def or_null(values: np.ndarray) -> list[float | None]:
    """Return values as JSON has them: null for what is not finite."""
    return [value if value == value else None for value in values.tolist()]


def _raw(sights: Mapping[str, Sight], bucket: int, first: int, last: int) -> dict[str, Cells]:
    of_probe: dict[int, tuple[Frames, list[str]]] = {}
    for name, one in sights.items():
        of_probe.setdefault(id(one.frames), (one.frames, []))[1].append(name)
    found = {}
    for frames, names in of_probe.values():
        found |= frames.read(names, first, last)
    return {name: grouped(cells_of(*found[name]), bucket) for name in sights}


def _finest(sight: Sight, first: int, last: int, width: int) -> int:
    fits = (one for one in sight.levels if one.count(first // one.width * one.width, last) <= width * FACTOR)
    level = next(fits, sight.levels[-1])
    bucket = level.width
    # whole buckets: the last one may reach points that lie beyond the window
    while _distinct((cells := _whole(level, bucket, first, last)).start // bucket) > width:
        bucket *= 2
    if bucket > FACTOR or sight.frames.count(first, last) > MAX_FRAMES_READ:
        return bucket
    points = int(cells.count.sum() + cells.bad.sum())
    raw = (one for one in (1, 2, 4, 8) if min(points, last // one - first // one + 1) <= width)
    return next(raw, bucket)


def _whole(level: BucketView, bucket: int, first: int, last: int) -> Cells:
    # `bucket` is a multiple of the level's width
    return level.between(first // bucket * bucket, last // bucket * bucket + bucket - 1)


def _distinct(ids: np.ndarray) -> int:
    return int(np.count_nonzero(np.diff(ids))) + 1 if len(ids) else 0
