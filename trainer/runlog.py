"""The append log: the truth about a run. Written by one process, read by any number. No torch.

A frame is `length u32 | crc32 of payload u32 | crc32 of those eight bytes u32 | payload`, little endian.
The header has a checksum of its own, so that a flipped bit in a length is told from a tail that is
still being written: a reader waits at a torn tail and stops for good at damage, naming the byte.
"""

import contextlib
import os
import struct
import sys
import threading
import time
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from trainer import faults
from trainer.protocol import AnyCommand, AnyEvent, Entry, decode, encode

HEADER = struct.Struct("<III")
MAX_PAYLOAD = 64 * 1024 * 1024
SYNC_EVERY_S = 1.0


class LogDamaged(Exception):
    """Bytes that were once written are no longer what they were. `offset` is where the bad frame begins."""

    def __init__(self, path: Path, offset: int, why: str):
        super().__init__(f"{path.name} is damaged at byte {offset}: {why}. What stands before it is sound.")
        self.path = path
        self.offset = offset


class WrittenByNewer(LogDamaged):
    """A frame is whole and yet no entry of this version: a newer Livefit wrote it."""

    def __init__(self, path: Path, offset: int, why: str):
        super().__init__(path, offset, why)
        told = f"{path.name} was written by a newer version of Livefit: this one reads it up to byte {offset} ({why})."
        self.args = (told,)


class NotWritten(OSError):
    """The disk did not take a whole batch. `written`: how many of its entries are in the log for good."""

    def __init__(self, error: OSError, written: int):
        super().__init__(error.errno, error.strerror)
        self.written = written


class Frame(NamedTuple):
    """A whole, checked frame: its payload, where it begins, and where the next one begins."""

    payload: bytes
    offset: int
    end: int


def frame(payload: bytes) -> bytes:
    """Return the payload with its header before it."""
    lead = struct.pack("<II", len(payload), zlib.crc32(payload))
    return lead + struct.pack("<I", zlib.crc32(lead)) + payload


def frames(data: bytes, path: Path, offset: int = 0) -> Iterator[Frame]:
    """Yield the whole frames in `data`, which begins at byte `offset` of `path`; stop at a torn tail.

    Raises:
        LogDamaged: a header or a payload that does not match its checksum.
    """
    at = 0
    while len(data) - at >= HEADER.size:
        length, checksum, header_checksum = HEADER.unpack_from(data, at)
        if zlib.crc32(data[at : at + 8]) != header_checksum:
            if not data[at:].strip(b"\0"):
                return  # a power cut can keep a file's new size without its bytes: torn, not damaged
            raise LogDamaged(path, offset + at, "the header does not match its checksum")
        if length > MAX_PAYLOAD:
            raise LogDamaged(path, offset + at, f"a frame of {length} bytes is over the limit of {MAX_PAYLOAD}")
        end = at + HEADER.size + length
        if end > len(data):
            return
        payload = data[at + HEADER.size : end]
        if zlib.crc32(payload) != checksum:
            raise LogDamaged(path, offset + at, "the payload does not match its checksum")
        yield Frame(payload, offset + at, offset + end)
        at = end


def read_entries(path: Path, offset: int = 0, limit: int = 64 * 1024 * 1024) -> Iterator[tuple[Entry, Frame]]:
    """Yield entries of a log from a byte offset on, with their frames; reads about `limit` bytes at most.

    A missing file is an empty one: a log exists from its first append. To go on, call again with the
    `end` of the last frame. A frame larger than `limit` is read whole.

    Raises:
        LogDamaged: a frame that does not match its checksum, or that is not an entry of this version.
    """
    for one in read_frames(path, offset, limit):
        try:
            entry = decode(one.payload)
        except msgspec.MsgspecError as error:
            raise WrittenByNewer(
                path, one.offset, f"the frame is whole but is no entry of this version ({error})"
            ) from None
        yield entry, one


def read_all(path: Path, offset: int = 0) -> Iterator[tuple[Entry, Frame]]:
    """Yield every entry of a log from a byte offset on, however long, a piece at a time; see `read_entries`."""
    end, before = offset, -1
    while end > before:
        before = end
        for entry, one in read_entries(path, end):
            end = one.end
            yield entry, one


def read_frames(path: Path, offset: int = 0, limit: int = 64 * 1024 * 1024) -> Iterator[Frame]:
    """Yield whole frames of a log from a byte offset on; see `read_entries`."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read(limit)
            if len(data) >= HEADER.size and (wanted := HEADER.unpack_from(data)[0] + HEADER.size) <= MAX_PAYLOAD:
                data += file.read(max(0, wanted - len(data)))
    except FileNotFoundError:
        return
    yield from frames(data, path, offset)


class LogWriter:
    """Appends entries to one log. A new trainer attempt opens a new log and never reopens an old one.

    commands.log is reopened when the server restarts: what a dead writer left half written is cut off,
    and `seq` goes on. What is appended is durable a second later, by a thread, for a disk may take its time
    and training does not wait for it.
    """

    def __init__(self, path: Path):
        self.path = path
        self._kind = path.stem.partition("-")[0]  # events or commands: the names of its fault points
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        self._end, self.seq = self._recover()
        self._torn = False  # what is beyond the end is a part of an entry that the disk did not take
        self._durable = -1  # nothing yet, not even the log's name in its folder
        self._syncing: threading.Thread | None = None
        self._lock = threading.Lock()
        self._closing = threading.Event()

    def append(self, said: Iterable[AnyEvent | AnyCommand]) -> int:
        """Append a batch with one write and return the `seq` of its last entry.

        Raises:
            NotWritten: the disk took nothing or a part; the log is cut back to its last whole entry, and
                what follows the first `written` of the batch may be tried again.
        """
        batch = bytearray()
        ends = []
        now = time.time()
        for seq, one in enumerate(said, self.seq + 1):
            batch += frame(encode(Entry(seq, now, one)))
            ends.append(len(batch))
        self._write_whole(bytes(batch), ends)
        faults.reach(f"{self._kind}.appended")
        with self._lock:
            if self._syncing is None:
                self._syncing = threading.Thread(target=self._sync_each_second, daemon=True)
                self._syncing.start()
        return self.seq

    def sync(self) -> None:
        """Make what was appended durable. Called before a checkpoint becomes visible."""
        end = self._end
        if end == self._durable or faults.reach(f"{self._kind}.sync") == "skip":
            return
        os.fdatasync(self._file)
        if self._durable < 0:
            sync_folder(self.path.parent)
        self._durable = max(self._durable, end)
        faults.reach(f"{self._kind}.synced")

    def close(self) -> None:
        """Sync and close; a second call does nothing."""
        if self._file >= 0:
            self._closing.set()
            if self._syncing:
                self._syncing.join()
            try:
                self.sync()
            except OSError as error:
                # all of it is written, and the kernel goes on trying; who has ended cannot do more
                print(f"{self.path.name} is not durable yet: {error.strerror}", file=sys.stderr, flush=True)
            os.close(self._file)
        self._file = -1

    def _sync_each_second(self) -> None:
        while not self._closing.wait(SYNC_EVERY_S):
            with contextlib.suppress(OSError):  # tried again a second later; who must know calls `sync`
                self.sync()
            with self._lock:
                if self._durable == self._end:
                    self._syncing = None
                    return

    def _write_whole(self, batch: bytes, ends: list[int]) -> None:
        # a full disk first takes a part without an error: 544 of 1,016 bytes, and only then ENOSPC
        taken = 0
        try:
            self._cut_torn()
            while taken < len(batch):
                taken += faults.write(f"{self._kind}.append", self._file, batch[taken:])
        except OSError as error:
            # not to the batch's begin: a reader may have read whole entries of it already
            written = sum(end <= taken for end in ends)
            self._kept(written, ends)
            self._torn = self._torn or taken > 0
            # a disk that went read-only lets nothing be cut either: then before the next append
            with contextlib.suppress(OSError):
                self._cut_torn()
            raise NotWritten(error, written) from None
        self._kept(len(ends), ends)

    def _cut_torn(self) -> None:
        if self._torn:
            os.ftruncate(self._file, self._end)
            self._torn = False

    def _kept(self, written: int, ends: list[int]) -> None:
        if written:
            self._end += ends[written - 1]
            self.seq += written

    def _recover(self) -> tuple[int, int]:
        end = seq = 0
        for entry, one in read_all(self.path):
            end, seq = one.end, entry.seq
        os.ftruncate(self._file, end)
        return end, seq


def make_durable(path: Path) -> None:
    """Make what stands in a file durable, whoever wrote it."""
    opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fdatasync(opened)
    finally:
        os.close(opened)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable: a new file is not there for good before its folder is."""
    opened = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
