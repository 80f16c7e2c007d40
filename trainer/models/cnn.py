"""Convolutions, then dense layers: for images, signals and volumes."""

import torch

from trainer.component import ParameterError, param
from trainer.models import Model
from trainer.network import Network


class Cnn(Model):
    """Convolutions with pooling, then dense layers; for images, signals and volumes.

    A convolution makes a side of H into one of (H + 2 padding - kernel) / stride + 1, rounded down; pooling
    then divides it by the pool. The plan shows each with its numbers put in.

    Source: LeCun et al. 1998, Gradient-based learning applied to document recognition,
        http://yann.lecun.com/exdb/publis/pdf/lecun-98.pdf
    """

    title = "Convolutional network"

    channels: list[int] = param([16, 32], "Filters of each convolution, first layer first", low=1, high=4096)
    kernel: int = param(3, "Side of a filter", low=1, high=15, unit="pixels")
    stride: int = param(1, "Step from one place of the filter to the next", low=1, high=8, unit="pixels")
    padding: int = param(1, "Zeros around the image; (kernel - 1) / 2 keeps its size", low=0, high=7, unit="pixels")
    pool: int = param(2, "Side of the fields of which the largest value is kept; 1 pools nothing", low=1, high=8)
    dense: list[int] = param([64], "Units of each dense layer after the convolutions", low=1, high=100_000)

    def build(self, shape: tuple[int, ...], outputs: int, generator: torch.Generator, tokens: int = 0) -> Network:
        """Return the network: layers "conv 1", ..., "dense 1", ..., "output"."""
        draft = self.draft(shape, generator, tokens)
        if not tokens and len(shape) < 2:
            told = f"cnn wants images (channels, height, width), signals or volumes; these inputs have {draft.words()}."
            raise ParameterError("", f"{told} Use model mlp, or a data set of images such as digits.")
        for channels in self.channels:
            draft.conv(channels, self.kernel, self.stride, self.padding)
            if self.pool > 1:
                draft.pool(self.pool)
        for units in self.dense:
            draft.dense(units)
        return draft.finish(outputs)
