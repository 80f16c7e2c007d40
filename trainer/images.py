"""Images and labels in the files that MNIST and those like it come in: gzipped IDX, or npz as Keras has it.

Nothing is unpickled. What a file holds is checked against what it should: it may have been put there by hand.
"""

import gzip
import zipfile
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

IDX_BYTES = 0x08  # the type of unsigned bytes, in the third byte of a file
KINDS = {"x": ("images", "idx3"), "y": ("labels", "idx1")}
PARTS = {"train": "train", "test": "t10k"}


def read(files: dict[str, Path], kind: str, count: tuple[int, int], side: int = 28) -> Tensor:
    """Return all images (kind "x", (n, 1, side, side) uint8) or labels (kind "y", (n,) int64), training ones first.

    Args:
        files: what `downloads.fetch` gave: four IDX files, or one npz.
        count: how many are for training, and how many for the test.

    Raises:
        ValueError: a file is not what it should be.
    """
    shape = (side, side) if kind == "x" else ()
    parts = []
    for part, expected in zip(PARTS, count, strict=True):
        path, values = _part(files, kind, part)
        if values.shape != (expected, *shape) or values.dtype != np.uint8:
            raise ValueError(
                f"{path} holds {values.shape} of {values.dtype} where {(expected, *shape)} of uint8 were expected. "
                "Take the file away; it is then downloaded."
            )
        parts.append(torch.from_numpy(values))
    found = torch.cat(parts)
    return found.unsqueeze(1) if kind == "x" else found.long()


def _part(files: dict[str, Path], kind: str, part: str) -> tuple[Path, np.ndarray]:
    if npz := next((path for path in files.values() if path.suffix == ".npz"), None):
        return npz, read_npz(npz, f"{kind}_{part}")
    what, form = KINDS[kind]
    path = files[f"{PARTS[part]}-{what}-{form}-ubyte.gz"]
    return path, read_idx(path)


def read_npz(path: Path, name: str) -> np.ndarray:
    """Return one array of an npz file, of which nothing else is read.

    Raises:
        ValueError: it is not there, or holds Python objects.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as found:  # it leaves a bad one open
            return found[name]
    except KeyError:
        raise ValueError(f"{path} has no array {name!r}. Take the file away; it is then downloaded.") from None
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} cannot be read: {error}. Take the file away; it is then downloaded.") from None


def read_idx(path: Path) -> np.ndarray:
    """Return the array of bytes in a gzipped IDX file: 0 0 8 dimensions, each size in four bytes, the bytes.

    Raises:
        ValueError: it is none.

    Source: http://yann.lecun.com/exdb/mnist/
    """
    try:
        data = gzip.decompress(path.read_bytes())
        zeros, kind, dimensions = int.from_bytes(data[:2]), data[2], data[3]
        sizes = np.frombuffer(data, ">i4", dimensions, offset=4)
        values = np.frombuffer(bytearray(data), np.uint8, offset=4 + 4 * dimensions)
        if zeros or kind != IDX_BYTES:
            raise ValueError("it does not begin as an IDX file of bytes does")
        return values.reshape(sizes)
    except (OSError, EOFError, IndexError, ValueError, gzip.zlib.error) as error:
        raise ValueError(f"{path} cannot be read: {error}. Take the file away; it is then downloaded.") from None
