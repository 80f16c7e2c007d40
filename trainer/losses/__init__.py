"""Losses: what is minimised, with the last activation and the metrics that belong to the kind of problem."""

from abc import abstractmethod
from typing import ClassVar

import torch
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


def scores(truth: Tensor, answers: Tensor, classes: int) -> dict[str, Tensor]:
    """Return precision, recall and F1 of each class, their mean over the classes that are there or were answered.

    Of a class: precision = right / answered, recall = right / there, F1 = 2 right / (answered + there); one that was
    never answered has a precision of 0. truth and answers (n,), whole numbers; of two classes those of class 1 alone.

    Source: Sokolova & Lapalme 2009, https://doi.org/10.1016/j.ipm.2009.03.002
    """
    right, answered, there = (
        torch.bincount(one, minlength=max(2, classes)).float() for one in (truth[truth == answers], answers, truth)
    )
    if classes <= 2:
        right, answered, there = right[1:2], answered[1:2], there[1:2]
    known = ((answered + there) > 0).float()
    each = {
        "precision": right / answered.clamp(min=1),
        "recall": right / there.clamp(min=1),
        "f1": 2 * right / (answered + there).clamp(min=1),
    }
    return {name: (one * known).sum() / known.sum().clamp(min=1) for name, one in each.items()}


def choose(kind: Kind) -> Loss:
    """Return the loss that belongs to a kind of problem; its `why` says why in a sentence."""
    return discover("losses")[CHOSEN[kind]]()
