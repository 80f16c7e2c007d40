"""What the arrays in an npz file say of themselves, by their first bytes; and by that, which are inputs and targets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

import numpy as np

from trainer.own.packed import Packed
from trainer.own.words import Unfit

MAX_HEADER = 10_000  # bytes; numpy's own limit: the header is parsed as an expression

INPUTS = ("x", "inputs", "x_train", "data", "images", "features", "train_images", "arr_0")
TARGETS = ("y", "targets", "y_train", "labels", "label", "target", "train_labels", "arr_1")


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


def inputs_among(headers: Sequence[Header]) -> Header:
    """Return the array that is most likely to hold the inputs: by its name, else the largest.

    One whose name says so is taken even when it cannot be read: so what is wrong is said of it, and not of others.
    """
    sound = [one for one in headers if not one.flaw and one.shape]
    named = [one for word in INPUTS for one in headers if one.name.casefold() == word]
    if named:
        return next((one for one in named if one in sound), named[0])
    return max(sound or headers, key=lambda one: (len(one.shape) > 1, int(np.prod(one.shape))))


def targets_among(headers: Sequence[Header], inputs: Header) -> Header | None:
    """Return the array that is most likely to hold the targets: by its name, else the first that fits the inputs."""
    others = [one for one in headers if one is not inputs]
    fitting = [one for one in others if not one.flaw and one.rows == inputs.rows]
    fitting = [one for one in fitting if len(one.shape) == 1 or one.shape[1:] == (1,)]
    named = [one for word in TARGETS for one in others if one.name.casefold() == word]
    return next((one for one in named if one in fitting), (named or fitting or [None])[0])
