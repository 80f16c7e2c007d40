"""How an attempt begins: anew, from the newest checkpoint of the line, or from the one that somebody chose.

chosen.json = {"checkpoint", "attempt", "commands"} says that attempt `attempt` shall go on from that checkpoint, and
how many bytes commands.log had then. It holds until an attempt has said that it began so, or that it could not.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from trainer import start
from trainer.assembly import assemble
from trainer.attempts import History
from trainer.checkpoint_read import Checkpoint, load, on_the_line
from trainer.manifest import ID, TooNew, Unsound
from trainer.run import Run
from trainer.spec import Choice, RunSpec, SpecError

CHOSEN = "chosen.json"
SHOWN = 3  # edits of a spec that are named
UPDATE = "Update Livefit, or go on with it where the run was trained."


class CannotBegin(Exception):
    """A run's folder from which no attempt can begin; nothing of it was changed. `hint` says what to do."""

    def __init__(self, reason: str, hint: str):
        super().__init__(reason)
        self.hint = hint


@dataclass
class Begun:
    """A run that stands where its attempt begins. `told`: which checkpoints were passed over, and why."""

    run: Run
    kept: Checkpoint | None = None
    chosen: bool = False
    told: list[str] = field(default_factory=list)


def begin(folder: Path, past: History) -> Begun:
    """Return the run in a folder, where its next attempt begins; makes `past` forget what a choice leaves behind.

    Raises:
        CannotBegin: spec.json was edited, the folder is incomplete or of a newer version, or what was chosen is
            of no use. SpecError: the spec cannot run.
    """
    if past.newer:
        raise CannotBegin(f"{past.newer} was written by a newer Livefit.", UPDATE)
    asked = _as_decided(_read_spec(folder), past)
    _check_unedited(asked, past)
    if choice := _choice(folder, past):
        begun = _chosen(folder, choice["checkpoint"], asked)
        past.forget(begun.kept.step, choice["commands"])
        return begun
    try:
        found = on_the_line(folder, before=past.attempts + 1)
    except TooNew as error:
        raise CannotBegin(str(error), UPDATE) from None
    for path in found.paths:
        try:
            kept = load(path)
            begun = Begun(_restored(kept, asked), kept, told=found.told)
            # an end that was told, or that somebody went on from, is not to be come to again
            if not past.over and kept.attempt >= past.went_on:
                begun.run.ended = kept.ended
            return begun
        except Unsound as error:
            found.told.append(str(error))
    if found.orphans:
        told = f"This folder is incomplete: {found.told[0]} Was it copied in part?"
        raise CannotBegin(told, "Copy the whole folder again, or launch its spec as a new run.")
    return Begun(_anew(folder, asked), told=found.told)


def _anew(folder: Path, asked: RunSpec) -> Run:
    run = _made(asked)
    if asked.start:
        try:
            start.load_into(run.network, folder)
        except Unsound as error:
            raise CannotBegin(str(error), "Launch the spec anew; the server then copies the weights again.") from None
    return run


def _chosen(folder: Path, name: str, asked: RunSpec) -> Begun:
    try:
        kept = load(folder / "checkpoints" / name)
        return Begun(_restored(kept, asked), kept, chosen=True)
    except Unsound as error:
        told = f"The checkpoint that this run shall continue from cannot be used: {error}"
        hint = "Choose another one, or restart the run: it then goes on from its newest checkpoint that is whole."
        raise CannotBegin(told, hint) from None


def _restored(kept: Checkpoint, asked: RunSpec) -> Run:
    try:
        told = _differences(_fixed(kept.spec), _fixed(asked))
    except SpecError as error:
        raise Unsound(f"{kept.path.name} cannot be taken up: {error}") from None
    if told:
        raise Unsound(f"{kept.path.name} is of another run: {'; '.join(told[:SHOWN])}.")
    run = _made(kept.spec)
    kept.restore(run)
    return run


def _made(spec: RunSpec) -> Run:
    assembly = assemble(spec)
    torch.set_num_threads(assembly.training.threads)
    return Run(spec, assembly)


def _fixed(spec: RunSpec) -> dict[str, Any]:
    assembly = assemble(spec)
    assembly.dataset.settle()  # what was left to it stands decided in a checkpoint
    whole = assembly.spec("", spec.seed).model_dump()
    return {part: whole[part] for part in ("seed", "dataset", "model")}


def _read_spec(folder: Path) -> RunSpec:
    try:
        return RunSpec.parse((folder / "spec.json").read_text())
    except UnicodeDecodeError:
        raise CannotBegin("spec.json is not UTF-8 text.", "Bring the file back from a copy.") from None


def _as_decided(asked: RunSpec, past: History) -> RunSpec:
    """Return a spec with what it left to the data set as the first attempt decided it: files may have come since."""
    before = past.spec.get("dataset", {}) if past.spec else {}
    if before.get("name") != asked.dataset.name:
        return asked
    left = {key for key, value in assemble(asked).dataset.values().items() if value == "auto"}
    params = asked.dataset.params | {key: value for key, value in before.get("params", {}).items() if key in left}
    return asked.model_copy(update={"dataset": Choice(name=asked.dataset.name, params=params)})


def _check_unedited(asked: RunSpec, past: History) -> None:
    # a resumed attempt has its knobs from a checkpoint: what was edited would hold for some of the run, or for nothing
    if past.spec is None:
        return
    now = {"changes": []} | assemble(asked).spec(asked.name, asked.seed, asked.start, asked.changes).model_dump()
    before = {"changes": []} | past.spec
    if asked.loss.name == "auto":
        now = {key: value for key, value in now.items() if key != "loss"}
    if told := _differences({key: value for key, value in before.items() if key != "name"}, now):
        raise CannotBegin(
            f"spec.json was edited after this run began: {'; '.join(told[:SHOWN])}.",
            "Put it back as it was, and turn knobs on the run's page; or launch the edited spec as a new run.",
        )


def _differences(before: Any, now: Any, path: str = "") -> list[str]:
    if isinstance(before, dict) and isinstance(now, dict):
        # a version of Livefit since may have more fields, or fewer
        both = [key for key in before if key in now]
        return [one for key in both for one in _differences(before[key], now[key], f"{path}.{key}" if path else key)]
    return [] if before == now else [f"{path} was {before!r} and is {now!r}"]


def _choice(folder: Path, past: History) -> dict[str, Any] | None:
    try:
        found = json.loads((folder / CHOSEN).read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        found = None
    kinds = {"checkpoint": str, "attempt": int, "commands": int}
    if not isinstance(found, dict) or not all(isinstance(found.get(key), kind) for key, kind in kinds.items()):
        raise CannotBegin(f"{CHOSEN} cannot be read.", "Choose the checkpoint to continue from again.")
    if not ID.fullmatch(found["checkpoint"]):
        raise CannotBegin(f"{CHOSEN} names no checkpoint: {found['checkpoint']!r:.60}.", "Choose one again.")
    return None if past.tried >= found["attempt"] else found
