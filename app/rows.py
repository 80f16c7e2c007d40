"""Tables that grow for as long as a run trains, of which little is in memory: older rows lie in a file.

A table is a few columns of numbers; its first column is its key and never falls. Rows are sealed in blocks of
512; `spill` writes sealed blocks to the run's one `BlockFile`, and of each there remain its first key, its place
and its checksum: 20 bytes. A block is checked whenever it is read, so a damaged one is an error and never a number.

Blocks are read with pread, not mapped: a file that somebody cut short is an error then, and no SIGBUS.
"""

import errno
import os
import threading
import weakref
import zlib
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

BLOCK = 512
PLACE = np.dtype([("first", "<i8"), ("offset", "<i8"), ("crc", "<u4")])

Columns = Sequence[np.ndarray]


class BlocksDamaged(Exception):
    """A block is not what was written: the file was damaged, cut short or replaced. All can be had from the logs."""


class SavedRows(msgspec.Struct, array_like=True):
    """A table as it is kept: the places of its blocks, and its newest rows column by column."""

    places: bytes
    tail: list[bytes]


class BlockFile:
    """Blocks one after another, only ever appended. Closed when nobody holds it any more."""

    def __init__(self, path: Path, *, fresh: bool = False):
        self.path = path
        flags = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | (os.O_CREAT | os.O_EXCL if fresh else 0)
        self._file = os.open(path, flags, 0o644)
        weakref.finalize(self, os.close, self._file)

    def append(self, data: bytes) -> int:
        """Append a block and return where it begins; a part of one that did not fit is left behind, unused."""
        if os.write(self._file, data) < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return os.lseek(self._file, 0, os.SEEK_CUR) - len(data)

    def read(self, offset: int, size: int, crc: int) -> bytes:
        """Return a block.

        Raises:
            BlocksDamaged: it is not the one that was written.
        """
        try:
            data = os.pread(self._file, size, offset)
        except OSError as error:
            raise BlocksDamaged(f"{self.path}: {error.strerror}") from None
        if len(data) < size or zlib.crc32(data) != crc:
            raise BlocksDamaged(f"{self.path}: the block at byte {offset} does not match its checksum")
        return data

    def is_there(self) -> bool:
        """Say whether the file still stands under its name."""
        try:
            named, held = self.path.stat(), os.fstat(self._file)
        except OSError:
            return False
        return (named.st_dev, named.st_ino) == (held.st_dev, held.st_ino)


class View:
    """A table as it was when the view was taken; needs no lock. Rows are numbered from 0."""

    def __init__(self, kinds: Sequence[np.dtype], places: np.ndarray, sealed: list[Columns], tail: Columns,
                 file: BlockFile | None):  # fmt: skip
        self._kinds = kinds
        self._places = places
        self._sealed = sealed
        self._tail = tail
        self._file = file
        self._blocks = len(places) + len(sealed)
        self._read: dict[int, Columns] = {}

    @property
    def size(self) -> int:
        return self._blocks * BLOCK + len(self._tail[0])

    def rows(self, low: int, high: int) -> list[np.ndarray]:
        """Return the columns of rows `low` to `high`, without the last."""
        low, high = max(0, low), min(high, self.size)
        if low >= high:
            return [column[:0] for column in self._tail]
        parts = []
        for i in range(min(self._blocks, low // BLOCK), min(self._blocks, (high - 1) // BLOCK) + 1):
            begin = i * BLOCK
            end = high if i == self._blocks else min(high, begin + BLOCK)
            parts.append([column[max(0, low - begin) : end - begin] for column in self.block(i)])
        return parts[0] if len(parts) == 1 else [np.concatenate(column) for column in zip(*parts, strict=True)]

    def rank(self, key: int, side: str = "left") -> int:
        """Return how many rows have a smaller key; with side "right", one that is not larger."""
        block = np.searchsorted(self._firsts, key, side) - 1
        if block < 0:
            return 0
        return int(block * BLOCK + np.searchsorted(self.block(int(block))[0], key, side))

    def between(self, first: int, last: int) -> list[np.ndarray]:
        """Return the columns of the rows whose keys are `first` to `last`."""
        return self.rows(self.rank(first), self.rank(last, "right"))

    def block(self, number: int) -> Columns:
        """Return the columns of a block; the one after the last is the rest.

        Raises:
            BlocksDamaged: it is not what was written.
        """
        if number >= self._blocks:
            return self._tail
        if number >= len(self._places):
            return self._sealed[number - len(self._places)]
        if number not in self._read:
            _, offset, crc = self._places[number].tolist()
            assert self._file
            data = self._file.read(offset, BLOCK * sum(kind.itemsize for kind in self._kinds), crc)
            self._read[number] = _split(data, self._kinds, BLOCK)
        return self._read[number]

    @property
    def _firsts(self) -> np.ndarray:
        more = [one[0][0] for one in (*self._sealed, self._tail) if len(one[0])]
        return np.concatenate((self._places["first"], np.array(more, np.int64)))


class Rows:
    """A growing table. `kinds`: the types of its columns, little endian; the first is the key, int64."""

    def __init__(self, kinds: Sequence[np.dtype | type]):
        self._kinds = [np.dtype(kind) for kind in kinds]
        self._file: BlockFile | None = None
        self._places = np.empty(0, PLACE)
        self._spilled = 0
        self._sealed: list[Columns] = []
        self._tail = [np.empty(0, kind) for kind in self._kinds]
        self._held = 0

    @property
    def size(self) -> int:
        return (self._spilled + len(self._sealed)) * BLOCK + self._held

    @property
    def tail(self) -> list[np.ndarray]:
        """The newest rows, as views that may be written to; none only when the table is empty."""
        return [column[: self._held] for column in self._tail]

    @property
    def view(self) -> View:
        """The table as it is now."""
        places = self._places[: self._spilled].copy()
        return View(self._kinds, places, list(self._sealed), [column.copy() for column in self.tail], self._file)

    def append(self, columns: Columns) -> None:
        """Take rows."""
        end = self._held + len(columns[0])
        if end > len(self._tail[0]):
            room = max(end, 2 * len(self._tail[0]), 16)
            self._tail = [np.resize(column, room) for column in self._tail] if self._held else self._empty(room)
        for column, more in zip(self._tail, columns, strict=True):
            column[self._held : end] = more
        self._held = end
        if self._held > 2 * BLOCK:
            self._seal()

    def replace_last(self, columns: Columns) -> None:
        """Take rows in place of the last one."""
        self._held = max(0, self._held - 1)
        self.append(columns)

    def cut(self, size: int) -> None:
        """Keep the first `size` rows.

        Raises:
            BlocksDamaged: the block in which they end cannot be read.
        """
        blocks = self._spilled + len(self._sealed)
        if size >= self.size:
            return
        if size > blocks * BLOCK or not size:
            self._held = size - blocks * BLOCK if size else 0
            kept = blocks if size else 0
        else:
            # whoever appends may join the last row with the first new one, so that one is never in a block
            kept = (size - 1) // BLOCK
            self._tail = [column[: size - kept * BLOCK].copy() for column in self.view.block(kept)]
            self._held = size - kept * BLOCK
        del self._sealed[max(0, kept - self._spilled) :]
        self._spilled = min(self._spilled, kept)

    def spill(self, file: BlockFile, lock: threading.RLock) -> None:
        """Write the sealed blocks to the file; `lock` is held but while the disk works."""
        self._file = self._file or file
        while True:
            with lock:
                if not self._sealed:
                    return
                block = self._sealed[0]
            data = b"".join(column.tobytes() for column in block)
            place = (int(block[0][0]), file.append(data), zlib.crc32(data))
            with lock:
                if self._sealed and self._sealed[0] is block:
                    if self._spilled == len(self._places):
                        self._places = np.resize(self._places, max(16, self._spilled * 3 // 2))
                    self._places[self._spilled] = place
                    self._spilled += 1
                    del self._sealed[0]

    def save(self) -> SavedRows:
        """Return what is to be kept; all sealed blocks must have been spilled."""
        assert not self._sealed
        return SavedRows(self._places[: self._spilled].tobytes(), [column.tobytes() for column in self.tail])

    def restore(self, saved: SavedRows, file: BlockFile | None) -> "Rows":
        """Become the table that was saved.

        Raises:
            ValueError: it has other columns.
        """
        self._file = file
        self._places = np.frombuffer(saved.places, PLACE).copy()
        self._spilled = len(self._places)
        self._tail = [np.frombuffer(data, kind).copy() for data, kind in zip(saved.tail, self._kinds, strict=True)]
        self._held = len(self._tail[0])
        if any(len(column) != self._held for column in self._tail) or (self._spilled and not (file and self._held)):
            raise ValueError("the columns of a table are not of one length")
        return self

    def _seal(self) -> None:
        count = self._held // BLOCK - 1
        for i in range(count):
            self._sealed.append([column[i * BLOCK : (i + 1) * BLOCK].copy() for column in self._tail])
        rest = [column[count * BLOCK : self._held].copy() for column in self._tail]
        self._held -= count * BLOCK
        self._tail = rest

    def _empty(self, room: int) -> list[np.ndarray]:
        return [np.empty(room, kind) for kind in self._kinds]


def _split(data: bytes, kinds: Sequence[np.dtype], count: int) -> Columns:
    columns, at = [], 0
    for kind in kinds:
        columns.append(np.frombuffer(data, kind, count, at))
        at += count * kind.itemsize
    return columns
