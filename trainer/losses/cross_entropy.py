"""Cross-entropy over classes."""

import torch
from torch import Tensor
from torch.nn import functional

from trainer.losses import Loss, focused, scores, tally


class CrossEntropy(Loss):
    """How many nats the network was surprised by the true class; for one class of many.

    -log softmax(outputs)[target], the mean over the batch. ln(classes) is what knowing nothing costs.

    Source: Goodfellow, Bengio & Courville 2016, Deep Learning, section 6.2.2.3
    """

    kinds = ("classes",)
    last_activation = "softmax"
    metric_names = ("accuracy", "precision", "recall", "f1")
    why = (
        "One class of many: softmax makes the outputs probabilities that sum to 1, cross-entropy is how surprised "
        "they are by the true class, accuracy counts how often the likeliest class is right."
    )

    def __call__(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean loss; outputs (batch, classes), targets (batch,)."""
        if not self.focus:
            return functional.cross_entropy(outputs, targets, label_smoothing=self.smoothing)
        each = functional.cross_entropy(outputs, targets, label_smoothing=self.smoothing, reduction="none")
        return focused(each, functional.cross_entropy(outputs, targets, reduction="none"), self.focus)

    def predict(self, outputs: Tensor) -> Tensor:
        """Return the probability of each class: (batch, classes)."""
        return outputs.double().softmax(1)

    def unpredict(self, predictions: Tensor) -> Tensor:
        """Return log p, of which the softmax is p again."""
        return predictions.log().float()

    def holds(self, targets: Tensor, outputs: int) -> Tensor:
        """Return each class against the rest: (batch, classes)."""
        return functional.one_hot(targets, outputs).bool()

    def confusion(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the counts (classes, classes): rows true, columns answered."""
        return tally(targets, outputs.argmax(1), outputs.shape[1])

    def entropy(self, predictions: Tensor) -> Tensor:
        """Return the mean of -sum p ln p: 0 is certain, ln(classes) knows nothing."""
        return torch.special.entr(predictions).sum(1).mean()

    def metrics(self, outputs: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Return accuracy, precision, recall and F1, 0 to 1, the last three as means over the classes."""
        return scores(self.confusion(outputs, targets))
