"""The disk of the data folder: whether there is room for runs, and what is the matter when it cannot be written."""

import errno
import os
import shutil
from pathlib import Path
from typing import Any

from app.errors import DiskFull, LivefitError, OverBudget, Unwritable

FREE_SHARE = 0.05
FREE_BYTES = 2 * 1024**3  # a twentieth of a large disk is more than runs need
MIB = 1024**2
NO_TROUBLE = {"free": None, "over": 0, "budget": None, "read_only": False}
UNITS = ("B", "kB", "MB", "GB", "TB")
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Disk:
    """The disk of a data folder, and what runs may take of it. `used` and `freeable` are what was counted last."""

    def __init__(self, folder: Path, budget: int | None = None):
        self.folder = folder
        self.budget = budget
        self.used = 0
        self.freeable = ""

    def check_room(self) -> None:
        """Let a run be launched while there is room on the disk and in the budget.

        Raises:
            DiskFull: there is too little. OverBudget: runs take more than they may. Unwritable: nothing can be written.
        """
        if read_only(self.folder):
            raise Unwritable(f"The disk of {self.folder} is mounted read-only, so no run can be started.")
        check_room(self.folder)
        if self.over_budget():
            told = f"Runs take {in_units(self.used)}; the budget is {in_units(self.budget or 0)}."
            raise OverBudget(f"{told} {self.freeable}".strip())

    def over_budget(self) -> int:
        """Return by how many bytes runs take more than they may; 0 without a budget."""
        return max(0, self.used - self.budget) if self.budget else 0

    def trouble(self) -> dict[str, Any]:
        """Return what pages warn of, as NO_TROUBLE has it: `free` bytes of a disk that is nearly full and so on."""
        over = self.over_budget()
        budget = self.budget if over else None
        return {"free": free_if_short(self.folder), "over": over, "budget": budget, "read_only": read_only(self.folder)}


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
    disk = shutil.disk_usage(folder)
    return disk.free // MIB * MIB if disk.free < floor(disk.total, share, at_most) else None


def floor(total: int, share: float | None = None, at_most: int | None = None) -> int:
    """Return the bytes of a disk that must be free for a run to be launched."""
    share = FREE_SHARE if share is None else share
    return int(min(share * total, FREE_BYTES if at_most is None else at_most))


def read_only(folder: Path) -> bool:
    """Return whether the disk of a folder takes nothing, as after a fault of the file system."""
    return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)


def unwritable(error: OSError, what: str) -> LivefitError:
    """Return what to say of something that could not be written: a full disk, or one that takes nothing at all."""
    told = f"{what} cannot be written: {error.strerror}."
    return DiskFull(told) if error.errno in FULL else Unwritable(told)


def in_units(size: int) -> str:
    """Return bytes in the unit that fits, as pages do: 1.20 MB."""
    value, unit = float(size), 0
    while value >= 1000 and unit < len(UNITS) - 1:
        value /= 1000
        unit += 1
    return f"{size} B" if unit == 0 else f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f} {UNITS[unit]}"


def read_units(text: str) -> int:
    """Return the bytes that a text such as "20 GB", "1.5 TiB" or "500000000" names.

    Raises:
        ValueError: it names none.
    """
    number, unit = text.strip(), ""
    while number and not (number[-1].isdigit() or number[-1] == "."):
        number, unit = number[:-1], number[-1] + unit
    factors = {"": 1, "b": 1}
    for power, one in enumerate("kmgt", 1):
        factors |= {one: 1000**power, f"{one}b": 1000**power, f"{one}ib": 1024**power}
    try:
        size = float(number) * factors[unit.strip().lower()]
    except (ValueError, KeyError):
        raise ValueError(f"{text!r} is no size: write a number with a unit, as in 500 MB, 20 GB or 1.5 TB") from None
    if not 0 < size < 2**63:
        raise ValueError(f"{text!r} is no size that a disk can have")
    return int(size)
