"""The arrays of one run: the newest of each tensor, a history that thins itself, and the way to every other.

Arrays replace, numbers accumulate: in memory a tensor keeps at most 128 captures, and when one more comes,
every second of the older ones goes. All of them stay in the log, where `at` finds them by step.
"""

import threading
from pathlib import Path
from typing import NamedTuple

import numpy as np

from trainer.protocol import Captured
from trainer.runlog import read_entries

MAX_HISTORY = 128


class Row(NamedTuple):
    """Where the captures of one probe at one step lie: attempt, first byte, and the byte after the last."""

    step: int
    attempt: int
    offset: int
    end: int


class Captures:
    """Every capture of one run. `folder` is the run's, with its event logs. Safe to read from any thread."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._history: dict[tuple[str, str], list[Captured]] = {}
        self._index: dict[str, _Rows] = {}
        self._lock = threading.RLock()

    @property
    def probes(self) -> list[str]:
        """The probes that have captured anything."""
        with self._lock:
            return list(self._index)

    def add(self, one: Captured, attempt: int, offset: int, end: int) -> None:
        """Take a capture, and where its frame begins and ends in the attempt's log."""
        with self._lock:
            kept = self._history.setdefault((one.probe, one.name), [])
            if len(kept) >= MAX_HISTORY:
                del kept[1::2]
            kept.append(one)
            self._index.setdefault(one.probe, _Rows()).add(Row(one.step, attempt, offset, end))

    def truncate(self, step: int) -> None:
        """Drop what lies after `step`: an attempt that goes on from there supersedes it."""
        with self._lock:
            for rows in self._index.values():
                rows.truncate(step)
            for key, kept in self._history.items():
                self._history[key] = [one for one in kept if one.step <= step]

    def newest(self) -> list[Captured]:
        """Return the newest capture of each tensor."""
        with self._lock:
            return [kept[-1] for kept in self._history.values() if kept]

    def history(self, probe: str) -> list[Captured]:
        """Return what is kept of a probe's tensors, each from old to new."""
        with self._lock:
            return [one for (of, _), kept in self._history.items() if of == probe for one in kept]

    def at(self, probe: str, step: int | None = None) -> list[Captured]:
        """Return the captures that a probe took last at or before `step`, read from the log; none, an empty list.

        Raises:
            LogDamaged: the log is no longer what it was.
        """
        with self._lock:
            row = self._index[probe].at_or_before(step) if probe in self._index else None
        if row is None:
            return []
        found = {}
        for entry, one in read_entries(self.folder / f"events-{row.attempt}.log", row.offset, row.end - row.offset):
            if one.offset >= row.end:
                break
            said = entry.said
            if isinstance(said, Captured) and said.probe == probe and said.step == row.step:
                found[said.name] = said
        return list(found.values())


class _Rows:
    """A growing table of rows, in order of steps."""

    def __init__(self) -> None:
        self._size = 0
        self._table = np.empty((64, len(Row._fields)), np.int64)

    def add(self, row: Row) -> None:
        last = self._table[self._size - 1] if self._size else None
        if last is not None and (last[0], last[1]) == (row.step, row.attempt):
            last[3] = row.end
            return
        if self._size == len(self._table):
            self._table = np.resize(self._table, (self._size * 2, len(Row._fields)))
        self._table[self._size] = row
        self._size += 1

    def at_or_before(self, step: int | None) -> Row | None:
        steps = self._table[: self._size, 0]
        at = self._size if step is None else int(np.searchsorted(steps, step, side="right"))
        return Row(*self._table[at - 1].tolist()) if at else None

    def truncate(self, step: int) -> None:
        self._size = int(np.searchsorted(self._table[: self._size, 0], step, side="right"))
