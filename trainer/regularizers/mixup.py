"""Mixup: straight lines between samples."""

import random

import torch
from torch import Tensor
from torch.nn import functional

from trainer.component import ParameterError, param
from trainer.regularizers import Parts, Regularizer

SEEDS = 2**31


class Mixup(Regularizer):
    """Trains on mixtures of two samples and of their targets, so that outputs go straight from one to the other.

    x <- s x + (1 - s) x', y <- s y + (1 - s) y', (x', y') another sample of the batch, s from Beta(alpha, alpha)
    for each batch. The training loss cannot reach 0 then: mixed targets are never certain. Evaluation sees
    what is not mixed.

    Source: Zhang et al. 2017, https://arxiv.org/abs/1710.09412
    """

    alpha: float = param(
        0.2, "How much is mixed: 0 nothing, 0.2 mostly little, 1 any share alike", low=0, high=10, live=True
    )

    def on_switch(self, parts: Parts, enabled: bool) -> str:
        """Learn how many classes there are."""
        self._classes = parts.data.outputs
        return ""

    def check(self, parts: Parts) -> None:
        """See that the inputs are numbers."""
        super().check(parts)
        if parts.data.tokens:
            raise ParameterError(
                "enabled",
                "Mixup takes means of inputs; the inputs here are tokens, which stand for words and have no mean. "
                "Dropout with an input rate strikes out whole words instead.",
            )

    def on_batch(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Return the batch mixed with itself in another order; labels become shares of each class."""
        if self.alpha == 0:
            return inputs, targets
        share = self._share(inputs.device)
        others = torch.randperm(len(targets), generator=self.generator, device=inputs.device)
        if not targets.is_floating_point():
            targets = functional.one_hot(targets, self._classes).float()
        return torch.lerp(inputs[others], inputs, share), torch.lerp(targets[others], targets, share)

    def _share(self, device: torch.device) -> float:
        # torch draws no beta from a generator
        if device.type == "cpu":
            seed = int(torch.randint(SEEDS, (), generator=self.generator))
            return random.Random(seed).betavariate(self.alpha, self.alpha)
        # a number drawn on a GPU would have to be waited for. Its generator's state, a seed and how much was drawn,
        # is kept on the host, and each batch's order moves it on
        return random.Random(bytes(self.generator.get_state().tolist())).betavariate(self.alpha, self.alpha)
