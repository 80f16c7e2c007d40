"""The weights of another run's checkpoint, with which a run begins: `start` in a spec.

The server copies network.safetensors and its manifest into the new run's folder, as start/, so that the folder stays
whole by itself. Whether the weights fit is asked before anything is queued.
"""

from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor

from trainer.checkpoint_read import differences, shapes
from trainer.manifest import NETWORK, Unsound, read_manifest, verify
from trainer.network import Network

FOLDER = "start"


def check(folder: Path, name: str, wanted: dict[str, Tensor]) -> None:
    """See that the network of a checkpoint is whole, and has the tensors that are wanted. Reads no weight.

    Raises:
        Unsound: it is not, or has not; the text names the checkpoint by `name`.
    """
    _verify(folder, name)
    try:
        with safe_open(folder / NETWORK, "pt") as file:
            there = {key: file.get_slice(key).get_shape() for key in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise Unsound(f"{NETWORK} of {name} cannot be read: {error}.") from None
    if told := differences(there, shapes(wanted)):
        raise Unsound(f"The weights of {name} do not fit this network: {told}. Take the model they were trained in.")


def load_into(network: Network, run_folder: Path) -> None:
    """Give a network the weights that lie in its run's folder.

    Raises:
        Unsound: they are missing, damaged, or of another network; the network is as it was.
    """
    folder = run_folder / FOLDER
    check(folder, FOLDER, network.state_dict())
    network.load_state_dict(load_file(folder / NETWORK))


def _verify(folder: Path, name: str) -> None:
    # in a run's folder it is called start, and its manifest says what it was called
    try:
        verify(folder, read_manifest(folder, named=folder.name != FOLDER), (NETWORK,))
    except Unsound as error:
        raise Unsound(f"{name} cannot be used to start from. {error}") from None
