"""What PyTorch's layers begin with when they are not told otherwise."""

import torch
from torch import Tensor

from trainer.inits import Init, fans


class Pytorch(Init):
    """What PyTorch's own layers begin with: a third of LeCun's variance, drawn evenly between two limits.

    w ~ U(-sqrt(1 / n_in), sqrt(1 / n_in))

    Its variance is 1 / (3 n_in), a sixth of He's. PyTorch draws biases alike; here they begin at zero.

    Source: torch.nn.Linear.reset_parameters, https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html
    """

    title = "PyTorch's default"

    def fill(self, weight: Tensor, generator: torch.Generator) -> None:
        """Fill `weight` in place."""
        limit = (1 / fans(weight)[0]) ** 0.5
        weight.uniform_(-limit, limit, generator=generator)
