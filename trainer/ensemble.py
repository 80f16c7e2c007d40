"""The mean of several predictions, judged like a single one: what Monte-Carlo dropout is at prediction."""

from collections.abc import Callable

import torch
from torch import Tensor

from trainer.data import Part
from trainer.evaluate import pieces
from trainer.losses import Loss


@torch.no_grad()
def judge(
    passes: int, outputs: Callable[[Tensor], Tensor], loss: Loss, part: Part, beat: Callable[[], None]
) -> dict[str, Tensor]:
    """Return metrics of the mean of `passes` predictions: loss, accuracy, ..., and how unsure it is.

    Probabilities are averaged, not outputs. entropy: of the mean prediction, in nats; for numbers deviation: of the
    predictions for a sample from one another, the mean over the samples.

    Args:
        outputs: a network's outputs (batch, outputs) for inputs (batch, *shape), others each time it is called.
        beat: called after each pass.
    """
    means, deviations = [], []
    for rows, _ in pieces(part):
        total = squares = torch.zeros((), dtype=torch.float64, device=rows.device)
        for _ in range(passes):
            seen = loss.predict(outputs(rows))
            total, squares = total + seen, squares + seen.square()
            beat()
        means.append(total / passes)
        deviations.append((squares / passes - means[-1].square()).clamp(min=0).sqrt())
    mean = torch.cat(means)
    found = {"loss": loss(loss.unpredict(mean), part.targets), **loss.metrics(loss.unpredict(mean), part.targets)}
    entropy = loss.entropy(mean)
    return found | ({"deviation": torch.cat(deviations).mean()} if entropy is None else {"entropy": entropy})
