"""Reading checkpoints: whole and checked, or not at all.

torch reads state.pt without pickle, and only after its sha256 was found to be the one in a sealed manifest.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from trainer import faults
from trainer.manifest import NETWORK, STATE, Line, TooNew, Unsound, newest_first, read_manifest, verify
from trainer.network import plain_name
from trainer.run import Run
from trainer.spec import RunSpec, SpecError

SHOWN = 3  # tensors that differ which are named


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint as read and checked. `spec` has the knobs as they were when it was saved.

    attempt: the one that saved it; 1 where it does not say, as of version 1.
    """

    path: Path
    attempt: int
    step: int
    spec: RunSpec
    network: dict[str, torch.Tensor]
    state: dict[str, Any]

    @property
    def ended(self) -> str:
        """Why the run had come to its end when this was saved, or ""."""
        return self.state.get("ended", "")

    def restore(self, run: Run) -> None:
        """Bring a run that was made from `spec` to where the checkpoint was saved.

        Raises:
            Unsound: it is of another network. The run is of no use then.
        """
        state = self.state
        if faults.reach("checkpoint.load") == "forget":
            state["optimizer"]["state"] = {}
        if told := differences(shapes(self.network), shapes(run.network.state_dict())):
            raise Unsound(f"{self.path.name} is of another network: {told}.")
        try:
            run.network.load_state_dict(self.network)
            run.optimizer.load_state_dict(state["optimizer"])
            run.order_generator.set_state(state["order_generator"])
            for name, one in run.assembly.regularizers.items():
                if (kept := state["generators"].get(name)) is not None:
                    one.part.generator.set_state(kept)
            run.assembly.schedule.load_state(state["schedule"])
            for name, one in run.assembly.stopping.items():
                one.part.load_state(state["stopping"].get(name, one.part.state()))
            for name, one in run.network.named_parameters():
                if (kept := state.get("gradients", {}).get(name)) is not None:
                    one.grad = kept.to(run.device)
            run.step, run.epoch = state["step"], state["epoch"]
            order = None if state["order"] is None else state["order"].to(run.device)
            run.go_to(state["position"], order, state.get("gathered_from", state["position"]))
            run.best, run.best_seen = state["best"], state.get("best_seen")
            run.last_metrics = state["last_metrics"]
            run.answered = set(state["answered"])
            run.bad_loss_marked = state.get("bad_loss_marked", False)
        except (KeyError, TypeError, ValueError, RuntimeError, AttributeError) as error:
            raise Unsound(f"{self.path.name} cannot be taken up: {type(error).__name__}: {error}") from None


def load(path: Path) -> Checkpoint:
    """Return the checkpoint in a folder.

    Raises:
        Unsound: it is damaged, of a newer version, or no checkpoint; nothing was loaded.
    """
    manifest = read_manifest(path)
    verify(path, manifest)
    try:
        network = load_file(path / NETWORK)
        state = torch.load(path / STATE, weights_only=True, map_location="cpu")
    except Exception as error:
        # what a hostile file makes of torch's reader is not foreseen by it: any error means the same
        first = str(error).splitlines()[0][:200] if str(error) else ""
        raise Unsound(f"{path.name} holds what is no checkpoint of ours ({type(error).__name__}: {first})") from None
    try:
        if state["step"] != manifest["step"]:
            raise Unsound(f"{path.name} holds the state of step {state['step']}.")
        return Checkpoint(path, manifest.get("attempt", 1), state["step"], RunSpec.read(state["spec"]), network, state)
    except (KeyError, TypeError) as error:
        raise Unsound(f"{path.name}/{STATE} is incomplete: {error} is missing.") from None
    except SpecError as error:
        raise Unsound(f"{path.name} has a spec that cannot be read: {error}") from None


@dataclass
class Found:
    """The checkpoints from which a run may go on, best first, and a sentence for each that is of no use.

    `orphans`: some were saved by attempts whose logs are not there, so that numbers would be missing before them.
    """

    paths: list[Path]
    told: list[str]
    orphans: bool = False


def on_the_line(folder: Path, before: int | None = None) -> Found:
    """Return the checkpoints with sound manifests on the present line of a run, as it is `before` an attempt.

    Raises:
        TooNew: one was written by a newer Livefit, which has to go on with this run.
    """
    line, found = Line(folder, before), Found([], [])
    order = {}
    for path in newest_first(folder / "checkpoints"):
        try:
            manifest = read_manifest(path)
        except TooNew:
            raise
        except Unsound as error:
            found.told.append(str(error))
            continue
        if (attempt := line.attempt_of(manifest)) not in line.attempts:
            found.told.append(f"{path.name} was saved by attempt {attempt}, whose events-{attempt}.log is not here.")
            found.orphans = True
        elif not line.superseded(manifest):
            order[path] = line.order(path, manifest)
    found.paths = sorted(order, key=order.__getitem__, reverse=True)
    return found


def newest_valid(folder: Path) -> Checkpoint | None:
    """Return the newest whole checkpoint on the present line of the run in a folder, or None."""
    for path in on_the_line(folder).paths:
        try:
            return load(path)
        except Unsound:
            continue
    return None


def shapes(tensors: dict[str, torch.Tensor]) -> dict[str, list[int]]:
    """Return the shape of each tensor by name."""
    return {name: list(one.shape) for name, one in tensors.items()}


def differences(there: dict[str, list[int]], wanted: dict[str, list[int]]) -> str:
    """Return in what the tensors of a checkpoint differ from those that a network wants, or ""."""
    told = [
        f"{plain_name(name)} is {_shape(there.get(name))} there and {_shape(wanted.get(name))} here"
        for name in sorted(there.keys() | wanted.keys())
        if there.get(name) != wanted.get(name)
    ]
    more = f", and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
    return "; ".join(told[:SHOWN]) + more


def _shape(shape: list[int] | None) -> str:
    return "missing" if shape is None else "x".join(map(str, shape)) or "a number"
