"""Writes the logs of runs as trainers would, much faster or much steadier than a network trains."""

import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
from ulid import ULID

from trainer.protocol import AnyEvent, Epoch, Finished, Measured, Started
from trainer.runlog import LogWriter
from trainer.spec import RunSpec

NAMES = ("loss.data", "loss.total", "optimizer.lr")
PLAN = {"steps_per_epoch": 1_000, "epochs": 10_000, "steps": 10_000_000, "parameters": 1_000}


def begin_run(runs: Path, name: str) -> str:
    """Make the folder of a run, before a server looks for it; return its id."""
    folder = runs / str(ULID())
    folder.mkdir(parents=True)
    (folder / "spec.json").write_text(json.dumps(_spec(name)))
    return folder.name


def tell(folders: list[Path], points: int, rate_hz: float) -> None:
    """Append numbers of so many steps to the log of each run, so many times a second, until killed."""
    os.setsid()
    logs = []
    for folder in folders:
        (folder / "trainer.json").write_text(json.dumps(_process()))
        logs.append(LogWriter(folder / "events-1.log"))
        logs[-1].append([_started(folder)])
    step, begun, turn = 0, time.monotonic(), 0
    while True:
        # one run after the other, spread over the tenth of a second: trainers do not beat in time
        log, turn = logs[turn % len(logs)], turn + 1
        time.sleep(max(0.0, begun + turn / rate_hz / len(logs) - time.monotonic()))
        log.append([measured(step + 1, noise(step, points))])
        step += points if turn % len(logs) == 0 else 0


def write_long(folder: Path, steps: int, frame: int, spikes: dict[int, float]) -> None:
    """Write the whole log of a run that has ended: frames of so many steps, epochs of 1,000, spikes where asked."""
    log = LogWriter(folder / "events-1.log")
    log.append([_started(folder)])
    for begin in range(0, steps, frame * 20):
        batch: list[AnyEvent] = []
        for first in range(begin, min(steps, begin + frame * 20), frame):
            values = noise(first, min(frame, steps - first))
            for step in range(first + 1, first + len(values) + 1):
                if step in spikes:
                    values[step - first - 1] = spikes[step]
            batch.append(measured(first + 1, values))
            for epoch in range(first // 1_000 + 1, (first + frame) // 1_000 + 1):
                loss = float(values[-1])
                batch.append(
                    Epoch(step=epoch * 1_000, epoch=epoch, metrics={"train.loss": loss, "validation.loss": loss})
                )
        log.append(batch)
    log.append([Finished(step=steps, reason="completed", epoch=steps // 1_000, metrics={"test.loss": 1.0})])
    log.close()


def noise(first: int, count: int) -> np.ndarray:
    """Return a loss that falls, with noise; float32 (count,)."""
    steps = np.arange(first, first + count)
    return (2 / (1 + steps / 50_000) + 0.1 * np.sin(steps * 12.9898)).astype("<f4")


def measured(first: int, values: np.ndarray) -> Measured:
    """Return a frame of three series from step `first` on."""
    steps = np.arange(first, first + len(values), dtype="<i8")
    columns = dict(zip(NAMES, (values, values * np.float32(1.1), np.full_like(values, 0.01)), strict=True))
    packed = {name: column.tobytes() for name, column in columns.items()}
    return Measured(step=int(steps[-1]), probe="loss", steps=steps.tobytes(), columns=packed)


def _started(folder: Path) -> Started:
    spec = json.loads((folder / "spec.json").read_text())
    return Started(attempt=1, spec=spec, plan=PLAN, pid=os.getpid(), device="cpu")


def _spec(name: str) -> dict[str, Any]:
    return RunSpec.model_validate({"name": name}).model_dump(mode="json")


def _process() -> dict[str, Any]:
    start_time = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return {"pid": os.getpid(), "start_time": start_time, "boot_id": boot, "attempt": 1}
