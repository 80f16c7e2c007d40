"""Writes the log of a run as a trainer would, with numbers of one's choice."""

from pathlib import Path
from typing import Any

import numpy as np

from trainer.protocol import AnyEvent, Captured, Epoch, Measured, Started
from trainer.runlog import LogWriter

SPEC: dict[str, Any] = {
    "name": "told",
    "seed": 1,
    "dataset": {"name": "digits", "params": {"scaling": "standard"}},
    "model": {"name": "mlp", "params": {"hidden": [16]}},
    "loss": {"name": "cross_entropy", "params": {}},
    "optimizer": {"name": "sgd", "params": {"lr": 0.05, "momentum": 0.9}},
    "schedule": {"name": "constant", "params": {}},
    "regularizers": {"l2": {"enabled": False, "strength": 0.001}},
    "stopping": {"early": {"enabled": False, "patience": 10}},
    "probes": {"weights": {"enabled": True}},
    "training": {"epochs": 5, "batch_size": 64},
}
PLAN = {"steps_per_epoch": 20, "epochs": 5, "steps": 100, "parameters": 1234}


def write(folder: Path, *events: AnyEvent, attempt: int = 1, batch: int = 1_000_000) -> Path:
    """Append events to the log of an attempt, `batch` at a time; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    writer = LogWriter(folder / f"events-{attempt}.log")
    for begin in range(0, len(events), batch):
        writer.append(events[begin : begin + batch])
    writer.close()
    return writer.path


def started(attempt: int = 1, step: int = 0, **spec: Any) -> Started:
    """Return the event that begins an attempt; keywords replace fields of the spec."""
    return Started(step=step, attempt=attempt, spec=SPEC | spec, plan=PLAN, pid=1, device="cpu")


def measured(steps, probe: str = "loss", **columns) -> Measured:
    """Return numbers at steps; a column's double underscore stands for a dot: loss__data."""
    steps = np.asarray(steps, "<i8")
    packed = {name.replace("__", "."): np.asarray(values, "<f4").tobytes() for name, values in columns.items()}
    return Measured(step=int(steps[-1]), probe=probe, steps=steps.tobytes(), columns=packed)


def captured(
    step: int, name: str = "dense 1.weight", probe: str = "weights", fill: int = 1, **facts: float
) -> Captured:
    """Return a histogram all of whose 64 bins hold `fill`."""
    data = np.full(64, fill, "<u4").tobytes()
    facts = {"low": -1.0, "high": 1.0, "mean": 0.0} | facts
    return Captured(step=step, probe=probe, name=name, shape=[64], dtype="uint32", data=data, facts=facts)


def epoch(number: int, best: bool = False, **metrics: float) -> Epoch:
    """Return the end of an epoch of 20 steps; see `measured` for the names."""
    named = {name.replace("__", "."): value for name, value in metrics.items()}
    return Epoch(step=number * PLAN["steps_per_epoch"], epoch=number, metrics=named, best=best)
