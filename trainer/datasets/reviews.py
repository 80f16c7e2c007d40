"""Made-up reviews as tokens: texts to learn embeddings from, without a download."""

import torch

from trainer.component import param
from trainer.datasets import Dataset, Table

GOOD = ("good", "great", "lovely", "funny", "clever", "moving", "brilliant", "superb", "fresh", "warm")
BAD = ("bad", "awful", "dull", "boring", "clumsy", "empty", "terrible", "stale", "cold", "flat")
PLAIN = ("the", "a", "film", "story", "actor", "scene", "ending", "music", "it", "was", "is", "and", "this", "of", "in",
         "plot", "very", "so", "camera", "script")  # fmt: skip
WORDS = (*GOOD, *BAD, *PLAIN)  # token n is word n - 1: 0 is the padding
LONGEST = 24
PLAIN_SHARE = 0.7
HONEST = 0.75  # of the words that say something, how many say what the review means


class Reviews(Dataset):
    """Made-up reviews of 4 to 24 words, good or bad: tokens for an embedding, or a bag of words.

    70 % of the words mean nothing; of the others 3 in 4 are of the review's side and one is of the other. The
    classes are told apart by counting; an embedding finds the two sides by itself. Tokens are (24,), 0 is the padding.

    Source: made here, in the shape of IMDB: Maas et al. 2011, https://aclanthology.org/P11-1015
    """

    title = "Made-up reviews"

    form: str = param(
        "tokens", "Tokens: the number of each word, for an embedding. Bag of words: for each word whether it occurs",
        choices=("tokens", "bag of words"),
    )  # fmt: skip
    size: int = param(2000, "Reviews", low=30, high=100_000, scale="log")
    seed: int = param(0, "Seed of the reviews", low=0, high=2**31 - 1)

    def vocabulary(self) -> dict[int, str]:
        """Return the word of each token; 0 is the padding."""
        return {0: "", **dict(enumerate(WORDS, 1))}

    def load(self) -> Table:
        """Return all samples: inputs (size, 24) int64, or (size, 40) of 0 and 1."""
        chance = torch.Generator().manual_seed(self.seed)
        shape = (self.size, LONGEST)
        good = torch.arange(self.size).unsqueeze(1) % 2 == 0

        def toss(share: float) -> torch.Tensor:
            return torch.rand(shape, generator=chance) < share

        side = torch.where(toss(HONEST) == good, 0, len(GOOD))  # where the words of a side begin
        telling = 1 + side + torch.randint(len(GOOD), shape, generator=chance)
        plain = 1 + len(GOOD) + len(BAD) + torch.randint(len(PLAIN), shape, generator=chance)
        tokens = torch.where(toss(PLAIN_SHARE), plain, telling)
        length = torch.randint(4, LONGEST + 1, (self.size, 1), generator=chance)
        tokens = torch.where(torch.arange(LONGEST) < length, tokens, 0)
        targets, classes = good.float(), ["bad", "good"]
        if self.form == "tokens":
            return Table(tokens, targets, "binary", classes, tokens=1 + len(WORDS))
        bag = torch.zeros(self.size, 1 + len(WORDS)).scatter_(1, tokens, 1.0)[:, 1:]
        return Table(bag, targets, "binary", classes, list(WORDS))
