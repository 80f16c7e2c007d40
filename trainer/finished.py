"""A run that has ended, taken up again to be looked at: its network, its data and its loss, as it was judged."""

from dataclasses import dataclass
from pathlib import Path

import torch

from trainer.assembly import assemble
from trainer.checkpoint_read import newest_valid
from trainer.data import Data, prepare
from trainer.datasets import Dataset
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
        NotThere: there is no whole checkpoint. Unsound: it is of another network than its spec says.
    """
    checkpoint = newest_valid(folder)
    if checkpoint is None:
        raise NotThere(f"Run {folder.name} has no whole checkpoint to take its network from.")
    spec: RunSpec = checkpoint.spec
    assembly = assemble(spec)
    key = f"{assembly.dataset.name} {assembly.dataset.values()}"
    if key not in kept:
        kept[key] = prepare(assembly.dataset, torch.device("cpu"))
    data = kept[key]
    assembly.choose_loss(data.kind)
    network = assembly.model.build(data.shape, data.outputs, torch.Generator())
    for one in assembly.active():  # batch normalization adds layers
        one.generator = torch.Generator()
        one.on_switch(Parts(network, assembly.loss, data, fresh=True), True)
    try:
        network.load_state_dict(checkpoint.network)
    except RuntimeError:
        raise Unsound(f"The checkpoint {checkpoint.path.name} of run {folder.name} is of another network.") from None
    return Ended(network.eval(), data, type(assembly.loss)(**assembly.loss.values()), assembly.dataset)
