"""Another shape for the same values: a table as a signal, pixels in a row as an image."""

from trainer.component import param
from trainer.draft import Draft
from trainer.layers import LayerKind


class Reshape(LayerKind):
    """Takes the same values as another shape: a row of features as a signal, a row of pixels as an image.

    [1, -1] makes a signal of one channel, [1, 8, 8] an image, [1, 8, 8, 8] a volume; the product stays the same.

    Source: torch.reshape, https://docs.pytorch.org/docs/stable/generated/torch.reshape.html
    """

    reshape: list[int] = param(
        [1, -1], "Channels, then sides; one of them may be -1, which follows from the others",
        low=-1, high=1_000_000, title="Shape",
    )  # fmt: skip

    def lay(self, draft: Draft) -> None:
        """Put this layer on what has been laid so far."""
        draft.reshape(self.reshape)
