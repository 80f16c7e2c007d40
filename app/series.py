"""The numbers of one run, for any zoom: a pyramid of buckets x16 in memory, single steps in the log.

A zoom finer than 16 steps reads single steps from the log (`app.raw_numbers`). Numbers are taken in cheaply and
folded in batches, when somebody looks or when enough have come. Safe to read from any thread.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.buckets import Buckets, Cells, Overview, cells_of, grouped
from app.raw_numbers import RawNumbers, points_of
from trainer.protocol import Epoch, Finished
from trainer.runlog import LogDamaged

FACTOR = 16
NEXT_LEVEL_OVER = 1_024  # buckets in the coarsest level that make another one worth it
SETTLE_FRAMES = 512
SETTLE_BYTES = 1024 * 1024
MAX_FRAMES_READ = 4_096
MAX_NAMES = 4_096
MAX_WIDTH = 20_000
EPOCH = "epoch"  # the metrics of epochs, indexed as if a probe had measured them


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
            "min": _or_null(cells.low),
            "max": _or_null(cells.high),
            "mean": _or_null(cells.mean),
            "last": _or_null(cells.last),
            "count": cells.count.tolist(),
            "bad": cells.bad.tolist(),
        }


class Curve:
    """One series: its overview, its pyramid, and the probe that measures it."""

    def __init__(self, probe: str):
        self.probe = probe
        self.overview = Overview()
        self.levels = [Buckets(FACTOR)]

    def append(self, cells: Cells) -> None:
        """Take points in every level."""
        self.overview.append(cells)
        for level in self.levels:
            cells = grouped(cells, level.width)
            level.append(cells)
        if self.levels[-1].size > NEXT_LEVEL_OVER:
            self.levels.append(Buckets(self.levels[-1].width * FACTOR))
            self.levels[-1].append(self.levels[-2].cells)

    def truncate(self, step: int) -> int:
        """Drop what lies after `step`; return the first step whose raw points must be given to `refill`."""
        wide, fine = self.overview.truncate(step), self.levels[0].truncate(step)
        self._refill_from = (wide, fine)
        return min(step + 1 if one is None else one for one in (wide, fine))

    def refill(self, cells: Cells, step: int) -> None:
        """Take the raw points again that stood in a bucket together with dropped ones."""
        for buckets, start in zip((self.overview, self.levels[0]), self._refill_from, strict=True):
            if start is not None:
                buckets.append(cells.between(start, step))
        for finer, level in zip(self.levels, self.levels[1:], strict=False):
            if (start := level.truncate(step)) is not None:
                level.append(finer.cells.between(start, step))


class Series:
    """Every series of one run. `folder` is the run's, with its event logs."""

    def __init__(self, folder: Path):
        self.last = 0
        self._curves: dict[str, Curve] = {}
        self._raw = RawNumbers(folder)
        self._pending: dict[str, list[tuple[bytes, bytes]]] = {}
        self._waiting = self._waiting_bytes = 0
        self._lock = threading.RLock()

    def add(self, probe: str, steps: bytes, columns: Mapping[str, bytes], attempt: int, offset: int) -> None:
        """Take a frame of numbers as `Measured` carries them; `offset` is where it begins in the attempt's log."""
        if not steps:
            return
        first, last = (int.from_bytes(one, "little", signed=True) for one in (steps[:8], steps[-8:]))
        with self._lock:
            self._raw.add(probe, first, last, attempt, offset)
            self.last = max(self.last, last)
            for name, column in columns.items():
                if name not in self._curves:
                    if len(self._curves) >= MAX_NAMES:
                        continue
                    self._curves[name] = Curve(probe)
                self._pending.setdefault(name, []).append((steps, column))
                self._waiting_bytes += len(steps) + len(column)
            self._waiting += 1
            if self._waiting >= SETTLE_FRAMES or self._waiting_bytes >= SETTLE_BYTES:
                self._settle()

    def add_metrics(self, event: Epoch | Finished, attempt: int, offset: int) -> None:
        """Take what was evaluated at the end of an epoch or of the run, as points at its last step."""
        columns = {name: np.float32(value).tobytes() for name, value in points_of(event).items()}
        if columns:
            self.add(EPOCH, np.int64(event.step).tobytes(), columns, attempt, offset)

    def truncate(self, step: int) -> None:
        """Drop what lies after `step`: an attempt that goes on from there supersedes it."""
        with self._lock:
            if step >= self.last:
                return
            self._settle()
            self.last = step
            self._raw.truncate(step)
            for name, curve in self._curves.items():
                start = curve.truncate(step)
                curve.refill(cells_of(*self._raw.read(curve.probe, name, start, step)), step)

    @property
    def names(self) -> list[str]:
        """The names of all series, in the order in which they appeared."""
        with self._lock:
            return list(self._curves)

    def overviews(self) -> dict[str, tuple[int, Cells]]:
        """Return (bucket width, buckets) of each series: the whole of it in at most 2,000 buckets."""
        with self._lock:
            self._settle()
            return {
                name: (curve.overview.width, Cells(*(column.copy() for column in curve.overview.cells)))
                for name, curve in self._curves.items()
            }

    def spark(self, name: str, count: int = 60) -> list[float | None]:
        """Return a series as at most `count` means, None where nothing was finite."""
        with self._lock:
            self._settle()
            if name not in self._curves:
                return []
            overview = self._curves[name].overview
            width, cells = overview.width, overview.cells
            while len(cells.start) > count:
                width *= 2
                cells = grouped(cells, width)
            return _or_null(cells.mean)

    def window(self, names: Iterable[str], first: int = 0, last: int | None = None, width: int = 2_000) -> Window:
        """Return series from step `first` to `last` in the finest buckets of which `width` are enough.

        Buckets are as wide as a power of two and whole: those at the edges may reach beyond the window.
        Their extremes are those of the raw numbers. Names that are not known are left out.
        """
        with self._lock:
            self._settle()
            last = self.last if last is None else min(last, self.last)
            first, width = max(0, min(first, last)), max(1, min(width, MAX_WIDTH))
            curves = {name: self._curves[name] for name in names if name in self._curves}
            bucket = max((self._finest(curve, first, last, width) for curve in curves.values()), default=1)
            try:
                cells = {name: self._cells(name, curve, bucket, first, last) for name, curve in curves.items()}
            except (LogDamaged, OSError):
                # the log can no longer be read there; what was folded while it was sound still stands
                bucket = max(FACTOR, bucket)
                cells = {name: self._cells(name, curve, bucket, first, last) for name, curve in curves.items()}
            return Window(bucket, cells, self.last)

    def points(self, name: str, first: int = 0, last: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return raw points of one series, read from the log: steps int64 (n,), values float32 (n,).

        Raises:
            LogDamaged: the log is no longer what it was.
        """
        with self._lock:
            curve = self._curves.get(name)
            if curve is None:
                return np.empty(0, np.int64), np.empty(0, np.float32)
            return self._raw.read(curve.probe, name, first, self.last if last is None else last)

    def _settle(self) -> None:
        pending, self._pending = self._pending, {}
        self._waiting = self._waiting_bytes = 0
        for name, parts in pending.items():
            steps = np.frombuffer(b"".join(one for one, _ in parts), "<i8")
            values = np.frombuffer(b"".join(column for _, column in parts), "<f4")
            self._curves[name].append(cells_of(steps, values))

    def _finest(self, curve: Curve, first: int, last: int, width: int) -> int:
        level = next(
            (one for one in curve.levels if _covering(one, first, last)[1] <= width * FACTOR), curve.levels[-1]
        )
        bucket = level.width
        # whole buckets: the last one may reach points that lie beyond the window
        while _distinct((cells := _whole(level, bucket, first, last)).start // bucket) > width:
            bucket *= 2
        if bucket > FACTOR or self._raw.frames(curve.probe, first, last) > MAX_FRAMES_READ:
            return bucket
        points = int(cells.count.sum() + cells.bad.sum())
        fits = (one for one in (1, 2, 4, 8) if min(points, last // one - first // one + 1) <= width)
        return next(fits, bucket)

    def _cells(self, name: str, curve: Curve, bucket: int, first: int, last: int) -> Cells:
        first, last = first // bucket * bucket, last // bucket * bucket + bucket - 1
        if bucket < FACTOR:
            return grouped(cells_of(*self._raw.read(curve.probe, name, first, last)), bucket)
        level = next(one for one in reversed(curve.levels) if one.width <= bucket)
        return grouped(level.cells.between(first, last), bucket)


def _whole(level: Buckets, bucket: int, first: int, last: int) -> Cells:
    return _covering(level, first // bucket * bucket, last // bucket * bucket + bucket - 1)[0]


def _covering(level: Buckets, first: int, last: int) -> tuple[Cells, int]:
    cells = level.cells.between(first // level.width * level.width, last)
    return cells, len(cells.start)


def _distinct(ids: np.ndarray) -> int:
    return int(np.count_nonzero(np.diff(ids))) + 1 if len(ids) else 0


def _or_null(values: np.ndarray) -> list[float | None]:
    return [value if value == value else None for value in values.tolist()]
