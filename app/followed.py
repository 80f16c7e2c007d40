"""One run's event logs as they grow, folded into state, series and captures.

Followed is what everything that is known of a run comes from: the list, the pages, the API and the lab.
"""

import json
import logging
import threading
import time
from bisect import bisect_right
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from app.captures import Captures
from app.series import Series
from app.state import RunState
from trainer.protocol import Captured, Entry, Epoch, Finished, Measured, Overhead, Started
from trainer.runlog import HEADER, Frame, LogDamaged, read_entries

LOG = logging.getLogger("livefit.follow")
LOOK_FOR_ATTEMPT_S = 0.2
PIECE_BYTES = 1024 * 1024
MAX_NEWS = 10_000
MARK_EVERY = 256  # entries: a reader that begins in the middle decodes so many for nothing at most


class Heard(NamedTuple):
    """What one attempt newly said. `set_back`: it goes on from a step before the last one."""

    attempt: int
    entries: list[Entry]
    set_back: bool


class Followed:
    """One run's event logs, read as far as they are whole, and what they add up to."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.state = RunState(folder.name, _spec(folder))
        self.series = Series(folder)
        self.captures = Captures(folder)
        self.caught_up = False
        self.listeners: list[Callable[[Heard], None]] = []
        self._attempt = 1
        self._seq = self._offset = 0
        self._looked = -LOOK_FOR_ATTEMPT_S
        self._stuck = False
        self._marks: dict[int, list[tuple[int, int]]] = {}
        self._news: deque[Entry] = deque(maxlen=MAX_NEWS)
        self._lock = threading.RLock()

    @property
    def position(self) -> list[int]:
        """Attempt and `seq` of the last entry that was folded."""
        return [self._attempt, self._seq]

    @property
    def damage(self) -> str:
        """Which log is damaged and where, or ""."""
        return self.state["damage"]

    def advance(self) -> list[Entry]:
        """Fold a piece of what is new, about 1 MiB at most, and return its entries; none when there is no more."""
        with self._lock:
            entries = self._read()
            if not entries and self._next_attempt():
                entries = self._read()
            return entries

    def catch_up(self) -> None:
        """Fold all there is, in every attempt; may take seconds, so not on the event loop when the log is long."""
        self._looked = -LOOK_FOR_ATTEMPT_S
        while self.advance():
            pass
        self.caught_up = True

    def offset_before(self, attempt: int, seq: int) -> int:
        """Return a byte of an attempt's log at which an entry begins, none after the one that follows `seq`."""
        with self._lock:
            marks = self._marks.get(attempt, [])
            at = bisect_right(marks, seq, key=lambda mark: mark[0])
            return marks[at - 1][1] if at else 0

    def take_news(self) -> list[Entry]:
        """Return what was said since the last call but numbers and arrays; of earlier attempts nothing."""
        with self._lock:
            news = list(self._news)
            self._news.clear()
            return news

    def _read(self) -> list[Entry]:
        path = self.folder / f"events-{self._attempt}.log"
        entries: list[Entry] = []
        if self._stuck or not self._has_grown(path):
            return entries
        set_back = False
        try:
            for entry, frame in read_entries(path, self._offset, PIECE_BYTES):
                if entry.seq != self._seq + 1:
                    raise LogDamaged(path, frame.offset, f"entry {entry.seq} follows entry {self._seq}")
                set_back |= self._fold(entry, frame)
                self._seq, self._offset = entry.seq, frame.end
                if entry.seq % MARK_EVERY == 0:
                    self._marks.setdefault(self._attempt, []).append((entry.seq, frame.end))
                entries.append(entry)
        except LogDamaged as damage:
            self._flag(damage)
        if entries:
            heard = Heard(self._attempt, entries, set_back)
            for listener in list(self.listeners):
                listener(heard)
        return entries

    def _has_grown(self, path: Path) -> bool:
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            return False
        if size < self._offset:
            self._flag(LogDamaged(path, size, f"the file ends here, but {self._offset} bytes of it were read before"))
            return False
        return size - self._offset >= HEADER.size

    def _fold(self, entry: Entry, frame: Frame) -> bool:
        said, attempt = entry.said, self._attempt
        set_back = False
        if isinstance(said, Measured):
            self.series.add(said.probe, said.steps, said.columns, attempt, frame.offset)
        elif isinstance(said, Captured):
            self.captures.add(said, attempt, frame.offset, frame.end)
        elif isinstance(said, Epoch | Finished):
            self.series.add_metrics(said, attempt, frame.offset)
        elif isinstance(said, Started):
            set_back = said.step < self.state["step"]
            self.series.truncate(said.step)
            self.captures.truncate(said.step)
            self._news.clear()
        self.state.apply(entry)
        if not isinstance(said, Measured | Captured | Overhead):
            self._news.append(entry)
        return set_back

    def _next_attempt(self) -> bool:
        # an old trainer that comes back to life writes in a log that nobody reads any more
        now = time.monotonic()
        if self.caught_up and now - self._looked < LOOK_FOR_ATTEMPT_S:
            return False
        self._looked = now
        later = [number for one in self.folder.glob("events-*.log") if (number := _number(one)) > self._attempt]
        begun = next((one for one in sorted(later) if self._begins(one)), None)
        if begun is None:
            return False
        self._attempt, self._seq, self._offset, self._stuck = begun, 0, 0, False
        return True

    def _begins(self, attempt: int) -> bool:
        try:
            return any(True for _ in read_entries(self.folder / f"events-{attempt}.log", 0, HEADER.size))
        except LogDamaged:
            return True

    def _flag(self, damage: LogDamaged) -> None:
        self._stuck = True
        self.state.flag(str(damage))
        LOG.warning("run %s: %s", self.folder.name, damage)


def _spec(folder: Path) -> dict[str, Any] | None:
    try:
        spec = json.loads((folder / "spec.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return spec if isinstance(spec, dict) else None


def _number(log: Path) -> int:
    text = log.stem.removeprefix("events-")
    return int(text) if text.isdecimal() else 0
