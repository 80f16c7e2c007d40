"""Pooling: one value for each field of a signal, an image or a volume."""

from trainer.component import param
from trainer.draft import Draft
from trainer.layers import LayerKind


class Pool(LayerKind):
    """Keeps the largest value of each field, or its mean: smaller inputs, and a little shift no longer matters.

    Each side H becomes (H - size) / stride + 1, rounded down, 1-D, 2-D or 3-D by the shape that comes to it.

    Source: LeCun et al. 1998, http://yann.lecun.com/exdb/publis/pdf/lecun-98.pdf; Scherer, Müller & Behnke 2010,
        Evaluation of pooling operations in convolutional architectures for object recognition
    """

    title = "Pooling"

    pool: int = param(2, "Side of a field", low=1, high=31, title="Size")
    stride: int = param(0, "Step from one field to the next; 0 is the size, so that none overlap", low=0, high=31)
    how: str = param("max", "What is kept of a field", choices=("max", "average"), title="Keeps")

    def lay(self, draft: Draft) -> None:
        """Put this layer on what has been laid so far."""
        draft.pool(self.pool, self.stride, self.how)
