"""Texts as numbers: Keras' IMDB file read without trusting it, sentences cut into words, words counted.

Numbers are Keras': 0 is nothing, 1 begins a text, 2 stands for a rare word, the most frequent word is 4, and so on.
"""

import io
import json
import pickle
import re
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

BEGIN, RARE, FIRST = 1, 2, 3
MOST_BYTES = 512 * 1024 * 1024
AGAIN = "Take the file away; it is then downloaded."
WORD = re.compile(r"[a-z']+")


class OnlyArrays(pickle.Unpickler):
    """Reads arrays and lists of numbers, and refuses whatever else a pickle might make of itself."""

    ALLOWED = frozenset(
        {("numpy", "ndarray"), ("numpy", "dtype")}
        | {(module, "_reconstruct") for module in ("numpy.core.multiarray", "numpy._core.multiarray")}
    )

    def find_class(self, module: str, name: str) -> Any:
        """Return a class that arrays are made of.

        Raises:
            UnpicklingError: it is another.
        """
        if (module, name) not in self.ALLOWED:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no array needs")
        return super().find_class(module, name)


def read_lists(path: Path, name: str) -> list[list[int]]:
    """Return an array of lists in an npz file, which NumPy itself would read only by unpickling whatever is there.

    Raises:
        ValueError: it is no such array.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            member = archive.getinfo(f"{name}.npy")
            if member.file_size > MOST_BYTES:
                raise ValueError(f"{name} has more than {MOST_BYTES:,} bytes")
            file = io.BytesIO(archive.read(member))
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        _, _, kind = read(file)
        if kind.hasobject is False:
            raise ValueError(f"{name} holds {kind} and no lists")
        return [[int(word) for word in text] for text in OnlyArrays(file).load()]
    except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile, pickle.UnpicklingError) as error:
        raise ValueError(f"{path} is not what it should be: {error}. {AGAIN}") from None


def read_sentences(path: Path) -> tuple[list[list[int]], Tensor]:
    """Return the texts of lines such as "A good film. <tab> 1", as ranks of their words, and their labels (n,).

    Raises:
        ValueError: a line has no label.
    """
    lines = [line.rsplit("\t", 1) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    if not lines or not all(len(line) == 2 and line[1].strip() in ("0", "1") for line in lines):
        raise ValueError(
            f"{path} is not what it should be: a line is a sentence, a tab, and 0 or 1. Take the file away."
        )
    texts = [WORD.findall(text.lower()) for text, _ in lines]
    ranks = _ranked(texts)
    return [[ranks[word] for word in text] for text in texts], torch.tensor([float(label) for _, label in lines])


def rank_words(path: Path) -> dict[str, int]:
    """Return the rank of each word in such lines, as `read_sentences` counts them."""
    lines = [line.rsplit("\t", 1)[0] for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    return _ranked([WORD.findall(text.lower()) for text in lines])


def read_index(path: Path) -> dict[str, int]:
    """Return the rank of each word as Keras' imdb_word_index.json has it.

    Raises:
        ValueError: it is no such file.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict) or not all(type(rank) is int for rank in found.values()):
            raise ValueError("it has no rank for each word")
        return found
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} is not what it should be: {error}. {AGAIN}") from None


def of_ranks(ranks: dict[str, int]) -> dict[int, str]:
    """Return the word of each number that `as_keras` gives: words moved by 3, nothing for padding and beginning."""
    return {0: "", BEGIN: "", **{rank + FIRST: word for word, rank in ranks.items()}}


def _ranked(texts: list[list[str]]) -> dict[str, int]:
    counted = Counter(word for text in texts for word in text)
    # by frequency, and where that is the same by the alphabet
    return {word: rank for rank, word in enumerate(sorted(counted, key=lambda one: (-counted[one], one)), 1)}


def as_keras(texts: list[list[int]], words: int) -> list[Tensor]:
    """Return texts of ranks as Keras numbers them: one that begins, moved by 3, and rare from `words` on."""
    found = [torch.tensor([BEGIN, *text], dtype=torch.int64) for text in texts]
    for text in found:
        text[1:] += FIRST
        text[text >= words] = RARE
    return found


def padded(texts: list[Tensor], length: int) -> Tensor:
    """Return the last `length` words of each text (n, length), 0 where a text is over."""
    found = torch.zeros((len(texts), length), dtype=torch.int64)
    for row, text in zip(found, texts, strict=True):
        kept = text[-length:]
        row[: len(kept)] = kept
    return found
