"""What is made worse on purpose, to see what that does: wrong labels to train on, test data from elsewhere."""

import torch
from torch import Tensor

from trainer.chance import generator
from trainer.component import ParameterError
from trainer.datasets import Dataset, Table


def mislabelled(table: Table, dataset: Dataset, rows: Tensor) -> Tensor:
    """Return all targets, of which a share of those in `rows` is drawn anew, each of them as likely as any other.

    A class is drawn among all, so that of 10 classes a tenth of what is drawn anew is right by chance. A number, and
    labels of which several may hold, are dealt out anew among the rows that were picked.
    """
    count = round(dataset.label_noise * len(rows))
    if not count:
        return table.targets
    chance = generator(dataset.split_seed, "label noise")
    picked = rows[torch.randperm(len(rows), generator=chance)[:count]]
    targets = table.targets.clone()
    if table.kind in ("binary", "classes"):
        drawn = torch.randint(len(table.classes), (count,), generator=chance)
        targets[picked] = drawn.to(targets.dtype).view(count, *[1] * (targets.dim() - 1))
    else:
        targets[picked] = targets[picked[torch.randperm(count, generator=chance)]]
    return targets


def moved_by(dataset: Dataset, deviation: Tensor) -> Tensor:
    """Return by how much the test part's inputs move: `test_shift` deviations of the training part.

    All pixels of an image grow brighter alike; each feature of a table goes up or down, as the split's seed has it.
    """
    if deviation.dim() == 0:
        return deviation * dataset.test_shift
    chance = generator(dataset.split_seed, "test shift")
    signs = torch.randint(2, deviation.shape, generator=chance) * 2 - 1
    return deviation * signs * dataset.test_shift


def check_shift(table: Table, dataset: Dataset) -> None:
    """See that what shall move can.

    Raises:
        ParameterError: it cannot.
    """
    if dataset.test_shift and (table.tokens or not isinstance(table.inputs, Tensor)):
        told = f"{dataset.name} is made of words, which have no size that could shift. Use test_shift = 0."
        raise ParameterError("test_shift", told)
