"""Tables in the files that well-known ones come in: CSV, npz, a CSV in a tar. Bounded, and nothing is unpickled."""

import csv
import io
import math
import tarfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

MOST_BYTES = 16 * 1024 * 1024
MISSING = frozenset({"", "?", "na", "nan", "null"})
AGAIN = "Take the file away; it is then downloaded."


def read_csv(path: Path, wanted: Iterable[str]) -> dict[str, list[str]]:
    """Return the columns of a CSV file by their name in lower case, those that are wanted.

    Raises:
        ValueError: it is too large, no CSV, or lacks a column.
    """
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{path} has more than {MOST_BYTES:,} bytes. {AGAIN}")
    try:
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path} is no CSV file: {error}. {AGAIN}") from None
    head = [name.strip().lower() for name in rows[0]] if rows else []
    if lacking := [name for name in wanted if name not in head]:
        raise ValueError(f"{path} has no column {lacking[0]!r}. {AGAIN}")
    kept = [row for row in rows[1:] if len(row) == len(head)]
    return {name: [row[head.index(name)].strip() for row in kept] for name in wanted}


def numbers(column: Iterable[str]) -> Tensor:
    """Return a column as numbers (n,), NaN where one is missing.

    Raises:
        ValueError: something in it is no number.
    """
    return torch.tensor([math.nan if text.lower() in MISSING else float(text) for text in column])


def codes(column: Iterable[str], values: list[str]) -> Tensor:
    """Return a column of categories as places in `values` (n,), NaN where one is missing or not among them."""
    places = {value: float(place) for place, value in enumerate(values)}
    return torch.tensor([places.get(text, math.nan) for text in column])


def read_arrays(path: Path, shapes: dict[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
    """Return arrays of an npz file, as float32.

    Raises:
        ValueError: one is missing, or has another shape, or holds Python objects.
    """
    found = {}
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            for name, shape in shapes.items():
                found[name] = arrays[name].astype(np.float32)
                if found[name].shape != shape:
                    raise ValueError(f"{name} is {found[name].shape} and not {shape}")
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise ValueError(f"{path} is not what it should be: {error}. {AGAIN}") from None
    return found


def read_from_tar(path: Path, member: str, columns: int) -> Tensor:
    """Return a table of numbers without a head (n, columns), from a CSV in a tar that is never unpacked.

    Raises:
        ValueError: it is not there, or another table.
    """
    try:
        with tarfile.open(path, "r:*") as archive:
            file = archive.extractfile(member)
            text = file.read(MOST_BYTES).decode("ascii")
        rows = [[float(one) for one in row] for row in csv.reader(io.StringIO(text)) if row]
        table = torch.tensor(rows)
        if table.shape[1:] != (columns,):
            raise ValueError(f"it has rows of {tuple(table.shape[1:])} numbers and not of {columns}")
        return table
    except (OSError, ValueError, KeyError, AttributeError, EOFError, tarfile.TarError) as error:
        raise ValueError(f"{path} is not what it should be: {error}. {AGAIN}") from None


def shuffled_as_keras(count: int) -> Tensor:
    """Return the order into which Keras shuffles its tables and texts (n,): NumPy's old generator, seed 113."""
    order = np.arange(count)
    np.random.RandomState(113).shuffle(order)
    return torch.from_numpy(order)
