"""Cross-entropy of several labels, each by itself."""

import torch
from torch import Tensor

from trainer.losses import YesOrNo


class LabelsCrossEntropy(YesOrNo):
    """How many nats the network was surprised by each of several labels, any of which may hold.

    -log p where a label holds, -log(1 - p) where it does not, p = sigmoid(output), the mean over labels and batch. ln 2
    is what knowing nothing costs.

    Source: Goodfellow, Bengio & Courville 2016, Deep Learning, section 6.2.2.2
    """

    title = "Cross-entropy of labels"

    kinds = ("labels",)
    metric_names = ("accuracy", "exact")
    why = (
        "Several labels at once: each output through a sigmoid of its own is the probability of one label, binary "
        "cross-entropy is how surprised they are by the truth. Accuracy counts the labels that are right, exact the "
        "samples of which every label is."
    )

    def confusion(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the counts (labels, 2, 2): whether a label holds, and whether it was said to."""
        labels = outputs.shape[1]
        pairs = 2 * (targets > 0.5).long() + (outputs > 0).long() + 4 * torch.arange(labels, device=targets.device)
        return torch.bincount(pairs.flatten(), minlength=4 * labels).view(labels, 2, 2)

    def metrics(self, outputs: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Return the share of labels that are right, and that of samples of which all are, 0 to 1."""
        right = (outputs > 0) == (targets > 0.5)
        return {"accuracy": right.float().mean(), "exact": torch.all(right, dim=1).float().mean()}
