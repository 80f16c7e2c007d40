"""A zip file that may lie: what is in it is counted before it is listed, and read within limits, in memory alone."""

import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO

from trainer.own.words import Unfit, quoted

MAX_FILES = 100_000  # more than images that fit: 76,530 grey ones of 28 x 28
TAIL = 22 + 65_535 + 20  # bytes in which the end of a zip's directory is found: its record, a comment, a locator
ENTRY, END, END_64, LOCATOR = b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
MIB = 1024**2


class Packed:
    """A zip file, opened for reading. Use as a context manager.

    Raises:
        Unfit: it is none, is damaged, or has too many files in it.
    """

    def __init__(self, path: Path):
        self._file = path.open("rb")
        try:
            if (files := _files_said(self._file)) > MAX_FILES:
                raise Unfit("", "too_many_files", files=files, limit=MAX_FILES)
            self._zip = zipfile.ZipFile(self._file)
        except (zipfile.BadZipFile, struct.error, OSError, NotImplementedError, ValueError) as error:
            self._file.close()
            if isinstance(error, Unfit):
                raise
            raise Unfit("", "bad_zip", reason=str(error)) from None

    def __enter__(self) -> "Packed":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()
        self._file.close()

    def names(self) -> list[str]:
        """Return the names of the files in it, in the order in which they lie there."""
        return [one.filename for one in self._zip.infolist() if not one.is_dir()]

    def read(self, name: str, most: int) -> bytes:
        """Return what is in a file.

        Raises:
            Unfit: it is larger than so many bytes, whatever it says of itself, or is damaged.
        """
        with self.open(name, most) as file:
            return read_whole(file, name, most)

    def open(self, name: str, most: int) -> IO[bytes]:
        """Open a file that says it has at most so many bytes.

        Raises:
            Unfit: it says that it has more, has a password, or is damaged.
        """
        size = self._zip.getinfo(name).file_size
        if size > most:
            raise too_large(name, size, most)
        try:
            return self._zip.open(name)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
            raise Unfit("", "bad_zip", reason=f"{quoted(name)}: {error}") from None


def read_whole(file: IO[bytes], name: str, most: int) -> bytes:
    """Return all that is in a file of a zip.

    Raises:
        Unfit: there is more than so many bytes, or it is damaged.
    """
    try:
        # a file that unpacks to more than it says ends in a wrong checksum, and no further bytes are given
        found = file.read(most + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise Unfit("", "bad_zip", reason=f"{quoted(name)}: {error}") from None
    if len(found) > most:
        raise too_large(name, len(found), most)
    return found


def too_large(name: str, size: int, most: int) -> Unfit:
    """Return what to say of a file that is too large once it is unpacked."""
    return Unfit("", "unpacks_large", file=quoted(name), size=f"{size / MIB:,.0f} MiB", limit=f"{most / MIB:,.0f} MiB")


def is_zip(start: bytes) -> bool:
    """Return whether a file that begins so is a zip."""
    return start.startswith((b"PK\x03\x04", END))


def _files_said(file: IO[bytes]) -> int:
    """Return how many files a zip says it has; listing millions would take gigabytes of memory."""
    size = file.seek(0, 2)
    at = max(0, size - TAIL)
    file.seek(at)
    tail = file.read(TAIL)
    place = tail.rfind(END)
    if place < 0:
        raise zipfile.BadZipFile("its end is missing")
    files, bytes_of_list = struct.unpack_from("<H", tail, place + 10)[0], struct.unpack_from("<L", tail, place + 12)[0]
    end_of_list = at + place
    if (locator := tail.rfind(LOCATOR, 0, place)) >= 0:
        file.seek(struct.unpack_from("<Q", tail, locator + 8)[0])
        record = file.read(56)
        if record.startswith(END_64):
            files, bytes_of_list = struct.unpack_from("<QQ", record, 32)
            end_of_list -= 76  # this record and its locator
    # one entry of the list takes 46 bytes or more: what it says of its number may be a lie
    if bytes_of_list > 64 * MIB:
        return max(files, bytes_of_list // 46)
    file.seek(max(0, end_of_list - bytes_of_list))
    listed = _files_listed(file.read(bytes_of_list))
    if max(files, listed) <= MAX_FILES and (listed - files) % 65_536:  # of a larger number, some write the last 16 bits
        raise zipfile.BadZipFile(f"its end tells of {files:,} files, and {listed:,} are listed")
    return max(files, listed)


def _files_listed(content: bytes) -> int:
    """Return how many entries a zip's list has, as far as it is one."""
    at = files = 0
    while content.startswith(ENTRY, at) and at + 46 <= len(content):
        at += 46 + sum(struct.unpack_from("<HHH", content, at + 28))
        files += 1
    return files
