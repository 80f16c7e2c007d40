"""Disks for tests: a small one of its own that can be filled to the last byte, and one that takes nothing."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

TMPFS = "tmpfs"


@contextmanager
def small_disk(folder: Path, size: str = "8m") -> Iterator[Path]:
    """Mount a file system of `size` at a new folder; skips the test where that is not allowed."""
    folder.mkdir()
    _mount("-t", TMPFS, "-o", f"size={size}", TMPFS, str(folder))
    try:
        yield folder
    finally:
        # a trainer that just ends may still have a file open
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Make a folder read-only for all that opens a file in it from now on, whoever may have others open."""
    _mount("--bind", str(folder), str(folder))
    try:
        _mount("-o", "remount,bind,ro", str(folder))
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


class Filler:
    """A file that takes what is left of a disk. Use as a context manager: at its end there is room again."""

    def __init__(self, disk: Path, leave: int = 0):
        self.path = disk / "filler"
        self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.fill()
        if leave:
            os.ftruncate(self._file, max(0, os.fstat(self._file).st_size - leave))

    def fill(self) -> None:
        """Take all that has become free meanwhile, to the last byte."""
        for size in (65_536, 4_096, 1):
            try:
                while True:
                    os.write(self._file, bytes(size))
            except OSError:
                continue

    def __enter__(self) -> "Filler":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)
        self.path.unlink()


def _mount(*options: str) -> None:
    try:
        told = subprocess.run(["mount", *options], capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("there is no mount program here: a full disk cannot be made")
    if told.returncode:
        pytest.skip(f"no file system may be mounted here ({told.stderr.strip()}): the disk row runs on fallbacks only")
