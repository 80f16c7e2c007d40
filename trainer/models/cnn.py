"""Convolutions, then dense layers: for images."""

import torch
from torch import nn

from trainer.component import param
from trainer.models import Model
from trainer.network import Network


class Cnn(Model):
    """Convolutions with pooling, then dense layers; for images.

    A convolution makes an image of side H into one of side (H + 2 padding - kernel) / stride + 1,
    rounded down; pooling then divides it by the pool.

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

    def build(self, shape: tuple[int, ...], outputs: int, generator: torch.Generator) -> Network:
        """Return the network: layers "conv 1", ..., "dense 1", ..., "output"."""
        if len(shape) != 3:
            raise ValueError(
                f"cnn wants images (channels, height, width); these inputs have {shape[0]} features in a row. "
                "Use model mlp, or a data set of images such as digits."
            )
        depth, *sides = shape
        layers = {}
        for number, channels in enumerate(self.channels, 1):
            conv = nn.Conv2d(depth, channels, self.kernel, self.stride, self.padding, device="meta")
            pool = nn.MaxPool2d(self.pool) if self.pool > 1 else None
            layers[f"conv {number}"] = self.layer(conv, generator, pool)
            sides = [self._side(side, number) for side in sides]
            depth = channels
        width = depth * sides[0] * sides[1]
        for number, units in enumerate(self.dense, 1):
            layers[f"dense {number}"] = self.layer(nn.Linear(width, units, device="meta"), generator)
            width = units
        layers["output"] = self.last_layer(nn.Linear(width, outputs, device="meta"), generator)
        return Network(layers)

    def _side(self, side: int, number: int) -> int:
        """Return the side of the image that leaves convolution `number` and its pooling."""
        padded = side + 2 * self.padding
        if padded < self.kernel:
            raise ValueError(
                f"conv {number} gets an image of side {side}, {padded} with padding, too small for its kernel of "
                f"{self.kernel}. Use fewer channels entries, a smaller kernel, stride or pool, or more padding."
            )
        after = (padded - self.kernel) // self.stride + 1
        if after < self.pool:
            raise ValueError(
                f"conv {number} makes an image of side {after}, too small to pool by {self.pool}. "
                "Use fewer channels entries, a smaller kernel, stride or pool, or more padding."
            )
        return after // self.pool
