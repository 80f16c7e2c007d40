"""What networks come to together: the mean of their predictions, against each of them alone.

The networks of some finished runs are taken from their last checkpoints. Each sees the data as it did in training,
scaled by its own training part: so members that drew their training rows by themselves (bagging) are taken as well.
A part of the data is judged on when all members have the same samples in it, which those of other folds have not.

Source: Breiman 1996, Bagging predictors, https://doi.org/10.1007/BF00058655
"""

import math
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from trainer.data import Data, Part
from trainer.evaluate import pieces
from trainer.finished import NotThere, take_up
from trainer.losses import Loss
from trainer.manifest import Unsound
from trainer.network import Network

JUDGED = ("validation", "test")


class NoEnsemble(Exception):
    """These runs cannot be taken together; the text says why."""


def answer(folders: list[str]) -> dict[str, Any]:
    """Return {"parts": {name: {"samples", "alone", "together"}}, "drawn"} of runs in some folders, or {"problems"}.

    `alone` has the metrics of each run in turn, `together` those of the first 1, 2, ... of them: the last is all;
    `drawn` the share of the training samples that each of them has seen.
    """
    drawn: list[float] = []
    try:
        return {"parts": judge([Path(one) for one in folders], drawn), "drawn": drawn}
    except (NoEnsemble, NotThere, Unsound) as error:
        return {"problems": [{"path": "", "message": str(error)}]}


@torch.no_grad()
def judge(folders: list[Path], drawn: list[float] | None = None) -> dict[str, Any]:
    """Return what networks come to alone and together on each part of the data that they share; see `answer`.

    `drawn`: is filled with the share of the training samples that each has seen.

    Raises:
        NotThere: a run has no whole checkpoint. NoEnsemble: they are of different problems, or share no samples.
        Unsound: a checkpoint is of another network than its spec says.
    """
    kept: dict[str, Data] = {}
    targets: dict[str, Tensor] = {}
    members: dict[str, list[Tensor]] = {name: [] for name in JUDGED}
    loss: Loss | None = None
    outputs = 0
    for folder in folders:
        one = take_up(folder, kept)
        network, data, own = one.network, one.data, one.loss
        if drawn is not None:
            drawn.append(one.drawn)
        if loss is None:
            loss, outputs, targets = own, data.outputs, {name: getattr(data, name).targets for name in JUDGED}
        elif (own.name, data.outputs) != (loss.name, outputs):
            raise NoEnsemble(f"Run {folder.name} is of another kind of problem than the others.")
        for name in JUDGED:
            part = getattr(data, name)
            if name in targets and torch.equal(part.targets, targets[name]):
                members[name].append(_predictions(network, loss, part))
            else:
                targets.pop(name, None)
    judged = {name: one for name, one in targets.items() if len(one)}
    if loss is None or not judged:
        raise NoEnsemble("These runs have no samples in common that none of them was trained on.")
    return {name: _told(loss, torch.stack(members[name]), judged[name]) for name in judged}


def _predictions(network: Network, loss: Loss, part: Part) -> Tensor:
    """Return what is averaged (samples, outputs): probabilities, or numbers where the problem is one of numbers."""
    if not len(part):
        return torch.zeros(0, 1)
    return torch.cat([loss.predict(network(inputs)) for inputs, _ in pieces(part)])


def _told(loss: Loss, members: Tensor, targets: Tensor) -> dict[str, Any]:
    means = members.cumsum(0) / torch.arange(1, len(members) + 1).view(-1, 1, 1)
    return {
        "samples": len(targets),
        "alone": [_metrics(loss, one, targets) for one in members],
        "together": [_metrics(loss, one, targets) for one in means],
    }


def _metrics(loss: Loss, predictions: Tensor, targets: Tensor) -> dict[str, float | None]:
    outputs = loss.unpredict(predictions)
    found = {"loss": loss(outputs, targets), **loss.metrics(outputs, targets)}
    return {name: value if math.isfinite(value := float(one)) else None for name, one in found.items()}
