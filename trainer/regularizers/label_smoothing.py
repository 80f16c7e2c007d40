"""Label smoothing."""

from trainer.component import param
from trainer.regularizers import Parts, Regularizer


class LabelSmoothing(Regularizer):
    """Asks for a little less than certainty: the true class gets 1 - smoothing, the rest is shared by all.

    target <- (1 - smoothing) target + smoothing / classes. The training loss has a floor then: 0.5003 for
    10 classes at 0.1. Evaluation uses hard targets.

    Source: Szegedy et al. 2015, section 7, https://arxiv.org/abs/1512.00567
    """

    smoothing: float = param(0.1, "Share of certainty taken from the true class", low=0, high=0.9, live=True)

    def on_switch(self, parts: Parts, enabled: bool) -> str:
        """Set or clear the smoothing of the loss."""
        parts.loss.smoothing = self.smoothing if enabled else 0.0
        if enabled and {"number", "share"} & set(parts.loss.kinds):
            return f"Label smoothing does nothing here: {parts.loss.name} predicts a number, which has no label."
        return ""
