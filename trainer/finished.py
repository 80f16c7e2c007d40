"""A run that has ended, taken up again to be looked at: its network, its data and its loss, as it was judged."""

from dataclasses import dataclass
from pathlib import Path

import torch

from trainer.assembly import Assembly, assemble
from trainer.checkpoint_read import newest_valid
from trainer.data import Data, prepare
from trainer.datasets import Dataset
from trainer.downloads import Unavailable
from trainer.losses import Loss
from trainer.manifest import Unsound
from trainer.network import Network
from trainer.regularizers import Parts
from trainer.spec import RunSpec
from trainer.splits import bootstrapped


class NotThere(Exception):
    """A run has nothing to be taken up; the text says why."""


@dataclass(frozen=True)
class Ended:
    """A run that has ended: its network in evaluation mode, its data, and its loss without smoothing."""

    network: Network
    data: Data
    loss: Loss
    dataset: Dataset

    @property
    def drawn(self) -> float:
        """The share of the training samples that it has seen: less than 1 where it drew a bootstrap sample."""
        rows = torch.arange(len(self.data.train))
        return len(bootstrapped(self.dataset, rows).unique()) / len(rows)


def take_up(folder: Path, kept: dict[str, Data]) -> Ended:
    """Return a run as its last checkpoint has it.

    `kept`: the data that were prepared before, which runs of the same data share.

    Raises:
        NotThere: there is no whole checkpoint, or its data or network cannot be made any more. Unsound: it is of
            another network than its spec says.
    """
    checkpoint = newest_valid(folder)
    if checkpoint is None:
        raise NotThere(f"Run {folder.name} has no whole checkpoint to take its network from.")
    try:
        assembly, data = _made(checkpoint.spec, kept)
        network = assembly.model.build(data.shape, data.outputs, torch.Generator(), data.tokens)
    except (ValueError, Unavailable) as error:  # own data may have been deleted since; a SpecError is a ValueError
        raise NotThere(f"Run {folder.name} cannot be taken up again: {error}") from None
    for one in assembly.active():  # batch normalization adds layers
        one.generator = torch.Generator()
        one.on_switch(Parts(network, assembly.loss, data, fresh=True), True)
    try:
        network.load_state_dict(checkpoint.network)
    except RuntimeError:
        raise Unsound(f"The checkpoint {checkpoint.path.name} of run {folder.name} is of another network.") from None
    return Ended(network.eval(), data, type(assembly.loss)(**assembly.loss.values()), assembly.dataset)


def _made(spec: RunSpec, kept: dict[str, Data]) -> tuple[Assembly, Data]:
    assembly = assemble(spec)
    key = f"{assembly.dataset.name} {assembly.dataset.values()}"
    if key not in kept:
        kept[key] = prepare(assembly.dataset, torch.device("cpu"))
    assembly.choose_loss(kept[key].kind)
    return assembly, kept[key]
