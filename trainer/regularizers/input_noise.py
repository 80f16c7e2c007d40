"""Noise on the inputs."""

import torch
from torch import Tensor

from trainer.component import ParameterError, param
from trainer.regularizers import Parts, Regularizer


class InputNoise(Regularizer):
    """Adds Gaussian noise to every input while training.

    x <- x + sigma N(0, 1), on inputs as scaled. For a linear model and squared error this is an L2
    penalty of strength sigma^2 on its weights.

    Source: Bishop 1995, Training with noise is equivalent to Tikhonov regularization,
        https://doi.org/10.1162/neco.1995.7.1.108
    """

    sigma: float = param(0.1, "Standard deviation of the noise, on scaled inputs", low=0, high=10, live=True)

    def check(self, parts: Parts) -> None:
        """See that the inputs are numbers."""
        super().check(parts)
        if parts.data.tokens:
            raise ParameterError(
                "enabled",
                "Input noise adds to numbers; the inputs here are tokens, which stand for words. Dropout with an "
                "input rate strikes out whole words instead.",
            )

    def on_batch(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Return the inputs with noise, in new memory."""
        return torch.empty_like(inputs).normal_(0, self.sigma, generator=self.generator).add_(inputs), targets
