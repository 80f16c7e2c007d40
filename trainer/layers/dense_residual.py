"""A residual block of two dense layers."""

from trainer.component import param
from trainer.draft import SKIPS, Draft
from trainer.layers import LayerKind, own_activation


class DenseResidual(LayerKind):
    """Two dense layers and a way around them: the layers only have to learn what to change.

    y = f(W2 f(W1 x + b1) + b2 + x); where the number of units changes, the skip is P x + c instead of x.

    Source: He et al. 2015, Deep residual learning for image recognition, section 3.2,
        https://arxiv.org/abs/1512.03385
    """

    title = "Dense residual block"

    dense_residual: int = param(64, "Units of each of the two layers", low=1, high=100_000, title="Units", scale="log")
    skip: str = param(
        "auto", "What goes around: auto is the input, projected where the shape changes; none is two plain layers",
        choices=SKIPS,
    )  # fmt: skip
    activation: str = own_activation

    def lay(self, draft: Draft) -> None:
        """Put this layer on what has been laid so far."""
        draft.dense_residual(self.dense_residual, self.skip, self.activation)
