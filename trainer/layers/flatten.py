"""Flattening: channels and sides become one row of values."""

from trainer.draft import Draft
from trainer.layers import LayerKind


class Flatten(LayerKind):
    """Puts all values in a row; a dense layer does so by itself, and this shows where.

    (channels, height, width) becomes (channels x height x width,); no parameters.

    Source: torch.nn.Flatten, https://docs.pytorch.org/docs/stable/generated/torch.nn.Flatten.html
    """

    def lay(self, draft: Draft) -> None:
        """Put this layer on what has been laid so far."""
        draft.flatten()
