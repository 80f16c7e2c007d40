"""More weight for what is hard: the idea of boosting, for a network in training."""

from trainer.component import param
from trainer.regularizers import Parts, Regularizer


class HardExamples(Regularizer):
    """Weighs each sample by how wrong the network is about it: the hard ones count, the easy ones hardly.

    loss <- mean of (1 - p)^focus x loss, p what the network gives the truth (focal loss). With focus 2 a sample known
    to 90 % counts a hundredth. As in boosting, wrong labels are the hardest examples of all and pull the most.
    Evaluation weighs all alike.

    Source: Lin et al. 2017, https://arxiv.org/abs/1708.02002
    """

    focus: float = param(2.0, "Power of 1 - p; 0 weighs all alike", low=0, high=10, live=True)

    def on_switch(self, parts: Parts, enabled: bool) -> str:
        """Set or clear the focus of the loss."""
        parts.loss.focus = self.focus if enabled else 0.0
        if enabled and {"number", "share"} & set(parts.loss.kinds):
            return f"Hard examples does nothing here: {parts.loss.name} predicts a number, which is not right or wrong."
        return ""
