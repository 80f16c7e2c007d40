"""Models: a choice of layers that `build` turns into a network.

What all share is here: activation and initialiser by name, and how a layer gets its weights.
"""

from abc import abstractmethod

import torch
from torch import nn

from trainer.component import Component, discover, formulas, param
from trainer.draft import OWN, Draft
from trainer.network import Network

ACTIVATIONS = discover("activations")
INITS = discover("inits")


class Model(Component):
    """A family of networks; its parameters pick one."""

    activation: str = param(
        "relu", "What stands between two layers; after the last comes what the loss brings",
        choices=tuple(ACTIVATIONS), labels=formulas(ACTIVATIONS),
    )  # fmt: skip
    init: str = param(
        "he", "What weights are before the first step; biases begin at 0. n_in and n_out: how many inputs and units",
        choices=tuple(INITS), labels=formulas(INITS), title="Initialisation",
    )  # fmt: skip
    init_scale: float = param(
        0.01,
        "std of init normal, limit of init uniform, value of init constant; others have a formula of their own",
        low=0,
        high=100,
        scale="log",
    )

    @abstractmethod
    def build(self, shape: tuple[int, ...], outputs: int, generator: torch.Generator, tokens: int = 0) -> Network:
        """Return a network for inputs (batch, *shape) and outputs (batch, outputs), with weights drawn.

        Must also work under `torch.device("meta")`, where nothing is allocated: the plan is made there.

        Args:
            tokens: how many different tokens the inputs have, int64; 0 when they are numbers, float32.

        Raises:
            ParameterError: a parameter does not fit the shape of the inputs; says which and what would. Its field
                is "" when no single one is to blame.
        """

    def draft(self, shape: tuple[int, ...], generator: torch.Generator, tokens: int) -> Draft:
        """Return a draft of nothing yet, which draws weights and takes activations as this model says."""
        kinds = ACTIVATIONS | {OWN: ACTIVATIONS[self.activation]}
        return Draft(shape, tokens, lambda linear: self._filled(linear, generator), lambda name: kinds[name]())

    @torch.no_grad()
    def _filled(self, linear: nn.Module, generator: torch.Generator) -> nn.Module:
        # made on meta and moved: torch would else draw weights from the global generator first
        linear = linear.to_empty(device=torch.get_default_device())
        if linear.weight.is_meta:
            return linear
        kind = INITS[self.init]
        drawn = torch.empty(linear.weight.shape, device=generator.device)
        kind(**dict.fromkeys(kind.params, self.init_scale)).fill(drawn, generator)
        linear.weight.copy_(drawn)
        if linear.bias is not None:
            linear.bias.zero_()
        return linear
