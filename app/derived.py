"""What was folded of a run's logs, kept in runs/<id>/derived/ so that a long run opens without reading it all again.

    blocks-<token>.bin   older rows of every table, block by block (`app.rows`), only ever appended
    fold.bin             crc32, then all the rest: state, newest rows, places of blocks, and the logs it was made of

The folder may be deleted at any time. fold.bin is replaced whole; one that is torn, damaged, of another run, made by
other code, or made of logs that are no longer the same files with the same sizes and times, is passed over, and the
logs are folded from the begin. Only the newest log may have grown since, where what was read of it ends as it did.
"""

import contextlib
import functools
import logging
import os
import secrets
import struct
import threading
import time
import zlib
from pathlib import Path
from typing import Any

import msgspec

from app.rows import BlockFile, SavedRows
from app.series import SavedSeries
from trainer.protocol import Captured, Entry, Failed, Finished, Interrupted, Paused, Resumed, Started

LOG = logging.getLogger("livefit.follow")
FOLD = "fold.bin"
TAIL_BYTES = 64 * 1024
EVERY_BYTES, EVERY_S = 4 * 1024 * 1024, 10.0
AT_ONCE_BYTES = 32 * 1024 * 1024
AT_REST_BYTES = 1024 * 1024  # less is folded faster than it is worth
TELLING = Started | Paused | Resumed | Finished | Interrupted | Failed  # where a run stands is told by these
MADE_BY = (
    "app/buckets.py", "app/captures.py", "app/derived.py", "app/followed.py", "app/pace.py", "app/raw_numbers.py",
    "app/rows.py", "app/sentence.py", "app/seq_marks.py", "app/series.py", "app/state.py", "trainer/protocol.py",
)  # fmt: skip


class SavedLog(msgspec.Struct, array_like=True):
    """Which file a log was, when it was folded."""

    attempt: int
    inode: int
    size: int
    mtime_ns: int


class Fold(msgspec.Struct, array_like=True):
    """Everything that is known of a run at a position of its logs. `tail_crc`: of what was read of the newest last."""

    made_by: str
    run: str
    blocks: str
    logs: list[SavedLog]
    attempt: int
    seq: int
    offset: int
    tail_crc: int
    state: dict[str, Any]
    series: SavedSeries
    history: list[Captured]
    captures: dict[str, SavedRows]
    marks: dict[int, SavedRows]
    news: list[Entry]


_decoder = msgspec.msgpack.Decoder(Fold)


class Derived:
    """The derived/ folder of one run."""

    def __init__(self, run: Path):
        self.run = run
        self.folder = run / "derived"

    def read(self) -> tuple[Fold, BlockFile | None] | None:
        """Return what was kept, and its blocks; None when there is nothing that still holds."""
        try:
            data = (self.folder / FOLD).read_bytes()
            if len(data) < 4 or zlib.crc32(data[4:]) != struct.unpack_from("<I", data)[0]:
                raise ValueError("its checksum does not match")
            fold = _decoder.decode(data[4:])
            self._check(fold)
            return fold, BlockFile(self.folder / fold.blocks) if fold.blocks else None
        except FileNotFoundError:
            return None
        except (OSError, ValueError, msgspec.MsgspecError) as error:
            LOG.info("run %s: what was derived of it is not used: %s", self.run.name, error)
            return None

    def write(self, fold: Fold) -> None:
        """Keep a fold in place of the one before.

        Raises:
            OSError: it cannot be written.
        """
        data = msgspec.msgpack.encode(fold)
        fresh = self.folder / f"{FOLD}.{secrets.token_hex(4)}"
        try:
            fresh.write_bytes(struct.pack("<I", zlib.crc32(data)) + data)
            fresh.rename(self.folder / FOLD)
        except OSError:
            fresh.unlink(missing_ok=True)
            raise

    def new_blocks(self) -> BlockFile:
        """Return an empty file of blocks; those of folds that are not used any more go.

        Raises:
            OSError: it cannot be written.
        """
        self.folder.mkdir(exist_ok=True)
        for old in (*self.folder.glob("blocks-*.bin"), *self.folder.glob(f"{FOLD}.*")):
            with contextlib.suppress(OSError):
                old.unlink()
        return BlockFile(self.folder / f"blocks-{secrets.token_hex(8)}.bin", fresh=True)

    def _check(self, fold: Fold) -> None:
        if fold.made_by != made_by():
            raise ValueError("other code made it")
        if fold.run != self.run.name or Path(fold.blocks).name != fold.blocks:
            raise ValueError("it is of another run")
        if not fold.logs or fold.logs[-1].attempt != fold.attempt:
            raise ValueError("it does not say of which logs it was made")
        for log in fold.logs:
            now = saved_log(self.run, log.attempt)
            grew = log.attempt == fold.attempt and now.inode == log.inode and now.size > log.size
            if now != log and not grew:
                raise ValueError(f"events-{log.attempt}.log is another one now")
        if fold.tail_crc != tail_crc(self.run, fold.attempt, fold.offset):
            raise ValueError(f"events-{fold.attempt}.log does not go on from where it was read")


class Keeper:
    """Decides when what was folded of a run is kept, and keeps it. `fresh_bytes` of logs were folded since then."""

    def __init__(self, derived: Derived):
        self.derived = derived
        self.blocks: BlockFile | None = None
        self.fresh_bytes = 0
        self._kept = time.monotonic()
        self._lock = threading.Lock()

    @property
    def is_time(self) -> bool:
        """Whether so much was folded that it is time to keep it."""
        if self.fresh_bytes < EVERY_BYTES:
            return False
        return self.fresh_bytes >= AT_ONCE_BYTES or time.monotonic() - self._kept > EVERY_S

    @property
    def is_worth_it(self) -> bool:
        """Whether to keep what was folded if no more comes for now."""
        return self.fresh_bytes >= AT_REST_BYTES

    def keep(self, followed: Any) -> None:
        """Keep what was folded. It may take a moment, so not on the event loop; what cannot be written is not kept."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            self.fresh_bytes, self._kept = 0, time.monotonic()
            if followed.damage:
                return
            self.blocks = self.blocks or self.derived.new_blocks()
            # most is written before the lock is taken that the event loop wants too
            followed.series.spill(self.blocks)
            followed.captures.spill(self.blocks)
            fold = followed.saved(self.blocks)
            if self.blocks.is_there():
                self.derived.write(fold)
        except OSError as error:
            LOG.warning("run %s: what was folded cannot be kept: %s", self.derived.run.name, error)
        finally:
            self._lock.release()


def saved_log(run: Path, attempt: int) -> SavedLog:
    """Return which file a log is now.

    Raises:
        OSError: it is not there.
    """
    stat = (run / f"events-{attempt}.log").stat()
    return SavedLog(attempt, stat.st_ino, stat.st_size, stat.st_mtime_ns)


def tail_crc(run: Path, attempt: int, offset: int) -> int:
    """Return the checksum of the 64 KiB of a log that end at a byte."""
    file = os.open(run / f"events-{attempt}.log", os.O_RDONLY | os.O_CLOEXEC)
    try:
        begin = max(0, offset - TAIL_BYTES)
        return zlib.crc32(os.pread(file, offset - begin, begin))
    finally:
        os.close(file)


def inode_of(run: Path, attempt: int) -> int | None:
    """Return which file a log is now; None when it is not there."""
    try:
        return (run / f"events-{attempt}.log").stat().st_ino
    except OSError:
        return None


@functools.cache
def made_by() -> str:
    """Return a stamp of the code that folds: another version may fold to something else."""
    root = Path(__file__).resolve().parents[1]
    crc = 0
    for name in MADE_BY:
        crc = zlib.crc32((root / name).read_bytes(), crc)
    return f"{crc:08x}"
