"""A vector for each word of a text, and their mean."""

from trainer.component import param
from trainer.draft import Draft
from trainer.layers import LayerKind


class Embedding(LayerKind):
    """A vector for each token of a text, learned, and their mean: words of one meaning come to lie together.

    h = (1/n) sum E[t] over the n tokens t of a text that are not 0, the padding. Parameters: vocabulary x
    dimension. Comes first, on inputs that are tokens; dropout on inputs strikes out whole words.

    Source: Bengio et al. 2003, https://www.jmlr.org/papers/v3/bengio03a.html; Iyyer et al. 2015, Deep unordered
        composition, https://aclanthology.org/P15-1162
    """

    title = "Embedding and mean"

    embedding: int = param(16, "Numbers in a word's vector", low=1, high=4096, title="Dimension")
    vocabulary: int = param(
        0, "Words that have a vector, the padding counted; 0 is as many as the data set has", low=0, high=1_000_000
    )

    def lay(self, draft: Draft) -> None:
        """Put this layer on what has been laid so far."""
        draft.embedding(self.embedding, self.vocabulary)
