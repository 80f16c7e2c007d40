"""What the arrays in an npz file say of themselves, by their first bytes."""

from dataclasses import dataclass
from typing import IO

import numpy as np

from trainer.own.packed import Packed
from trainer.own.words import Unfit

MAX_HEADER = 10_000  # bytes; numpy's own limit: the header is parsed as an expression


@dataclass(frozen=True)
class Header:
    """One array as its first bytes describe it; `flaw` is the key of why it cannot be read, or ""."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    flaw: str = ""

    @property
    def rows(self) -> int:
        """The length of the first axis."""
        return self.shape[0] if self.shape else 0


def header_of(packed: Packed, name: str) -> Header:
    """Return what an array in a zip says of itself; nothing of it is trusted, and none of its values is read."""
    short = name.removesuffix(".npy")
    try:
        with packed.open(name, 2**63) as file:
            shape, _, dtype = read_header(file)
    except (Unfit, ValueError):
        return Header(short, (), "", "unreadable")
    if any(one < 0 for one in shape) or not dtype.itemsize:
        return Header(short, (), "", "unreadable")
    if dtype.hasobject:
        return Header(short, shape, str(dtype), "objects")
    return Header(short, shape, str(dtype), "" if dtype.kind in "biufUS" else "odd_dtype")


def read_header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Return shape, whether the first index varies fastest, and type of an array, by its first bytes.

    Raises:
        ValueError: it has none.
    """
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    return read(file, max_header_size=MAX_HEADER)
