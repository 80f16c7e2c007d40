"""A dense layer."""

from trainer.component import param
from trainer.draft import Draft
from trainer.layers import LayerKind, own_activation


class Dense(LayerKind):
    """Each unit is fed by every value before it; what has sides is flattened.

    h = f(W x + b), parameters: inputs x units + units

    Source: Goodfellow, Bengio & Courville 2016, Deep Learning, chapter 6, https://www.deeplearningbook.org
    """

    dense: int = param(64, "Units of the layer", low=1, high=100_000, title="Units", scale="log")
    activation: str = own_activation

    def lay(self, draft: Draft) -> None:
        """Put this layer on what has been laid so far."""
        draft.dense(self.dense, self.activation)
