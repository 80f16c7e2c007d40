"""What the folders of runs take on the disk. To be asked in a thread; a folder that rests is looked at once."""

import os
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

CHECKPOINTS = "checkpoints"


class Size(NamedTuple):
    """The bytes of one run's folder."""

    logs: int = 0
    checkpoints: int = 0
    other: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self)


class Sizes:
    """The sizes of folders, kept while nothing was added, removed or renamed in them."""

    def __init__(self) -> None:
        self._kept: dict[Path, tuple[tuple[int, ...], Size]] = {}

    def of(self, folder: Path, *, grows: bool) -> Size:
        """Return what a run's folder takes; one that `grows` is looked at anew each time. A missing one takes 0."""
        if grows:
            self._kept.pop(folder, None)
            return measure(folder)
        stamp = _stamp(folder)
        kept = self._kept.get(folder)
        if kept is None or kept[0] != stamp:
            kept = self._kept[folder] = (stamp, measure(folder))
        return kept[1]

    def keep_only(self, folders: Collection[Path]) -> None:
        """Forget all folders but these."""
        for folder in list(self._kept):
            if folder not in folders:
                self._kept.pop(folder, None)

    def forget(self, folder: Path) -> None:
        """Look at a folder anew the next time."""
        self._kept.pop(folder, None)


def measure(folder: Path) -> Size:
    """Return what a run's folder takes now."""
    logs = checkpoints = other = 0
    for entry in entries_of(folder):
        size, is_dir = size_of_entry(entry), entry.is_dir(follow_symlinks=False)
        if is_dir and entry.name == CHECKPOINTS:
            checkpoints += size
        elif entry.name.endswith(".log") and not is_dir:
            logs += size
        else:
            other += size
    return Size(logs, checkpoints, other)


def size_of(folder: Path) -> int:
    """Return the bytes of all files in a folder, however deep; what goes away meanwhile takes 0."""
    return sum(map(size_of_entry, entries_of(folder)))


def size_of_entry(entry: os.DirEntry[str]) -> int:
    """Return the bytes of a file, or of all files in a folder; a link is not followed."""
    return size_of(Path(entry.path)) if entry.is_dir(follow_symlinks=False) else _bytes(entry)


def entries_of(folder: Path) -> list[os.DirEntry[str]]:
    """Return what lies in a folder; nothing when it cannot be read."""
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:
        return []


def _bytes(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat(follow_symlinks=False).st_size
    except OSError:
        return 0


def _stamp(folder: Path) -> tuple[int, ...]:
    stamps = []
    for one in (folder, folder / CHECKPOINTS, folder / "derived"):
        try:
            stamps.append(one.stat().st_mtime_ns)
        except OSError:
            stamps.append(0)
    return tuple(stamps)
