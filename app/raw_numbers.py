"""Single steps of the numbers of one run: read from its logs, found by an index of frames.

Raw numbers are not kept in memory. For each probe there is a row a frame: first step, last step, attempt, and
byte offset in that attempt's log. The metrics of epochs are indexed as if a probe called "epoch" measured them.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from trainer.protocol import Epoch, Finished, Measured, decode
from trainer.runlog import HEADER, LogDamaged, frames


class Index:
    """Where the frames of one probe are: rows of (first step, last step, attempt, byte offset)."""

    def __init__(self) -> None:
        self.size = 0
        self._rows = np.empty((64, 4), np.int64)

    @property
    def rows(self) -> np.ndarray:
        return self._rows[: self.size]

    def add(self, first: int, last: int, attempt: int, offset: int) -> None:
        """Take one frame more."""
        if self.size == len(self._rows):
            self._rows = np.resize(self._rows, (self.size * 2, 4))
        self._rows[self.size] = first, last, attempt, offset
        self.size += 1

    def between(self, first: int, last: int) -> np.ndarray:
        """Return the rows of frames that hold steps `first` to `last`."""
        return self.rows[np.searchsorted(self.rows[:, 1], first) : np.searchsorted(self.rows[:, 0], last, "right")]

    def truncate(self, step: int) -> None:
        """Forget what lies after `step`."""
        self.size = int(np.searchsorted(self.rows[:, 0], step, "right"))
        np.minimum(self.rows[:, 1], step, out=self.rows[:, 1])


class RawNumbers:
    """The raw numbers of one run. `folder` is the run's, with its event logs."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._index: dict[str, Index] = {}

    def add(self, probe: str, first: int, last: int, attempt: int, offset: int) -> None:
        """Take note of a frame that holds steps `first` to `last` of a probe."""
        self._index.setdefault(probe, Index()).add(first, last, attempt, offset)

    def truncate(self, step: int) -> None:
        """Forget what lies after `step`."""
        for index in self._index.values():
            index.truncate(step)

    def frames(self, probe: str, first: int, last: int) -> int:
        """Return in how many frames the steps `first` to `last` of a probe lie."""
        return len(self._index[probe].between(first, last))

    def read(self, probe: str, name: str, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the points of one series: steps int64 (n,), values float32 (n,).

        Raises:
            LogDamaged: the log is no longer what it was when it was indexed.
        """
        steps, values = [np.empty(0, np.int64)], [np.empty(0, np.float32)]
        for newest, said in self._said(self._index[probe].between(first, last)):
            if isinstance(said, Measured) and name in said.columns:
                at = np.frombuffer(said.steps, "<i8")
                wanted = (at >= first) & (at <= min(last, newest))
                steps.append(at[wanted])
                values.append(np.frombuffer(said.columns[name], "<f4")[wanted])
            elif isinstance(said, Epoch | Finished) and name in (metrics := points_of(said)):
                steps.append(np.int64([said.step]))
                values.append(np.float32([metrics[name]]))
        return np.concatenate(steps), np.concatenate(values)

    def _said(self, rows: np.ndarray) -> Iterator[tuple[int, Any]]:
        for attempt in np.unique(rows[:, 2]):
            path = self.folder / f"events-{attempt}.log"
            with path.open("rb") as file:
                for row in rows[rows[:, 2] == attempt]:
                    yield int(row[1]), decode(_payload(file.fileno(), int(row[3]), path)).said


def points_of(event: Epoch | Finished) -> dict[str, float]:
    """Return the metrics of an event that are points of curves: at the end only those of the test part are new."""
    if isinstance(event, Epoch):
        return event.metrics
    return {name: value for name, value in event.metrics.items() if name.startswith("test.")}


def _payload(file: int, offset: int, path: Path) -> bytes:
    head = os.pread(file, HEADER.size, offset)
    length = HEADER.unpack(head)[0] if len(head) == HEADER.size else 0
    for one in frames(os.pread(file, HEADER.size + length, offset), path, offset):
        return one.payload
    raise LogDamaged(path, offset, "a frame that was there is gone")


def _payload(file: int, offset: int, path: Path) -> bytes:
    head = os.pread(file, HEADER.size, offset)
    length = HEADER.unpack(head)[0] if len(head) == HEADER.size else 0
    for one in frames(os.pread(file, HEADER.size + length, offset), path, offset):
        return one.payload
    raise LogDamaged(path, offset, "a frame that was there is gone")
