"""Whether there is room for runs on the disk of the data folder."""

import shutil
from pathlib import Path

from app.errors import DiskFull

FREE_SHARE = 0.05
FREE_BYTES = 2 * 1024**3  # a twentieth of a large disk is more than runs need
MIB = 1024**2


def check_room(folder: Path, share: float | None = None, at_most: int | None = None) -> None:
    """Let a run be launched while a share of the disk is free, or so many bytes when that is less.

    Raises:
        DiskFull: there is less.
    """
    free = free_if_short(folder, share, at_most)
    if free is not None:
        raise DiskFull(f"{free / MIB:,.0f} MiB are free on the disk of {folder}; a run needs more.")


def free_if_short(folder: Path, share: float | None = None, at_most: int | None = None) -> int | None:
    """Return the free bytes, in whole MiB, of a disk that is nearly full; None while there is room."""
    share = FREE_SHARE if share is None else share
    at_most = FREE_BYTES if at_most is None else at_most
    disk = shutil.disk_usage(folder)
    return disk.free // MIB * MIB if disk.free < min(share * disk.total, at_most) else None
