"""Cross-entropy between two classes."""

import torch
from torch import Tensor

from trainer.losses import YesOrNo, scores, tally


class BinaryCrossEntropy(YesOrNo):
    """How many nats the network was surprised by the true one of two classes.

    -log p for class 1, -log(1 - p) for class 0, p = sigmoid(output), the mean over the batch. ln 2 is
    what knowing nothing costs.

    Source: Goodfellow, Bengio & Courville 2016, Deep Learning, section 6.2.2.2
    """

    kinds = ("binary",)
    metric_names = ("accuracy", "precision", "recall", "f1")
    why = (
        "Two classes: one output through a sigmoid is the probability of the second, binary cross-entropy is how "
        "surprised it is by the truth, accuracy counts how often the likelier class is right."
    )

    def confusion(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the counts (2, 2): rows true, columns answered."""
        return tally((targets > 0.5).flatten().long(), (outputs > 0).flatten().long(), 2)

    def entropy(self, predictions: Tensor) -> Tensor:
        """Return the mean of -p ln p - (1 - p) ln(1 - p): 0 is certain, ln 2 knows nothing."""
        return (torch.special.entr(predictions) + torch.special.entr(1 - predictions)).mean()

    def metrics(self, outputs: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Return accuracy, and precision, recall and F1 of the second class, 0 to 1."""
        return scores(self.confusion(outputs, targets))
