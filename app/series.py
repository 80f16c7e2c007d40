"""The numbers of one run, for any zoom: a pyramid of buckets x16, single steps in the log.

Of each series the overview and the newest buckets of each width are in memory; older ones are in the run's
`BlockFile` once they were spilled. A zoom finer than 16 steps reads single steps from the log
(`app.raw_numbers`). Numbers are taken in cheaply and folded in batches, when somebody looks or when enough have
come. Safe to read from any thread: what a reader does with the disk holds up nobody.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import msgspec
import numpy as np

from app.buckets import TYPES, Buckets, Cells, Overview, cells_of, grouped, means
from app.raw_numbers import RawNumbers, points_of
from app.rows import BlockFile, BlocksDamaged, SavedRows
from app.zoom import FACTOR, Sight, Window, or_null, zoom
from trainer.protocol import Epoch, Finished

NEXT_LEVEL_OVER = 1_024  # buckets in the coarsest level that make another one worth it
SETTLE_FRAMES = 512
SETTLE_BYTES = 1024 * 1024
MAX_NAMES = 4_096
EPOCH = "epoch"  # the metrics of epochs, indexed as if a probe had measured them


class SavedCurve(msgspec.Struct, array_like=True):
    """A curve as it is kept."""

    probe: str
    width: int
    overview: list[bytes]
    levels: list[SavedRows]


class SavedSeries(msgspec.Struct, array_like=True):
    """All series of a run as they are kept."""

    last: int
    curves: dict[str, SavedCurve]
    index: dict[str, SavedRows]


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
        while (finest := self.levels[-1]).size > NEXT_LEVEL_OVER:
            self.levels.append(Buckets(finest.width * FACTOR))
            self.levels[-1].append(Cells(*finest.rows.view.rows(0, finest.size)))

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
                level.append(finer.view.between(start, step))

    def save(self) -> SavedCurve:
        """Return what is to be kept, all sealed blocks having been spilled."""
        overview = [column.tobytes() for column in self.overview.cells]
        return SavedCurve(self.probe, self.overview.width, overview, [level.rows.save() for level in self.levels])

    @classmethod
    def restored(cls, saved: SavedCurve, file: BlockFile | None) -> "Curve":
        """Return the curve that was saved."""
        curve = cls(saved.probe)
        columns = zip(saved.overview, TYPES, strict=True)
        curve.overview = Overview(saved.width, Cells(*(np.frombuffer(data, kind) for data, kind in columns)))
        curve.levels = [Buckets(FACTOR ** (i + 1)) for i in range(len(saved.levels))]
        for level, rows in zip(curve.levels, saved.levels, strict=True):
            level.rows.restore(rows, file)
        return curve


class Series:
    """Every series of one run. `folder` is the run's, with its event logs; `inodes` those of the logs, by attempt.

    `renew` is called when a block is damaged; it returns the same numbers, read from the logs again.
    """

    def __init__(
        self,
        folder: Path,
        inodes: Mapping[int, int] | None = None,
        renew: Callable[["Series"], "Series"] | None = None,
    ):
        self.last = 0
        self.renew = renew
        self._curves: dict[str, Curve] = {}
        self._raw = RawNumbers(folder, {} if inodes is None else inodes)
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
        """Drop what lies after `step`: an attempt that goes on from there supersedes it.

        Raises:
            BlocksDamaged: it cannot be cut in the middle of a block that cannot be read.
        """
        with self._lock:
            if step >= self.last:
                return
            self._settle()
            self.last = step
            self._raw.truncate(step)
            for name, curve in self._curves.items():
                start = curve.truncate(step)
                curve.refill(cells_of(*self._raw.frames(curve.probe).read([name], start, step)[name]), step)

    @property
    def names(self) -> list[str]:
        """The names of all series, in the order in which they appeared."""
        with self._lock:
            return list(self._curves)

    def overviews(self) -> dict[str, tuple[int, Cells]]:
        """Return (bucket width, buckets) of each series: the whole of it in at most 2,000 buckets."""
        with self._lock:
            self._settle()
            return {name: (curve.overview.width, curve.overview.cells) for name, curve in self._curves.items()}

    def overview(self, name: str) -> tuple[int, Cells] | None:
        """Return (bucket width, buckets) of one series, the whole of it in at most 2,000; None for an unknown name."""
        with self._lock:
            self._settle([name])
            found = self._curves.get(name)
            return (found.overview.width, found.overview.cells) if found else None

    def spark(self, name: str, count: int = 60) -> list[float | None]:
        """Return a series as at most `count` means, None where nothing was finite."""
        found = self.overview(name)
        return or_null(means(found[1], found[0], count)) if found else []

    def window(self, names: Iterable[str], first: int = 0, last: int | None = None, width: int = 2_000) -> Window:
        """Return series from step `first` to `last` in the finest buckets of which `width` are enough.

        Buckets are as wide as a power of two and whole: those at the edges may reach beyond the window.
        Their extremes are those of the raw numbers. Names that are not known are left out.
        """
        names = list(names)
        with self._lock:
            self._settle(names)
            newest = self.last
            # views are cheap, and what they read from the disk holds up nobody who writes
            curves = {name: self._curves[name] for name in names if name in self._curves}
            frames = {probe: self._raw.frames(probe) for probe in {curve.probe for curve in curves.values()}}
            sights = {name: Sight([one.view for one in curve.levels], frames[curve.probe])
                      for name, curve in curves.items()}  # fmt: skip
        try:
            return zoom(sights, newest, first, newest if last is None else min(last, newest), width)
        except BlocksDamaged:
            return self._renewed().window(names, first, last, width)

    def points(self, name: str, first: int = 0, last: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return raw points of one series, read from the log: steps int64 (n,), values float32 (n,).

        Raises:
            LogDamaged: the log is no longer what it was.
        """
        pieces = list(self.pieces(name, first, last))
        steps, values = [np.empty(0, np.int64)], [np.empty(0, np.float32)]
        return np.concatenate(steps + [one for one, _ in pieces]), np.concatenate(values + [one for _, one in pieces])

    def pieces(self, name: str, first: int = 0, last: int | None = None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield raw points of one series, some frames at a time however long it is; see `points`."""
        with self._lock:
            curve = self._curves.get(name)
            if curve is None:
                return
            last = self.last if last is None else last
            frames = self._raw.frames(curve.probe)
        try:
            for steps, values in frames.pieces(name, first, last):
                yield steps, values
                first = int(steps[-1]) + 1
        except BlocksDamaged:
            yield from self._renewed().pieces(name, first, last)

    def spill(self, file: BlockFile) -> None:
        """Write what is sealed to the file of blocks."""
        with self._lock:
            self._settle()
            tables = [*(level.rows for curve in self._curves.values() for level in curve.levels), *self._raw.tables]
        for one in tables:
            one.spill(file, self._lock)

    def save(self, file: BlockFile) -> SavedSeries:
        """Return what is to be kept."""
        with self._lock:
            self.spill(file)
            curves = {name: curve.save() for name, curve in self._curves.items()}
            return SavedSeries(self.last, curves, self._raw.save())

    def restore(self, saved: SavedSeries, file: BlockFile | None) -> None:
        """Become what was saved."""
        with self._lock:
            self.last = saved.last
            self._curves = {name: Curve.restored(one, file) for name, one in saved.curves.items()}
            self._raw.restore(saved.index, file)

    def _settle(self, names: Iterable[str] | None = None) -> None:
        for name in list(self._pending) if names is None else names:
            parts = self._pending.pop(name, None)
            if parts:
                steps = np.frombuffer(b"".join(one for one, _ in parts), "<i8")
                values = np.frombuffer(b"".join(column for _, column in parts), "<f4")
                self._curves[name].append(cells_of(steps, values))
        if not self._pending:
            self._waiting = self._waiting_bytes = 0

    def _renewed(self) -> "Series":
        assert self.renew, "blocks are spilled only for a run that can read its logs again"
        return self.renew(self)


NOTHING = SavedSeries(0, {}, {})
