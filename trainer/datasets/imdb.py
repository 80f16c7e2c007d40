"""IMDB: reviews of films, good or bad, as bags of words or as words one after the other."""

import numpy as np
import torch

from trainer.component import param
from trainer.datasets import Table, WithTest
from trainer.downloads import fetch, source
from trainer.images import read_npz
from trainer.stored import Bags
from trainer.texts import as_keras, of_ranks, padded, rank_words, read_index, read_lists, read_sentences

HALF = 25_000
SOURCES = {"reviews": "imdb", "sentences": "imdb_sentences"}
STAND_IN = (
    "These are not the 50,000 IMDB reviews: the labelled sentences in the cache folder stand in for them. They are far "
    "fewer and shorter, so results cannot be compared with those on the reviews."
)


class Imdb(WithTest):
    """50,000 reviews of films, half of them good, as bags of words or as words one after the other.

    As given: Keras' order, 15,000 to train on, 10,000 to validate, 25,000 to test. The 1,000 labelled sentences of
    the same site that lie in the cache as imdb_labelled.txt stand in for them where asked, or where the reviews are
    not on this machine: far fewer and shorter texts, drawn into parts. The reviews are downloaded when first needed:
    17 MB.

    Source: Maas et al. 2011, Learning Word Vectors for Sentiment Analysis, https://aclanthology.org/P11-1015/
    """

    title = "IMDB"

    scaling: str = param(
        "none", "Words are there or not: there is nothing to scale", choices=("none",), section="scaling"
    )
    source: str = param(
        "auto",
        "auto: the reviews, or the sentences where only those are on this machine; what was taken stands in the spec",
        choices=("auto", *SOURCES),
    )
    inputs: str = param(
        "bag",
        "bag: 1 for each word that is there, 0 for all others; tokens: the words' numbers in their order, for an "
        "embedding",
        choices=("bag", "tokens"),
    )
    words: int = param(
        10_000, "How many of the most frequent words are known; all others are one rare word", low=10, high=20_000
    )
    length: int = param(
        256, "Tokens: so many of the last words of a text are taken; a shorter one is filled with 0", low=1, high=2_500
    )

    _kept: list[list[int]] | None = None  # texts as they came, where they are looked at: to read them takes seconds

    @property
    def download(self) -> str:
        """Which of the two has to be here."""
        return SOURCES[self._settled()]

    def settle(self) -> None:
        """Say which texts are taken."""
        self.source = self._settled()

    def note(self) -> str:
        """Say when sentences stand in for the reviews."""
        return STAND_IN if self._settled() == "sentences" else ""

    @property
    def words_from(self) -> str:
        """Which download has the words: of the sentences they are there."""
        return "imdb_words" if self._settled() == "reviews" else ""

    def vocabulary(self) -> dict[int, str] | None:
        """Return the word of each number as Keras' index has it, or as the sentences have it."""
        if self._settled() == "sentences":
            return of_ranks(rank_words(next(iter(fetch(self.download).values()))))
        index = source(self.words_from)
        return of_ranks(read_index(next(iter(index.paths().values())))) if index.is_here() else None

    def numbered(self, table: Table, rows: list[int]) -> list[list[int]]:
        """Return texts as their words came, also where the network is given only which there are."""
        if self.inputs == "tokens":
            return super().numbered(table, rows)
        ranks = self._kept or self._ranks()[0]
        return [text.tolist() for text in as_keras([ranks[row] for row in rows], self.words)]

    def load(self) -> Table:
        """Return all texts: bags (n, words), or tokens (n, length); targets (n, 1)."""
        ranks, labels = self._ranks()
        texts = as_keras(ranks, self.words)
        if self.is_looked_at:
            self._kept = ranks
        return self._table(self._stored(texts), labels, HALF if self._settled() == "reviews" else 0)

    def _ranks(self) -> tuple[list[list[int]], torch.Tensor]:
        path = next(iter(fetch(self.download).values()))
        if self._settled() == "sentences":
            return read_sentences(path)
        ranks = [*read_lists(path, "x_train"), *read_lists(path, "x_test")]
        if len(ranks) != 2 * HALF:
            raise ValueError(f"{path} has {len(ranks):,} reviews and not {2 * HALF:,}. Take the file away.")
        return [ranks[row] for row in _order()], self._labels()

    def sketch(self) -> Table:
        """Return the labels, or as many of each where they have yet to be downloaded; of the texts their shape."""
        if self._settled() == "sentences":
            return self.load()
        if self.inputs == "tokens":
            inputs = torch.empty((2 * HALF, self.length), dtype=torch.int64, device="meta")
        else:
            none = torch.zeros(0, dtype=torch.int32)
            inputs = Bags(none, torch.zeros(2 * HALF + 1, dtype=torch.int64), self.words)
        here = source(self.download).is_here()
        return self._table(inputs, self._labels() if here else (torch.arange(2 * HALF) % 2).float(), HALF)

    def _settled(self) -> str:
        if self.source != "auto":
            return self.source
        return "sentences" if source("imdb_sentences").is_here() and not source("imdb").is_here() else "reviews"

    def _labels(self) -> torch.Tensor:
        path = next(iter(source("imdb").paths().values()))
        found = np.concatenate([read_npz(path, "y_train"), read_npz(path, "y_test")])
        return torch.from_numpy(found.astype(np.float32)[_order()])

    def _stored(self, texts: list[torch.Tensor]) -> torch.Tensor | Bags:
        return padded(texts, self.length) if self.inputs == "tokens" else Bags.of(texts, self.words)

    def _table(self, inputs: torch.Tensor | Bags, labels: torch.Tensor, test_from: int) -> Table:
        tokens = self.words if self.inputs == "tokens" else 0
        known = {"classes": ["bad", "good"], "tokens": tokens, "test_from": test_from}
        return Table(inputs, labels.unsqueeze(1), "binary", **known)


def _order() -> np.ndarray:
    # load_data of Keras shuffles the one half and then the other, by one generator
    chance = np.random.RandomState(113)
    halves = [np.arange(HALF), np.arange(HALF)]
    for half in halves:
        chance.shuffle(half)
    return np.concatenate([halves[0], halves[1] + HALF])
