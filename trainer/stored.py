"""Samples kept small: bytes of images and words of texts become floats when they are picked, a batch at a time.

60,000 images of 28x28 pixels are 47 MB as bytes and 188 MB as floats; 25,000 texts over 10,000 words are 12 MB as
lists of words and 1 GB as floats. Both answer to what is asked of a tensor of samples: x[rows], x.split(n), x.shape.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator

import torch
from torch import Tensor


class Stored(ABC):
    """Samples (n, *shape) that are floats to whoever picks some."""

    shape: torch.Size

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Tensor | slice) -> Tensor:
        """Return some samples as float32 (picked, *shape)."""
        return self.take(rows).floats()

    def split(self, count: int) -> Iterator[Tensor]:
        """Yield all samples as floats, `count` at a time."""
        for first in range(0, len(self), count):
            yield self[first : first + count]

    def numel(self) -> int:
        """Return how many numbers the samples are as floats."""
        return self.shape.numel()

    def is_floating_point(self) -> bool:
        """Return whether samples are numbers, and not names of something: they are."""
        return True

    @property
    @abstractmethod
    def nbytes(self) -> int:
        """How much memory they take as they are."""

    @abstractmethod
    def take(self, rows: Tensor | slice) -> "Stored":
        """Return some samples, stored as these are."""

    @abstractmethod
    def floats(self) -> Tensor:
        """Return all samples as float32."""

    @abstractmethod
    def to(self, device: torch.device | str) -> "Stored":
        """Return the samples on a device."""


class Bytes(Stored):
    """Whole numbers from 0 to 255, (n, *shape), scaled when they are picked."""

    def __init__(self, values: Tensor, scale: Callable[[Tensor], Tensor]):
        self.values, self.scale = values, scale
        self.shape = values.shape

    @property
    def nbytes(self) -> int:
        """One byte a number."""
        return self.values.nbytes

    def take(self, rows: Tensor | slice) -> "Bytes":
        """Return some samples as bytes."""
        return Bytes(self.values[rows], self.scale)

    def floats(self) -> Tensor:
        """Return all samples, scaled."""
        return self.scale(self.values.float())

    def to(self, device: torch.device | str) -> "Bytes":
        """Return the samples on a device; their scale follows them there."""
        return Bytes(self.values.to(device), self.scale.to(device))


class Bags(Stored):
    """Which of `size` words each text has: a sample is 1 for each of its words and 0 for all others.

    words: (all words of all texts,), int32, those of a text one after the other, each once
    begins: (texts + 1,), int64: the words of text i are words[begins[i] : begins[i + 1]]
    """

    def __init__(self, words: Tensor, begins: Tensor, size: int):
        self.words, self.begins, self.size = words, begins, size
        self.shape = torch.Size((len(begins) - 1, size))

    @classmethod
    def of(cls, texts: list[Tensor], size: int) -> "Bags":
        """Return the bags of texts, each a tensor of its words' numbers in any order; one that is said twice is one."""
        sets = [text.unique() for text in texts]
        lengths = torch.tensor([0, *(len(one) for one in sets)])
        words = torch.cat(sets) if sets else torch.zeros(0)
        return cls(words.to(torch.int32), lengths.cumsum(0), size)

    @property
    def nbytes(self) -> int:
        """Four bytes a word, eight a text."""
        return self.words.nbytes + self.begins.nbytes

    def of_row(self, row: int) -> list[int]:
        """Return the words of one text."""
        begin, end = self.begins[row : row + 2].tolist()
        return self.words[begin:end].tolist()

    def take(self, rows: Tensor | slice) -> "Bags":
        """Return some texts as bags."""
        first, last = self.begins[:-1][rows], self.begins[1:][rows]
        lengths = last - first
        begins = torch.cat([lengths.new_zeros(1), lengths.cumsum(0)])
        # for each word that is taken its place: where its text begins here, and how far into it the word is
        places = torch.repeat_interleave(first - begins[:-1], lengths)
        places += torch.arange(len(places), device=places.device)
        return Bags(self.words[places], begins, self.size)

    def floats(self) -> Tensor:
        """Return all texts as ones and zeros, (n, size)."""
        lengths = self.begins.diff()
        begins = torch.arange(len(lengths), device=lengths.device) * self.size
        # their count is said, for a GPU to know it would have to be waited for
        places = torch.repeat_interleave(begins, lengths, output_size=len(self.words))
        found = torch.zeros(self.shape, device=self.words.device)
        found.view(-1)[places + self.words] = 1.0
        return found

    def to(self, device: torch.device | str) -> "Bags":
        """Return the texts on a device."""
        return Bags(self.words.to(device), self.begins.to(device), self.size)


class Beside(Stored):
    """Two samples side by side as one: the features, or the channels, of the first and then those of the second."""

    def __init__(self, first: Stored, second: Stored):
        self.first, self.second = first, second
        count, width, *sides = first.shape
        self.shape = torch.Size((count, width + second.shape[1], *sides))

    @property
    def nbytes(self) -> int:
        """What both take."""
        return self.first.nbytes + self.second.nbytes

    def take(self, rows: Tensor | slice) -> "Beside":
        """Return some samples, both sides stored as they are."""
        return Beside(self.first.take(rows), self.second.take(rows))

    def floats(self) -> Tensor:
        """Return all samples as float32."""
        return torch.cat([self.first.floats(), self.second.floats()], dim=1)

    def to(self, device: torch.device | str) -> "Beside":
        """Return both on a device."""
        return Beside(self.first.to(device), self.second.to(device))
