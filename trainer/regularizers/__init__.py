"""Regularizers: what holds a network back from learning its training data by heart.

A file overrides the hooks that it needs; the loop calls the hooks of enabled regularizers only, so
one that is off leaves no trace.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from trainer.component import Component, ParameterError, no_such
from trainer.data import Data, Part
from trainer.losses import Loss
from trainer.network import Network


@dataclass
class Parts:
    """What a regularizer may act on when it is switched or retuned."""

    network: Network
    loss: Loss
    data: Data
    fresh: bool = False  # no step has been taken yet: there is nothing learned to preserve


def layers(network: Network, which: str) -> tuple[list[str], str]:
    """Return the names of all layers that have weights, or of the hidden ones alone, and what they are called."""
    if which == "hidden":
        return [name for name, layer in network.layers.items() if layer.dropout is not None], "hidden layer"
    return list(network.weights()), "layer"


class Regularizer(Component):
    """Something that can be on or off, live. Hooks come in the order in which a step calls them.

    `generator` is its own, seeded by the run's seed and its name: draw from no other.
    """

    generator: torch.Generator

    def check(self, parts: Parts) -> None:
        """Say whether it can work here; called when a run is planned and before it is switched on or retuned.

        Raises:
            ParameterError: it makes no sense for these data or this network. Its field is `enabled`, or the
                parameter that names what is not there.
        """
        for field, declared in self.params.items():
            if declared.layers:
                there, what = layers(parts.network, declared.layers)
                for unknown in getattr(self, field).keys() - there:
                    raise ParameterError(field, no_such(unknown, there, what))

    def each(self, common: float, network: Network) -> dict[str, float]:
        """Return every layer's number: its own where `per_layer` names it, else the common one."""
        return {name: self.per_layer.get(name, common) for name in network.weights()}

    def on_switch(self, parts: Parts, enabled: bool) -> str:
        """Take effect or vanish. Called at the start if enabled, at each toggle, and when a knob turns.

        May add or remove parameters of the network: the loop renews the optimizer's groups after it.
        Returns what was done in a sentence when that is worth telling, or "".
        """
        return ""

    def on_batch(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Return a training batch, changed; never change it in place. inputs (batch, *shape), targets as in `Table`.

        Targets of classes may come from another regularizer as shares of each class: (batch, classes), float.
        """
        return inputs, targets

    def before_forward(self, network: Network) -> None:
        """Change weights in place for this forward and backward pass alone; `on_gradients` puts them back.

        L-BFGS makes several passes in a step, each with both calls.
        """

    def penalty(self, network: Network) -> Tensor | None:
        """Return a scalar to add to the data loss, or None. Shown apart from it."""
        return None

    def on_gradients(self, network: Network, step: int) -> None:
        """Change gradients in place, after backward and before the update; `step` counts updates done."""

    def before_update(self, network: Network, lr: float) -> None:
        """Change weights in place just before the optimizer's update; lr is the one this step uses."""

    def after_update(self, network: Network) -> None:
        """Change weights in place just after the update: constraints."""

    def judge(self, network: Network, loss: Loss, part: Part, beat: Callable[[], None]) -> dict[str, Tensor]:
        """Return metrics of its own at an evaluation, of all but the training part; leave no trace in the training.

        `beat` is called between the pieces of long work.
        """
        return {}
