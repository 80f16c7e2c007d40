"""Single steps of the numbers of one run: read from its logs, found by an index of frames.

Raw numbers are not kept in memory. For each probe there is a row a frame: first step, last step, attempt, and
byte offset in that attempt's log. The metrics of epochs are indexed as if a probe called "epoch" measured them.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.rows import BlockFile, Rows, SavedRows, View
from trainer.protocol import Epoch, Finished, Measured, decode
from trainer.runlog import HEADER, LogDamaged, frames

COLUMNS = (np.int64, np.int64, np.int64, np.int64)  # first step, last step, attempt, offset
READ_AHEAD = 256 * 1024  # bytes: frames that lie together are read together
FRAMES_AT_ONCE = 64

Points = tuple[np.ndarray, np.ndarray]


class RawNumbers:
    """The raw numbers of one run. `folder` is the run's; `inodes` those of its event logs, by attempt."""

    def __init__(self, folder: Path, inodes: Mapping[int, int]):
        self.folder = folder
        self.inodes = inodes
        self._index: dict[str, Rows] = {}

    @property
    def tables(self) -> list[Rows]:
        """The tables of the index."""
        return list(self._index.values())

    def add(self, probe: str, first: int, last: int, attempt: int, offset: int) -> None:
        """Take note of a frame that holds steps `first` to `last` of a probe."""
        if probe not in self._index:
            self._index[probe] = Rows(COLUMNS)
        self._index[probe].append([np.array([one], np.int64) for one in (first, last, attempt, offset)])

    def truncate(self, step: int) -> None:
        """Forget what lies after `step`."""
        for rows in self._index.values():
            rows.cut(rows.view.rank(step, "right"))
            # frames follow one another, so only the last of them can reach beyond
            newest = rows.tail[1][-1:]
            np.minimum(newest, step, out=newest)

    def frames(self, probe: str) -> "Frames":
        """Return where the frames of a probe are now."""
        return Frames(self.folder, self._index[probe].view, self.inodes)

    def save(self) -> dict[str, SavedRows]:
        """Return what is to be kept."""
        return {probe: rows.save() for probe, rows in self._index.items()}

    def restore(self, saved: dict[str, SavedRows], file: BlockFile | None) -> None:
        """Become what was saved."""
        self._index = {probe: Rows(COLUMNS).restore(rows, file) for probe, rows in saved.items()}


class Frames:
    """Where the frames of one probe lay at a moment. Needs no lock."""

    def __init__(self, folder: Path, rows: View, inodes: Mapping[int, int]):
        self._folder = folder
        self._rows = rows
        self._inodes = inodes

    def count(self, first: int, last: int) -> int:
        """Return in how many frames the steps `first` to `last` lie."""
        low, high = self._between(first, last)
        return high - low

    def read(self, names: Sequence[str], first: int, last: int) -> dict[str, Points]:
        """Return the points of series of this probe: steps int64 (n,), values float32 (n,).

        Raises:
            LogDamaged: the log is no longer what it was when it was indexed.
            BlocksDamaged: the index is not.
        """
        found: dict[str, list[Points]] = {name: [_nothing()] for name in names}
        for steps, columns in self._said(first, last, *self._between(first, last)):
            for name in names:
                if name in columns:
                    found[name].append((steps, columns[name]))
        return {name: _joined(parts) for name, parts in found.items()}

    def pieces(self, name: str, first: int, last: int) -> Iterator[Points]:
        """Yield the points of one series, those of some frames at a time; see `read`."""
        low, high = self._between(first, last)
        for begin in range(low, high, FRAMES_AT_ONCE):
            said = self._said(first, last, begin, min(high, begin + FRAMES_AT_ONCE))
            parts = [(steps, columns[name]) for steps, columns in said if name in columns and len(steps)]
            if parts:
                yield _joined(parts)

    def _between(self, first: int, last: int) -> tuple[int, int]:
        # a frame that begins before `first` may still hold it; the one before that cannot
        low = self._rows.rank(first)
        if low and self._rows.rows(low - 1, low)[1][0] >= first:
            low -= 1
        return low, self._rows.rank(last, "right")

    def _said(self, first: int, last: int, low: int, high: int) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
        _, newest, attempts, offsets = self._rows.rows(low, high)
        for attempt in np.unique(attempts).tolist():
            wanted = attempts == attempt
            path = self._folder / f"events-{attempt}.log"
            payloads = _payloads(path, offsets[wanted].tolist(), self._inodes.get(attempt, 0))
            for end, payload in zip(newest[wanted].tolist(), payloads, strict=True):
                steps, columns = _points(decode(payload).said)
                within = (steps >= first) & (steps <= min(last, end))
                yield steps[within], {name: column[within] for name, column in columns.items()}


def points_of(event: Epoch | Finished) -> dict[str, float]:
    """Return the metrics of an event that are points of curves: at the end only those of the test part are new."""
    if isinstance(event, Epoch):
        return event.metrics
    return {name: value for name, value in event.metrics.items() if name.startswith("test.")}


def _points(said: Any) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    if isinstance(said, Measured):
        steps = np.frombuffer(said.steps, "<i8")
        return steps, {name: np.frombuffer(column, "<f4") for name, column in said.columns.items()}
    if isinstance(said, Epoch | Finished):
        return np.int64([said.step]), {name: np.float32([value]) for name, value in points_of(said).items()}
    return np.empty(0, np.int64), {}


def _payloads(path: Path, offsets: list[int], inode: int) -> Iterator[bytes | memoryview]:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if os.fstat(file).st_ino != inode:
            raise LogDamaged(path, offsets[0], "another file has taken its place")
        begin, data = 0, memoryview(b"")
        for i, offset in enumerate(offsets):
            within = begin <= offset < begin + len(data)
            found = _frame(data[offset - begin :], path, offset) if within else None
            if found is None:
                near = [one for one in offsets[i : i + FRAMES_AT_ONCE] if one - offset < READ_AHEAD]
                head = os.pread(file, HEADER.size, near[-1])
                length = HEADER.unpack(head)[0] if len(head) == HEADER.size else 0
                begin, data = offset, memoryview(os.pread(file, near[-1] - offset + HEADER.size + length, offset))
                found = _frame(data, path, offset)
            if found is None:
                raise LogDamaged(path, offset, "a frame that was there is gone")
            yield found
    finally:
        os.close(file)


def _frame(data: memoryview, path: Path, offset: int) -> bytes | memoryview | None:
    return next((one.payload for one in frames(data, path, offset)), None)


def _nothing() -> Points:
    return np.empty(0, np.int64), np.empty(0, np.float32)


def _joined(parts: list[Points]) -> Points:
    return np.concatenate([steps for steps, _ in parts]), np.concatenate([values for _, values in parts])
