"""Loss and metrics of a network over a whole part of the data, without leaving a trace in the training."""

import math
from collections.abc import Callable, Iterable, Iterator

import torch
from torch import Tensor

from trainer.component import Component, ParameterError, no_such
from trainer.data import Data, Part
from trainer.losses import Loss
from trainer.network import Network

ROWS_AT_ONCE = 4096
NUMBERS_AT_ONCE = 2**24  # 64 MB of inputs: what is stored small becomes floats here

Judge = Callable[[Network, Loss, Part, Callable[[], None]], dict[str, Tensor]]


@torch.no_grad()
def evaluate(
    network: Network,
    loss: Loss,
    part: Part,
    beat: Callable[[], None],
    judges: Iterable[Judge] = (),
    *,
    held_out: bool = False,
    look: Callable[[Tensor], None] | None = None,
) -> dict[str, float]:
    """Return {"loss": ..., "accuracy": ...} of a part, in evaluation mode; empty for an empty part.

    `beat` is called between the pieces of a large part; `judges` return further metrics, and a part that is held out
    is ranked as well: auc. `look` is shown the outputs (n, outputs) when all is done.
    """
    if len(part.targets) == 0:
        return {}
    was_training = network.training
    network.eval()
    seen = []
    for inputs, _ in pieces(part):
        seen.append(network(inputs))
        beat()
    outputs = torch.cat(seen)
    network.train(was_training)
    found = {"loss": loss(outputs, part.targets), **loss.metrics(outputs, part.targets)}
    if held_out:
        found |= loss.ranking(outputs, part.targets)
    for judge in judges:
        found |= judge(network, loss, part, beat)
    # one trip to the host for all of them
    numbers = torch.stack([one.float() for one in found.values()]).tolist()
    if look:
        look(outputs)
    return dict(zip(found, numbers, strict=True))


def pieces(part: Part) -> Iterator[tuple[Tensor, Tensor]]:
    """Return (inputs, targets) of a part, as many samples at a time as a network may be given at once."""
    rows = max(1, min(ROWS_AT_ONCE, NUMBERS_AT_ONCE // max(1, math.prod(part.inputs.shape[1:]))))
    return zip(part.inputs.split(rows), part.targets.split(rows), strict=True)


def metric_names(loss: Loss, data: Data) -> list[str]:
    """Return the names of what each epoch will be judged by: train.loss, validation.accuracy, ..."""
    outputs, targets = torch.zeros(1, data.outputs), data.train.targets[:1].cpu()
    found = ["loss", *loss.metrics(outputs, targets)]
    parts = [name for name in ("train", "validation") if len(getattr(data, name).targets)]
    ranked = len(data.validation) and loss.ranks(data.validation.targets, data.outputs) is not None
    return [f"{part}.{name}" for part in parts for name in found] + (["validation.auc"] if ranked else [])


def check_monitor(part: Component, names: list[str]) -> None:
    """See that the metric which a component monitors, if it monitors any, will be there.

    Raises:
        ParameterError: it will not; says which there are.
    """
    monitored = getattr(part, "monitor", None)
    if monitored is not None and monitored not in names:
        raise ParameterError("monitor", no_such(monitored, names, "metric of this run"))
