"""A convolution over a signal, an image or a volume."""

from trainer.component import param
from trainer.draft import Draft
from trainer.layers import LayerKind, own_activation


class Conv(LayerKind):
    """Filters that slide over a signal, an image or a volume: 1-D, 2-D or 3-D by the shape that comes to it.

    Each side H becomes (H + 2 padding - kernel) / stride + 1, rounded down; parameters: filters x channels x
    kernel per side + filters. A kernel of 3 with padding 1, or of 5 with padding 2, keeps the size.

    Source: LeCun et al. 1998, Gradient-based learning applied to document recognition,
        http://yann.lecun.com/exdb/publis/pdf/lecun-98.pdf; Dumoulin & Visin 2016, https://arxiv.org/abs/1603.07285
    """

    title = "Convolution"

    conv: int = param(16, "Filters, each looking for one pattern everywhere", low=1, high=4096, title="Filters")
    kernel: int = param(3, "Side of a filter", low=1, high=31)
    stride: int = param(1, "Step from one place of the filter to the next", low=1, high=8)
    padding: int = param(1, "Zeros around the input; (kernel - 1) / 2 keeps its size", low=0, high=15)
    activation: str = own_activation

    def lay(self, draft: Draft) -> None:
        """Put this layer on what has been laid so far."""
        draft.conv(self.conv, self.kernel, self.stride, self.padding, self.activation)
