"""The arrays of one run: the newest of each tensor, a history that thins itself, and the way to every other.

Arrays replace, numbers accumulate: in memory a tensor keeps at most 128 captures, and when one more comes,
every second of the older ones goes. All of them stay in the log, where `at` finds them by step.
"""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from app.rows import BlockFile, BlocksDamaged, Rows, SavedRows
from trainer.protocol import Captured
from trainer.runlog import LogDamaged, read_entries

MAX_HISTORY = 128
# where the captures of one probe at one step lie: step, attempt, first byte, and the byte after the last
COLUMNS = (np.int64, np.int64, np.int64, np.int64)


class Captures:
    """Every capture of one run. `folder` is the run's, with its event logs; `inodes` those of the logs, by attempt.

    Safe to read from any thread.

    `renew` is called when a block is damaged; it returns the same captures, read from the logs again.
    """

    def __init__(
        self,
        folder: Path,
        inodes: Mapping[int, int] | None = None,
        renew: Callable[["Captures"], "Captures"] | None = None,
    ):
        self.folder = folder
        self.renew = renew
        self._inodes = {} if inodes is None else inodes
        self._history: dict[tuple[str, str], list[Captured]] = {}
        self._index: dict[str, Rows] = {}
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
            if one.probe not in self._index:
                self._index[one.probe] = Rows(COLUMNS)
            rows = self._index[one.probe]
            steps, attempts, _, ends = rows.tail
            if len(steps) and (steps[-1], attempts[-1]) == (one.step, attempt):
                ends[-1] = end
            else:
                rows.append([np.array([value], np.int64) for value in (one.step, attempt, offset, end)])

    def truncate(self, step: int) -> None:
        """Drop what lies after `step`: an attempt that goes on from there supersedes it.

        Raises:
            BlocksDamaged: it cannot be cut in the middle of a block that cannot be read.
        """
        with self._lock:
            for rows in self._index.values():
                rows.cut(rows.view.rank(step, "right"))
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
            view = self._index[probe].view if probe in self._index else None
        if view is None:
            return []
        try:
            row = (view.size if step is None else view.rank(step, "right")) - 1
            if row < 0:
                return []
            found_at, attempt, offset, end = (int(column[0]) for column in view.rows(row, row + 1))
        except BlocksDamaged:
            assert self.renew, "blocks are spilled only for a run that can read its logs again"
            return self.renew(self).at(probe, step)
        path = self.folder / f"events-{attempt}.log"
        if not path.exists() or path.stat().st_ino != self._inodes.get(attempt, 0):
            raise LogDamaged(path, offset, "another file has taken its place, or none")
        found = {}
        for entry, one in read_entries(path, offset, end - offset):
            if one.offset >= end:
                break
            said = entry.said
            if isinstance(said, Captured) and said.probe == probe and said.step == found_at:
                found[said.name] = said
        return list(found.values())

    def spill(self, file: BlockFile) -> None:
        """Write what is sealed to the file of blocks."""
        with self._lock:
            tables = list(self._index.values())
        for one in tables:
            one.spill(file, self._lock)

    def save(self, file: BlockFile) -> tuple[list[Captured], dict[str, SavedRows]]:
        """Return what is to be kept: the history, and the index."""
        with self._lock:
            self.spill(file)
            history = [one for kept in self._history.values() for one in kept]
            return history, {probe: rows.save() for probe, rows in self._index.items()}

    def restore(self, history: list[Captured], index: dict[str, SavedRows], file: BlockFile | None) -> None:
        """Become what was saved."""
        with self._lock:
            self._history = {}
            for one in history:
                self._history.setdefault((one.probe, one.name), []).append(one)
            self._index = {probe: Rows(COLUMNS).restore(rows, file) for probe, rows in index.items()}
