"""Losses: what is minimised, with the last activation and the metrics that belong to the kind of problem."""

from abc import abstractmethod
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from trainer.component import Component, discover
from trainer.datasets import Kind
from trainer.ranking import areas

MOST_CLASSES = 100  # of more, no table of answers can be read, and ranking them costs more than judging them
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
    # set by the regularizers of these names, used in training only
    smoothing: float = 0.0
    focus: float = 0.0

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

    def holds(self, targets: Tensor, outputs: int) -> Tensor | None:
        """Return which classes hold for each sample: (n, classes), as predictions are; None where they are numbers."""
        return None

    def confusion(self, outputs: Tensor, targets: Tensor) -> Tensor | None:
        """Return how often each class was answered for each; None where predictions are numbers.

        (classes, classes), a row for each true class; of several labels (labels, 2, 2): whether one holds, and whether
        it was said to.
        """
        return None

    def ranks(self, targets: Tensor, outputs: int) -> Tensor | None:
        """Return which classes have a ROC curve: those of which there are some and others; None where none has."""
        truth = self.holds(targets, outputs) if outputs <= MOST_CLASSES else None
        if truth is None:
            return None
        both = truth.any(0) & ~truth.all(0)
        return both if bool(both.any()) else None

    def ranking(self, outputs: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Return {"auc": ...}: the area under the ROC curve, of several classes the mean of each against the rest.

        Empty where there is none. Sorts all samples for each class, so only what was not trained on is judged by it.
        """
        both = self.ranks(targets, outputs.shape[1])
        if both is None:
            return {}
        truth = self.holds(targets, outputs.shape[1])
        found = areas(self.predict(outputs)[:, both].cpu().numpy(), truth[:, both].cpu().numpy())
        return {"auc": torch.tensor(sum(found) / len(found), device=outputs.device)}

    def entropy(self, predictions: Tensor) -> Tensor | None:
        """Return how unsure predictions are, in nats, the mean over the samples; None where they are numbers."""
        return None


class YesOrNo(Loss):
    """What losses of questions answered by yes or no share: each output through a sigmoid is the chance of a yes."""

    last_activation = "sigmoid"

    def __call__(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean loss; outputs and targets (batch, questions)."""
        smoothed = targets * (1 - self.smoothing) + self.smoothing / 2 if self.smoothing else targets
        if not self.focus:
            return functional.binary_cross_entropy_with_logits(outputs, smoothed)
        each, surprise = (
            functional.binary_cross_entropy_with_logits(outputs, one, reduction="none") for one in (smoothed, targets)
        )
        return focused(each, surprise, self.focus)

    def predict(self, outputs: Tensor) -> Tensor:
        """Return the probability of each yes: (batch, questions)."""
        return outputs.double().sigmoid()

    def unpredict(self, predictions: Tensor) -> Tensor:
        """Return ln(p / (1 - p)), of which the sigmoid is p again; finite, however sure p is."""
        return torch.logit(predictions, eps=1e-15).float()

    def holds(self, targets: Tensor, outputs: int) -> Tensor:
        """Return where the answer is yes: (batch, questions)."""
        return targets > 0.5


def tally(truth: Tensor, answers: Tensor, classes: int) -> Tensor:
    """Return how often each class was answered for each: (classes, classes), rows true; both (n,), whole numbers."""
    return torch.bincount(truth * classes + answers, minlength=classes**2).view(classes, classes)


def scores(counts: Tensor) -> dict[str, Tensor]:
    """Return accuracy, and precision, recall and F1 of each class, their mean over those that are there or answered.

    Of a class: precision = right / answered, recall = right / there, F1 = 2 right / (answered + there); one that was
    never answered has a precision of 0. counts (classes, classes) as in `tally`; of two classes those of class 1 alone.

    Source: Sokolova & Lapalme 2009, https://doi.org/10.1016/j.ipm.2009.03.002
    """
    counts = counts.float()
    right, answered, there = counts.diagonal(), counts.sum(0), counts.sum(1)
    accuracy = right.sum() / there.sum()
    if len(counts) == 2:
        right, answered, there = right[1:], answered[1:], there[1:]
    both = answered + there
    known = (both > 0).sum().clamp(min=1)
    return {
        "accuracy": accuracy,
        "precision": (right / answered.clamp(min=1)).sum() / known,
        "recall": (right / there.clamp(min=1)).sum() / known,
        "f1": (2 * right / both.clamp(min=1)).sum() / known,
    }


def focused(losses: Tensor, surprise: Tensor, focus: float) -> Tensor:
    """Return the mean of single losses, each weighed by (1 - p)^focus.

    surprise: -log p of the truth for each of them, p what the network gives it; of the same shape as `losses`.

    Source: Lin et al. 2017, https://arxiv.org/abs/1708.02002
    """
    # a little over 0: a power below 1 has no slope there
    return (losses * (1 - (-surprise).exp()).clamp(min=1e-8) ** focus).mean()


def choose(kind: Kind) -> Loss:
    """Return the loss that belongs to a kind of problem; its `why` says why in a sentence."""
    return discover("losses")[CHOSEN[kind]]()
