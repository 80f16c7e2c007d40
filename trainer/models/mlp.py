"""Dense layers one after the other: the network that most lessons use."""

from itertools import pairwise
from math import prod

import torch
from torch import nn

from trainer.component import param
from trainer.models import Model
from trainer.network import Network


class Mlp(Model):
    """Dense layers one after the other, each unit fed by every unit before it.

    h = f(W x + b) for each hidden layer, W h + b for the last. Without a hidden layer this is linear
    or logistic regression. Images are flattened.

    Source: Goodfellow, Bengio & Courville 2016, Deep Learning, chapter 6, https://www.deeplearningbook.org
    """

    title = "Multilayer perceptron"

    hidden: list[int] = param(
        [100, 100], "Units of each hidden layer, first layer first", low=1, high=100_000, title="Hidden layers"
    )

    def build(self, shape: tuple[int, ...], outputs: int, generator: torch.Generator) -> Network:
        """Return the network: layers "dense 1", "dense 2", ..., "output"."""
        widths = [prod(shape), *self.hidden]
        layers = {
            f"dense {number}": self.layer(nn.Linear(before, after, device="meta"), generator)
            for number, (before, after) in enumerate(pairwise(widths), 1)
        }
        layers["output"] = self.last_layer(nn.Linear(widths[-1], outputs, device="meta"), generator)
        return Network(layers)
