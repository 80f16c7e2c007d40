"""Dense layers one after the other: the network that most lessons use."""

import torch

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

    def build(self, shape: tuple[int, ...], outputs: int, generator: torch.Generator, tokens: int = 0) -> Network:
        """Return the network: layers "dense 1", "dense 2", ..., "output"."""
        draft = self.draft(shape, generator, tokens)
        for units in self.hidden:
            draft.dense(units)
        return draft.finish(outputs)
