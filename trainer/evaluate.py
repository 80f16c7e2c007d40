"""Loss and metrics of a network over a whole part of the data, without leaving a trace in the training."""

import torch

from trainer.data import Part
from trainer.losses import Loss
from trainer.network import Network

ROWS_AT_ONCE = 4096


@torch.no_grad()
def evaluate(network: Network, loss: Loss, part: Part) -> dict[str, float]:
    """Return {"loss": ..., "accuracy": ...} of a part, in evaluation mode; empty for an empty part."""
    if len(part.targets) == 0:
        return {}
    was_training = network.training
    network.eval()
    outputs = torch.cat([network(rows) for rows in part.inputs.split(ROWS_AT_ONCE)])
    network.train(was_training)
    found = {"loss": loss(outputs, part.targets), **loss.metrics(outputs, part.targets)}
    # one trip to the host for all of them
    return dict(zip(found, torch.stack([one.float() for one in found.values()]).tolist(), strict=True))
