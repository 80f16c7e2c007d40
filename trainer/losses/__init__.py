"""Losses: what is minimised, with the last activation and the metrics that belong to the kind of problem."""

from abc import abstractmethod
from typing import ClassVar

from torch import Tensor

from trainer.component import Component, discover
from trainer.datasets import Kind

CHOSEN: dict[Kind, str] = {
    "binary": "binary_cross_entropy",
    "classes": "cross_entropy",
    "number": "mse",
    "labels": "labels_cross_entropy",
    "share": "share_cross_entropy",
}


class Loss(Component):
    """What is minimised. Takes outputs before the last activation, which it applies itself."""

    kinds: ClassVar[tuple[Kind, ...]]
    last_activation: ClassVar[str]
    metric_names: ClassVar[tuple[str, ...]]  # the keys of `metrics`
    why: ClassVar[str]
    smoothing: float = 0.0  # set by the label smoothing regularizer, used in training only

    @abstractmethod
    def __call__(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean loss of a batch, a scalar; outputs (batch, outputs), targets as in `Table`.

        Targets are smoothed by `self.smoothing`; evaluation uses a loss whose smoothing is 0.
        """

    @abstractmethod
    def metrics(self, outputs: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Return what to judge by, as scalars on the device: {"accuracy": ...} or {"rmse": ..., "mae": ...}."""

    def predict(self, outputs: Tensor) -> Tensor:
        """Return what outputs say, float64: probabilities, or the numbers themselves. An ensemble averages them."""
        return outputs.double()

    def unpredict(self, predictions: Tensor) -> Tensor:
        """Return the outputs that say this: what `predict` undoes. Of an average they can be judged like any others."""
        return predictions.float()

    def entropy(self, predictions: Tensor) -> Tensor | None:
        """Return how unsure predictions are, in nats, the mean over the samples; None where they are numbers."""
        return None


def choose(kind: Kind) -> Loss:
    """Return the loss that belongs to a kind of problem; its `why` says why in a sentence."""
    return discover("losses")[CHOSEN[kind]]()
