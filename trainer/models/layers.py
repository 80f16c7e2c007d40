"""A network as a list of layers, each of any kind."""

import torch

from trainer.component import ParameterError, discover
from trainer.entries import Example, entries
from trainer.layers import LayerKind
from trainer.models import Model
from trainer.network import Network

KINDS = discover("layers")
EXAMPLES = (
    Example(
        "A small CNN", "For images: two convolutions with pooling, then a dense layer",
        ({"conv": 16}, {"pool": 2}, {"conv": 32}, {"pool": 2}, {"dense": 64}),
    ),
    Example(
        "ResNet-like", "For images: residual blocks, the second one half as wide and high, and no dense layer",
        ({"conv": 16}, {"conv_residual": 16}, {"conv_residual": 32, "stride": 2}, {"global_pool": "average"}),
    ),
    Example(
        "1-D CNN", "For signals; a table is taken as one by reshape",
        ({"reshape": [1, -1]}, {"conv": 16, "kernel": 5, "padding": 2}, {"pool": 2}, {"conv": 32},
         {"global_pool": "max"}),
    ),
    Example(
        "3-D CNN", "For volumes", ({"conv": 8}, {"pool": 2}, {"conv": 16}, {"global_pool": "average"}),
    ),
    Example(
        "Text: embedding and mean", "For texts as tokens: a vector for each word, and their mean",
        ({"embedding": 16}, {"dense": 16}),
    ),
    Example(
        "Residual MLP", "For tables: dense residual blocks", ({"dense_residual": 64}, {"dense_residual": 64}),
    ),
)  # fmt: skip


class Layers(Model):
    """Layers of any kind in the order of a list; the output layer is added by itself.

    Each entry is its kind with its first number, then what differs from the defaults: {conv: 16, kernel: 5},
    {pool: 2}, {dense: 64}, flatten. Convolutions and pools are 1-D, 2-D or 3-D by the shape that comes to them.

    Source: LeCun et al. 1998, http://yann.lecun.com/exdb/publis/pdf/lecun-98.pdf; He et al. 2015,
        https://arxiv.org/abs/1512.03385
    """

    title = "List of layers"

    layers: list[LayerKind] = entries(
        list(EXAMPLES[0].value),
        "From input to output; each layer gets what the one before it gives",
        KINDS,
        noun="layer",
        folder="layers",
        examples=EXAMPLES,
    )

    def build(self, shape: tuple[int, ...], outputs: int, generator: torch.Generator, tokens: int = 0) -> Network:
        """Return the network: layers named by kind and number, such as "conv 1", then "output"."""
        draft = self.draft(shape, generator, tokens)
        for place, kind in enumerate(self.params["layers"].parts(self.layers)):
            draft.place = place
            try:
                kind.lay(draft)
            except ParameterError as error:
                raise ParameterError(".".join(filter(None, ("layers", str(place), error.field))), str(error)) from None
        draft.place = None
        return draft.finish(outputs)
