"""Whether there is room for another run on the disk of the data folder."""

import shutil
from pathlib import Path

from app.errors import DiskFull

FREE_SHARE = 0.05
FREE_BYTES = 2 * 1024**3  # a twentieth of a large disk is more than runs need


def check_room(folder: Path, share: float = FREE_SHARE, at_most: int = FREE_BYTES) -> None:
    """Let a run be launched while a share of the disk is free, or so many bytes when that is less.

    Raises:
        DiskFull: there is less.
    """
    disk = shutil.disk_usage(folder)
    if disk.free < min(share * disk.total, at_most):
        raise DiskFull(f"{disk.free / 1024**2:,.0f} MiB are free on the disk of {folder}; a run needs more.")
