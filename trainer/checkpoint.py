"""Writing checkpoints: everything that makes the next step, whole or not at all.

checkpoints/step-<n>/ holds network.safetensors (weights and buffers), state.pt (optimizer, gradients, generators,
schedule, stopping, order of the epoch, knobs as a spec) and manifest.json (see `trainer.manifest`). It is written
under a temporary name, synced and renamed; the log is made durable before the rename, so that a checkpoint is
never newer than what is known of the run.
"""

import io
import json
import shutil
import time
from pathlib import Path
from typing import Any

import torch
from msgspec import structs
from safetensors.torch import save as safetensors_of

from trainer import faults, not_finite
from trainer.manifest import NETWORK, STATE, VERSION, Line, Unsound, newest_first, read_manifest, seal, sha256, sync
from trainer.protocol import Marked, Saved
from trainer.reporter import Reporter
from trainer.run import Run

TRIES, RETRY_S = 10, 0.5  # of the checkpoint before an end that was asked for
AGAIN_S = 5.0  # after which one that the disk did not take is tried again
OF_THEMSELVES = frozenset({"auto", "epoch", "best", "interrupted"})


class Keeper:
    """Saves a run's checkpoints: when asked, and by itself as `training` says."""

    def __init__(self, run: Run, reporter: Reporter, folder: Path, attempt: int = 1):
        self._run, self._reporter = run, reporter
        self._run_folder, self._folder, self._attempt = folder, folder / "checkpoints", attempt
        self._saved = time.perf_counter()
        self._saved_step = run.step
        self._not_before = 0.0
        self._line: Line | None = None
        for half_written in self._folder.glob(".step-*.tmp"):
            shutil.rmtree(half_written, ignore_errors=True)

    def tick(self, now: float, epoch_ended: bool, best: bool) -> None:
        """Save after a step when it is time to; a disk that does not take it is tried again after a while."""
        if now < self._not_before or not (name := self._due(now, epoch_ended, best)):
            return
        if not not_finite.is_well(self._run, self._reporter):
            # to know costs a flush: one that is due by time is put off, not asked for in each step
            self._saved, self._not_before = now, 0.0
            return
        try:
            self.save(name)
            self._prune()
            self._not_before = 0.0
        except OSError as error:
            self._not_before = now + AGAIN_S
            told = f"No checkpoint could be written: {error.strerror}. It is tried again in {AGAIN_S:g} s."
            self._reporter.say(Marked(step=self._run.step, kind="disk", text=told))

    def insist(self, name: str, metrics: dict[str, float], ended: str) -> None:
        """Save, and try again for as long as the disk does not take it: a run does not end without its network."""
        told = False
        while True:
            try:
                self.save(name, metrics=metrics, ended=ended)
                return
            except OSError as error:
                if not told:
                    text = f"The last checkpoint could not be written: {error.strerror}. It is tried until it can."
                    self._reporter.say(Marked(step=self._run.step, kind="disk", text=text), now=True)
                told = True
                self._reporter.beat(self._run.step)
                time.sleep(RETRY_S)

    def leave(self) -> None:
        """Save before an end that was asked for; a disk that does not take it costs the steps since the one before."""
        told = ""
        for _ in range(TRIES):
            try:
                self.save("interrupted")
                return
            except OSError as error:
                told = f"No checkpoint could be written: {error.strerror}. The run goes on from the one before."
                time.sleep(RETRY_S)
        self._reporter.say(Marked(step=self._run.step, kind="disk", text=told))

    def save(self, name: str, command: str = "", metrics: dict[str, float] | None = None, ended: str = "") -> None:
        """Save a checkpoint and say so; `ended` says why the run has come to its end, if it has.

        Raises:
            OSError: the disk did not take it; what was there before is untouched.
        """
        run = self._run
        path = self._free_path(run.step)
        temporary = path.with_name(f".{path.name}.{self._attempt}.tmp")
        try:
            saved = self._write(temporary, name, command, run.last_metrics if metrics is None else metrics, ended)
            if faults.reach("checkpoint.sync") != "skip":
                self._reporter.sync()
            faults.reach("checkpoint.rename")
            temporary.rename(path)
        except OSError:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
        sync(self._folder)
        faults.reach("checkpoint.renamed")
        self._saved, self._saved_step = time.perf_counter(), run.step
        self._reporter.say(structs.replace(saved, path=f"checkpoints/{path.name}"), now=True)
        faults.reach("checkpoint.saved")

    def _due(self, now: float, epoch_ended: bool, best: bool) -> str:
        run, asked = self._run, self._run.assembly.training
        if best and asked.checkpoint_best:
            return "best"
        if epoch_ended and asked.checkpoint_epochs and run.epoch % asked.checkpoint_epochs == 0:
            return "epoch"
        by_steps = asked.checkpoint_steps and run.step % asked.checkpoint_steps == 0
        by_time = asked.checkpoint_every and now - self._saved >= asked.checkpoint_every
        late = self._not_before and run.step > self._saved_step  # the disk did not take one that was due
        return "auto" if by_steps or by_time or late else ""

    def _write(self, temporary: Path, name: str, command: str, metrics: dict[str, float], ended: str) -> Saved:
        run = self._run
        faults.reach("checkpoint.write")
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        network = {key: one.detach().contiguous() for key, one in run.network.state_dict().items()}
        state = io.BytesIO()
        torch.save(snapshot(run) | {"answered": sorted({*run.answered, command} - {""}), "ended": ended}, state)
        # written by Python: both libraries have errors of their own for a full disk
        (temporary / NETWORK).write_bytes(safetensors_of(network))
        faults.reach("checkpoint.half")
        (temporary / STATE).write_bytes(state.getbuffer())
        files = {one: sha256(temporary / one) for one in (NETWORK, STATE)}
        manifest = {
            "version": VERSION, "name": name, "attempt": self._attempt, "step": run.step, "epoch": run.epoch,
            "epochs": run.assembly.training.epochs, "time": time.time(), "metrics": metrics, "files": files,
            "sizes": {one: (temporary / one).stat().st_size for one in files},
        }  # fmt: skip
        (temporary / "manifest.json").write_text(json.dumps(manifest | {"seal": seal(manifest)}))
        faults.reach("checkpoint.written")
        size = sum(one.stat().st_size for one in temporary.iterdir())
        for one in (*temporary.iterdir(), temporary):
            sync(one)
        return Saved(
            step=run.step, name=name, path="", sha256=files[NETWORK], size=size, metrics=metrics, command=command
        )

    def _free_path(self, step: int) -> Path:
        if not self._folder.exists():
            self._folder.mkdir()
            sync(self._run_folder)
        path, copy = self._folder / f"step-{step}", 1
        while path.exists():
            copy += 1
            path = self._folder / f"step-{step}.{copy}"
        return path

    def _prune(self) -> None:
        # by attempt first: those of a line that was left have higher steps, and nobody goes on from them
        line = self._line = self._line or Line(self._run_folder)
        own = []
        for path in newest_first(self._folder):
            try:
                manifest = read_manifest(path)
            except Unsound:
                continue  # kept, for somebody may want to look at it
            attempt = line.attempt_of(manifest)
            if manifest["name"] in OF_THEMSELVES and attempt <= self._attempt:
                own.append((not line.superseded(manifest), attempt, manifest["step"], path, manifest["name"]))
        own.sort(key=lambda one: one[:3], reverse=True)
        best = next((path for present, *_, path, name in own if present and name == "best"), None)
        others = [path for *_, path, _ in own if path != best]
        for path in others[self._run.assembly.training.checkpoints_kept :]:
            _remove(path)


def _remove(checkpoint: Path) -> None:
    # under a name that nobody loads, and that is swept: a kill half way must leave no half under its own
    gone = checkpoint.with_name(f".{checkpoint.name}.gone.tmp")
    shutil.rmtree(gone, ignore_errors=True)
    checkpoint.rename(gone)
    shutil.rmtree(gone)


def snapshot(run: Run) -> dict[str, Any]:
    """Return all of a run but its network and answered commands, in types that torch loads without pickle."""
    assembly = run.assembly
    return {
        "spec": run.spec().model_dump(),
        "optimizer": run.optimizer.state_dict(),
        # a swap that transfers moments looks at them
        "gradients": {name: one.grad for name, one in run.network.named_parameters() if one.grad is not None},
        "order_generator": run.order_generator.get_state(),
        "generators": {name: one.part.generator.get_state() for name, one in assembly.regularizers.items()},
        "schedule": assembly.schedule.state(),
        "stopping": {name: one.part.state() for name, one in assembly.stopping.items()},
        "step": run.step,
        "epoch": run.epoch,
        "position": run.position,
        "gathered_from": run.gathered_from,
        "order": run.order,
        "best": run.best,
        "best_seen": run.best_seen,
        "last_metrics": run.last_metrics,
        "bad_loss_marked": run.bad_loss_marked,
    }
