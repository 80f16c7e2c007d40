"""Checkpoints: everything that makes the next step, written whole or not at all.

checkpoints/step-<n>/ holds network.safetensors (weights and buffers), state.pt (optimizer, generators,
schedule, stopping, order of the epoch, knobs as a spec) and manifest.json with the sha256 of both.
It is written under a temporary name, synced and renamed; the log is made durable before the rename, so
that a checkpoint is never newer than what is known of the run.
"""

import hashlib
import io
import json
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from msgspec import structs
from safetensors.torch import load_file
from safetensors.torch import save as safetensors_of

from trainer.protocol import Marked, Saved
from trainer.reporter import Reporter
from trainer.run import Run
from trainer.spec import RunSpec

TRIES, RETRY_S = 10, 0.5  # of a checkpoint that the run cannot end without
KEPT_OF_ITSELF = 2  # checkpoints saved by time that are kept, the newest


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint as read and checked. `spec` has the knobs as they were when it was saved."""

    path: Path
    step: int
    spec: RunSpec
    network: dict[str, torch.Tensor]
    state: dict[str, Any]

    def restore(self, run: Run) -> None:
        """Bring a run that was made from `spec` to where the checkpoint was saved."""
        run.network.load_state_dict(self.network)
        run.optimizer.load_state_dict(self.state["optimizer"])
        run.order_generator.set_state(self.state["order_generator"])
        for name, one in run.assembly.regularizers.items():
            if (kept := self.state["generators"].get(name)) is not None:
                one.part.generator.set_state(kept)
        run.assembly.schedule.load_state(self.state["schedule"])
        for name, one in run.assembly.stopping.items():
            one.part.load_state(self.state["stopping"].get(name, {}))
        run.step, run.epoch, run.position = self.state["step"], self.state["epoch"], self.state["position"]
        run.order = None if self.state["order"] is None else self.state["order"].to(run.device)
        run.best = self.state["best"]
        run.last_metrics = self.state["last_metrics"]
        run.answered = set(self.state["answered"])


class Keeper:
    """Saves a run's checkpoints, when asked and every so many seconds."""

    def __init__(self, run: Run, reporter: Reporter, folder: Path):
        self._run, self._reporter = run, reporter
        self._folder = folder / "checkpoints"
        self._saved = time.perf_counter()
        for half_written in self._folder.glob(".step-*.tmp"):
            shutil.rmtree(half_written)

    def tick(self, now: float) -> None:
        """Save when it is time to; a disk that does not take it is tried again when it is time once more."""
        every = self._run.assembly.training.checkpoint_every
        if every and now - self._saved >= every:
            self._saved = now
            try:
                self.save("auto")
                self._prune()
            except OSError as error:
                told = f"No checkpoint could be written: {error.strerror}. It is tried again in {every:g} s."
                self._reporter.say(Marked(step=self._run.step, kind="disk", text=told))

    def insist(self, name: str, metrics: dict[str, float] | None = None) -> None:
        """Save, and try again for a while when the disk does not take it.

        Raises:
            OSError: it still does not.
        """
        for _ in range(TRIES):
            try:
                return self.save(name, metrics=metrics)
            except OSError as error:
                print(f"waiting for the disk: {error}", flush=True)
                time.sleep(RETRY_S)
        return self.save(name, metrics=metrics)

    def save(self, name: str, command: str = "", metrics: dict[str, float] | None = None) -> None:
        """Save a checkpoint and say so.

        Raises:
            OSError: the disk did not take it; what was there before is untouched.
        """
        run = self._run
        path = self._free_path(run.step)
        temporary = path.with_name(f".{path.name}.tmp")
        try:
            saved = self._write(temporary, name, command, metrics)
            self._reporter.sync()
            temporary.rename(path)
        except OSError:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
        sync(self._folder)
        self._saved = time.perf_counter()
        self._reporter.say(structs.replace(saved, path=f"checkpoints/{path.name}"), now=True)

    def _write(self, temporary: Path, name: str, command: str, metrics: dict[str, float] | None) -> Saved:
        run = self._run
        temporary.mkdir(parents=True)
        network = {key: one.detach().contiguous() for key, one in run.network.state_dict().items()}
        state = io.BytesIO()
        torch.save(snapshot(run) | {"answered": sorted({*run.answered, command} - {""})}, state)
        # written by Python: both libraries have errors of their own for a full disk
        (temporary / "network.safetensors").write_bytes(safetensors_of(network))
        (temporary / "state.pt").write_bytes(state.getbuffer())
        files = {one.name: sha256(one) for one in (temporary / "network.safetensors", temporary / "state.pt")}
        told = run.last_metrics if metrics is None else metrics
        manifest = {"version": 1, "name": name, "step": run.step, "time": time.time(), "files": files, "metrics": told}
        (temporary / "manifest.json").write_text(json.dumps(manifest))
        size = sum(one.stat().st_size for one in temporary.iterdir())
        for one in temporary.iterdir():
            sync(one)
        told_hash = files["network.safetensors"]
        return Saved(step=run.step, name=name, path="", sha256=told_hash, size=size, metrics=told, command=command)

    def _free_path(self, step: int) -> Path:
        self._folder.mkdir(exist_ok=True)
        path, copy = self._folder / f"step-{step}", 1
        while path.exists():
            copy += 1
            path = self._folder / f"step-{step}.{copy}"
        return path

    def _prune(self) -> None:
        own = [path for path in newest_first(self._folder) if read_manifest(path).get("name") == "auto"]
        for path in own[KEPT_OF_ITSELF:]:
            shutil.rmtree(path)


def snapshot(run: Run) -> dict[str, Any]:
    """Return all of a run but its network and answered commands, in types that torch loads without pickle."""
    assembly = run.assembly
    return {
        "spec": run.spec().model_dump(),
        "optimizer": run.optimizer.state_dict(),
        "order_generator": run.order_generator.get_state(),
        "generators": {name: one.part.generator.get_state() for name, one in assembly.regularizers.items()},
        "schedule": assembly.schedule.state(),
        "stopping": {name: one.part.state() for name, one in assembly.stopping.items()},
        "step": run.step,
        "epoch": run.epoch,
        "position": run.position,
        "order": run.order,
        "best": run.best,
        "last_metrics": run.last_metrics,
    }


def newest_valid(folder: Path) -> Checkpoint | None:
    """Return the newest checkpoint of a run's folder that is whole, or None; damaged ones are passed over."""
    for path in newest_first(folder / "checkpoints"):
        files = read_manifest(path).get("files", {})
        if files and all((path / name).is_file() and sha256(path / name) == said for name, said in files.items()):
            state = torch.load(path / "state.pt", weights_only=True, map_location="cpu")
            return Checkpoint(
                path, state["step"], RunSpec.read(state["spec"]), load_file(path / "network.safetensors"), state
            )
    return None


def newest_first(folder: Path) -> list[Path]:
    """Return the checkpoints in a folder, by step and then by copy, newest first."""

    def order(path: Path) -> tuple[int, int]:
        step, _, copy = path.name.removeprefix("step-").partition(".")
        return int(step), int(copy or 1)

    return sorted(folder.glob("step-*"), key=order, reverse=True)


def read_manifest(path: Path) -> dict[str, Any]:
    """Return a checkpoint's manifest; empty when there is none that can be read."""
    try:
        return json.loads((path / "manifest.json").read_text())
    except (OSError, ValueError):
        return {}


def sha256(path: Path) -> str:
    """Return the sha256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Make a file, or the names in a folder, durable."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
