"""Wrong labels while training."""

import torch
from torch import Tensor

from trainer.component import ParameterError, param
from trainer.regularizers import Parts, Regularizer


class LabelNoise(Regularizer):
    """Gives some samples of each batch a wrong label, drawn anew every time, so that none can be learned by heart.

    With chance rate, target <- another class, each alike; of two classes, the other one. Evaluation sees the
    true labels. DisturbLabel draws among all classes: its rate is ours times classes / (classes - 1).

    Source: Xie et al. 2016, DisturbLabel, https://arxiv.org/abs/1605.00055; Goodfellow, Bengio & Courville
        2016, Deep Learning, section 7.5.1
    """

    rate: float = param(0.1, "Chance that a sample's label is wrong in a step", low=0, high=1, live=True)

    def check(self, parts: Parts) -> None:
        """See that there are labels."""
        if parts.data.kind in ("number", "share"):
            raise ParameterError(
                "enabled", "Label noise needs classes, and these data have a number to predict. Take input noise."
            )

    def on_switch(self, parts: Parts, enabled: bool) -> str:
        """Learn how many classes there are."""
        self._classes = parts.data.outputs
        return ""

    def on_batch(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Return the targets with some of them wrong, in new memory."""
        wrong = torch.empty_like(targets).bernoulli_(self.rate, generator=self.generator).bool()
        if targets.is_floating_point():
            return inputs, torch.where(wrong, 1 - targets, targets)
        # 1 to classes - 1 places on, around: each other class alike, never the true one
        on = torch.empty_like(targets).random_(1, max(2, self._classes), generator=self.generator)
        return inputs, torch.where(wrong, (targets + on) % self._classes, targets)
