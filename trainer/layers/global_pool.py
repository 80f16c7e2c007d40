"""Global pooling: one value for each channel."""

from trainer.component import param
from trainer.draft import Draft
from trainer.layers import LayerKind


class GlobalPool(LayerKind):
    """Makes one number of each channel, its mean over all places or its largest value: no dense layer needed.

    (channels, height, width) becomes (channels,); no parameters.

    Source: Lin, Chen & Yan 2013, Network In Network, section 3.2, https://arxiv.org/abs/1312.4400
    """

    title = "Global pooling"

    global_pool: str = param("average", "What is kept of a channel", choices=("average", "max"), title="Keeps")

    def lay(self, draft: Draft) -> None:
        """Put this layer on what has been laid so far."""
        draft.global_pool(self.global_pool)
