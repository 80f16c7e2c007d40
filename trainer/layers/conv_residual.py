"""A residual block of two convolutions."""

from trainer.component import param
from trainer.draft import SKIPS, Draft
from trainer.layers import LayerKind, own_activation


class ConvResidual(LayerKind):
    """Two convolutions and a way around them: what very deep networks for images are made of.

    y = f(conv(f(conv(x))) + x), each padded by (kernel - 1) / 2. Where filters or stride change the shape, the
    skip is a convolution of kernel 1 and the same stride instead of x. Batch normalization comes after each
    convolution and before the sum.

    Source: He et al. 2015, Deep residual learning for image recognition, section 3.3,
        https://arxiv.org/abs/1512.03385
    """

    title = "Conv residual block"

    conv_residual: int = param(16, "Filters of each of the two convolutions", low=1, high=4096, title="Filters")
    kernel: int = param(3, "Side of a filter; odd, so that padding keeps the size", low=1, high=31)
    stride: int = param(1, "Step of the first convolution; 2 halves each side", low=1, high=8)
    skip: str = param(
        "auto", "What goes around: auto is the input, projected where the shape changes; none is two plain layers",
        choices=SKIPS,
    )  # fmt: skip
    activation: str = own_activation

    def lay(self, draft: Draft) -> None:
        """Put this layer on what has been laid so far."""
        draft.conv_residual(self.conv_residual, self.kernel, self.stride, self.skip, self.activation)
