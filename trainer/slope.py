"""The gradient of what is minimised, over all training samples: how level the ground is where a run stands."""

from collections.abc import Callable

import torch
from torch import Tensor

from trainer.again import chance_kept
from trainer.evaluate import pieces
from trainer.run import Run


def gradient_norm(run: Run, beat: Callable[[], None]) -> float:
    """Return the norm of the gradient of loss and penalties over the training part, in evaluation mode.

    Costs a forward and a backward pass over the part; `beat` is called between the pieces of a large one. Leaves
    weights, gradients and generators as they were.
    """
    network, part = run.network, run.data.train
    was_training = network.training
    network.eval()
    weights = [one for one in network.parameters() if one.requires_grad]
    total: list[Tensor] = [torch.zeros_like(one) for one in weights]

    def add(loss: Tensor) -> None:
        for one, more in zip(total, torch.autograd.grad(loss, weights, allow_unused=True), strict=True):
            if more is not None:
                one.add_(more)

    with chance_kept(run):
        for inputs, targets in pieces(part):
            add(run.assembly.loss(network(inputs), targets) * (len(targets) / len(part.targets)))
            beat()
        for regularizer in run.active:
            if (penalty := regularizer.penalty(network)) is not None:
                add(penalty)
    network.train(was_training)
    return torch.linalg.vector_norm(torch.cat([one.flatten() for one in total])).item()
