"""One run's event logs as they grow, folded into state, series and captures.

Followed is what everything that is known of a run comes from: the list, the pages, the API and the lab. What was
folded of a long log is kept in derived/ (`app.derived`): opening a run is reading that, and folding the rest.
"""

import logging
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from app.captures import Captures
from app.derived import TELLING, Derived, Fold, Keeper, inode_of, made_by, saved_log, tail_crc
from app.diagnosis.diagnose import Lately
from app.errors import Damaged
from app.rows import BlockFile, BlocksDamaged
from app.run_folder import event_logs, spec_or_none
from app.seq_marks import SeqMarks
from app.series import NOTHING, Series
from app.state import RunState
from trainer import faults
from trainer.protocol import Captured, Entry, Epoch, Finished, Measured, Overhead, Started, Thinned
from trainer.runlog import HEADER, Frame, LogDamaged, read_entries

LOG = logging.getLogger("livefit.follow")
LOOK_FOR_ATTEMPT_S = 0.2
PIECE_BYTES = 1024 * 1024
MAX_NEWS = 10_000
RENEW_EVERY_S = 60.0
MAX_TELLING = 64  # of those that tell where a run stands, the newest


class Heard(NamedTuple):
    """What one attempt newly said. `set_back`: it goes on from a step before the last one."""

    attempt: int
    entries: list[Entry]
    set_back: bool


class Followed:
    """One run's event logs, read as far as they are whole, and what they add up to.

    `keeps`: what was folded is kept in the run's derived/, and taken from there. For the server alone.
    """

    def __init__(self, folder: Path, *, keeps: bool = False):
        self.folder = folder
        self._inodes: dict[int, int] = {}
        self.state = RunState(folder.name, spec_or_none(folder))
        me = weakref.proxy(self)  # no circle: what is dropped gives its memory back at once
        self.series = Series(folder, self._inodes, lambda damaged: me.renew(damaged).series)
        self.captures = Captures(folder, self._inodes, lambda damaged: me.renew(damaged).captures)
        self.lately = Lately()
        self.caught_up = False
        self.listeners: list[Callable[[Heard], None]] = []
        self._attempt = 1
        self._seq = self._offset = 0
        self._looked = -LOOK_FOR_ATTEMPT_S
        self._stuck = False
        self._until: list[int] | None = None
        self._news: deque[Entry] = deque(maxlen=MAX_NEWS)
        self._telling: deque[Entry] = deque(maxlen=MAX_TELLING)
        self._lock = threading.RLock()
        self._marks = SeqMarks(self._lock)
        self.keeper = Keeper(Derived(folder)) if keeps else None
        self._opened = not keeps
        self._renewed = -RENEW_EVERY_S
        self._renewing = threading.Lock()

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
        self._open()
        while self.advance():
            if self.keeper and self.keeper.is_time:
                self.keeper.keep(self)
        self.caught_up = True

    @property
    def replaced(self) -> bool:
        """Whether another file has taken the place of a log that was read."""
        return any(inode_of(self.folder, attempt) not in (inode, None) for attempt, inode in list(self._inodes.items()))

    def offset_before(self, attempt: int, seq: int) -> int:
        """Return a byte of an attempt's log at which an entry begins, none after the one that follows `seq`."""
        with self._lock:
            return self._marks.before(attempt, seq)

    def saved(self, blocks: BlockFile) -> Fold:
        """Return all that is known, to be kept; what is sealed goes to the file of blocks.

        Raises:
            OSError: it cannot be written, or a log is gone.
        """
        with self._lock:
            history, captures = self.captures.save(blocks)
            return Fold(
                made_by=made_by(),
                run=self.folder.name,
                blocks=blocks.path.name,
                logs=[saved_log(self.folder, attempt) for attempt in sorted(self._inodes)],
                attempt=self._attempt,
                seq=self._seq,
                offset=self._offset,
                tail_crc=tail_crc(self.folder, self._attempt, self._offset),
                state=self.state.as_json(),
                series=self.series.save(blocks),
                history=history,
                captures=captures,
                marks=self._marks.save(blocks),
                news=list(self._telling),
            )

    def renew(self, damaged: object) -> "Followed":
        """Fold the logs again up to here, for a block that `damaged` reads is; state and position stay as they are.

        Raises:
            Damaged: that was done a moment ago.
        """
        with self._renewing:
            if damaged is not self.series and damaged is not self.captures:
                return self
            if time.monotonic() - self._renewed < RENEW_EVERY_S:
                raise Damaged("What is derived from the run's logs is damaged again and again: is the disk sound?")
            self._renewed = time.monotonic()
            fresh = self._folded_again()
            with self._lock:
                if damaged is self.series or damaged is self.captures:  # the fold has not done so itself meanwhile
                    self._take(fresh)
            return self

    def _folded_again(self) -> "Followed":
        LOG.warning("run %s: what was derived of it is damaged; its logs are folded again", self.folder.name)
        fresh = Followed(self.folder, keeps=True)
        fresh._opened, fresh._until = True, self.position
        fresh.catch_up()
        return fresh

    def _take(self, fresh: "Followed") -> None:
        fresh._until = self.position
        fresh.catch_up()
        fresh.series.renew, fresh.captures.renew = self.series.renew, self.captures.renew
        self.series, self.captures, self._marks, self.keeper = fresh.series, fresh.captures, fresh._marks, fresh.keeper

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
                if self._until and [self._attempt, entry.seq] > self._until:
                    break
                if entry.first != self._seq + 1:
                    raise LogDamaged(path, frame.offset, f"entry {entry.seq} follows entry {self._seq}")
                set_back |= self._fold(entry, frame)
                if self.keeper:
                    self.keeper.fresh_bytes += frame.end - self._offset
                self._seq, self._offset = entry.seq, frame.end
                self._marks.add(self._attempt, entry.seq, frame.end)
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
            stat = path.stat()
        except FileNotFoundError:
            return False
        if self._inodes.setdefault(self._attempt, stat.st_ino) != stat.st_ino:
            self._flag(LogDamaged(path, 0, "another file has taken its place"))
            return False
        if stat.st_size < self._offset:
            self._flag(
                LogDamaged(path, stat.st_size, f"the file ends here, but {self._offset} bytes of it were read before")
            )
            return False
        return stat.st_size - self._offset >= HEADER.size

    def _fold(self, entry: Entry, frame: Frame) -> bool:
        if faults.reach("follow.fold") == "drop":
            return False
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
            self._truncate(said.step)
            self._news.clear()
            self._telling.clear()
        self.state.apply(entry)
        if not isinstance(said, Measured | Captured | Thinned | Overhead):
            self._news.append(entry)
        if isinstance(said, TELLING):
            self._telling.append(entry)
        return set_back

    def _truncate(self, step: int) -> None:
        try:
            self.series.truncate(step)
            self.captures.truncate(step)
        except BlocksDamaged:
            # not `renew`: who holds that lock waits for the one that is held here
            self._take(self._folded_again())
            self.series.truncate(step)
            self.captures.truncate(step)

    def _next_attempt(self) -> bool:
        # an old trainer that comes back to life writes in a log that nobody reads any more
        now = time.monotonic()
        if self.caught_up and now - self._looked < LOOK_FOR_ATTEMPT_S:
            return False
        self._looked = now
        attempts = (int(one.stem.removeprefix("events-")) for one in event_logs(self.folder))
        begun = next((one for one in attempts if one > self._attempt and self._begins(one)), None)
        if begun is None or (self._until and begun > self._until[0]):
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

    def _open(self) -> None:
        with self._lock:
            if self._opened:
                return
            self._opened = True
            if self._seq or self._attempt > 1 or not self.keeper or not (found := self.keeper.derived.read()):
                return
            fold, blocks = found
            try:
                self.series.restore(fold.series, blocks)
                self.captures.restore(fold.history, fold.captures, blocks)
                self._marks.restore(fold.marks, blocks)
            except ValueError as error:
                LOG.warning("run %s: what was derived of it makes no sense: %s", self.folder.name, error)
                self.series.restore(NOTHING, None)
                self.captures.restore([], {}, None)
                self._marks.restore({}, None)
                return
            self.state.restore(fold.state)
            self._inodes.update({log.attempt: log.inode for log in fold.logs})
            self._attempt, self._seq, self._offset = fold.attempt, fold.seq, fold.offset
            self.keeper.blocks = blocks
            self._news.extend(fold.news)
            self._telling.extend(fold.news)
