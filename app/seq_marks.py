"""Where entries stand in a run's logs: every 256th, so that who goes on in the middle need not read from the begin."""

import threading

import numpy as np

from app.rows import BlockFile, BlocksDamaged, Rows, SavedRows

EVERY = 256  # entries: a reader that begins in the middle decodes so many for nothing at most
COLUMNS = (np.int64, np.int64)  # seq, and the byte at which the entry ends


class SeqMarks:
    """The marks of one run, a table for each attempt. Whoever uses them holds `lock`."""

    def __init__(self, lock: threading.RLock):
        self._lock = lock
        self._tables: dict[int, Rows] = {}

    def add(self, attempt: int, seq: int, end: int) -> None:
        """Take note of where an entry ends, if it is one of those that are."""
        if seq % EVERY == 0:
            if attempt not in self._tables:
                self._tables[attempt] = Rows(COLUMNS)
            self._tables[attempt].append([np.array([one], np.int64) for one in (seq, end)])

    def before(self, attempt: int, seq: int) -> int:
        """Return a byte at which an entry begins, none after the one that follows `seq`."""
        if attempt not in self._tables:
            return 0
        view = self._tables[attempt].view
        try:
            at = view.rank(seq, "right")
            return int(view.rows(at - 1, at)[1][0]) if at else 0
        except BlocksDamaged:
            return 0

    def save(self, file: BlockFile) -> dict[int, SavedRows]:
        """Return what is to be kept; older marks go to the file."""
        for rows in self._tables.values():
            rows.spill(file, self._lock)
        return {attempt: rows.save() for attempt, rows in self._tables.items()}

    def restore(self, saved: dict[int, SavedRows], file: BlockFile | None) -> None:
        """Become what was saved."""
        self._tables = {attempt: Rows(COLUMNS).restore(rows, file) for attempt, rows in saved.items()}
