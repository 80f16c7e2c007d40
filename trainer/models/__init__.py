"""Models: a choice of layers that `build` turns into a network."""

from abc import abstractmethod

import torch

from trainer.component import Component
from trainer.network import Network


class Model(Component):
    """A family of networks; its parameters pick one."""

    @abstractmethod
    def build(self, shape: tuple[int, ...], outputs: int, generator: torch.Generator) -> Network:
        """Return a network for inputs (batch, *shape) and outputs (batch, outputs), with weights drawn.

        Must also work under `torch.device("meta")`, where nothing is allocated: the plan is made there.

        Raises:
            ValueError: the parameters do not fit the shape of the inputs; says which and what would.
        """
