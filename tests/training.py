"""Trains real runs in this process, and reads what they wrote: the hands of the tests of laws."""

import json
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from trainer.__main__ import main
from trainer.attempts import event_logs
from trainer.protocol import AnyCommand, AnyEvent, Finished, Measured
from trainer.runlog import LogWriter, read_all
from trainer.spec import Choice, RunSpec

SMALL = RunSpec(
    name="small",
    dataset=Choice(name="digits"),
    model=Choice(name="mlp", params={"hidden": [16, 16]}),
    optimizer=Choice(name="sgd", params={"lr": 0.05, "momentum": 0.9}),
    training={"epochs": 3, "batch_size": 64, "checkpoint_every": 0.0},
)


def with_fields(spec: RunSpec, **fields) -> RunSpec:
    """Return a spec with some fields replaced, checked anew."""
    return RunSpec.read(spec.model_dump() | fields)


def train(folder: Path, spec: RunSpec = SMALL, commands: Iterable[AnyCommand] = ()) -> list[AnyEvent]:
    """Train a spec in `folder` to its end, with commands waiting from the start; return what was said."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "spec.json").write_text(json.dumps(spec.model_dump()))
    send(folder, commands)
    assert main([str(folder)]) == 0, [one for one in said(folder) if type(one).__name__ == "Failed"]
    return said(folder)


def go_on(folder: Path) -> list[AnyEvent]:
    """Train the run in `folder` on, as its next attempt; return what that attempt said."""
    assert main([str(folder)]) == 0
    return said(folder, event_logs(folder)[-1])


def send(folder: Path, commands: Iterable[AnyCommand]) -> None:
    """Append commands as the server does."""
    writer = LogWriter(folder / "commands.log")
    if waiting := list(commands):
        writer.append(waiting)
    writer.close()


def said(folder: Path, *logs: Path) -> list[AnyEvent]:
    """Return every event in the logs of a run, first attempt first."""
    return [entry.said for log in (logs or event_logs(folder)) for entry, _ in read_all(log)]


def of_kind(events: Iterable[AnyEvent], kind: type) -> list:
    """Return the events of one kind."""
    return [one for one in events if isinstance(one, kind)]


def curve(events: Iterable[AnyEvent], column: str = "loss.total") -> dict[int, bytes]:
    """Return step -> the four bytes of a number: equal only when bit for bit the same. Later attempts win."""
    points = {}
    for one in of_kind(events, Measured):
        if one.probe == "loss":
            values = np.frombuffer(one.columns[column], "<f4")
            points |= {
                int(step): value.tobytes() for step, value in zip(np.frombuffer(one.steps, "<i8"), values, strict=True)
            }
    return points


def ended(events: Iterable[AnyEvent]) -> Finished:
    """Return how a run ended."""
    return of_kind(events, Finished)[-1]


def when(folder: Path, heard: Callable[[AnyEvent], bool], act: Callable[[], None], times: int = 1) -> threading.Thread:
    """Watch a run's logs in a thread, and act once `heard` has accepted so many events."""
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.002):
            if sum(heard(one) for one in said(folder)) >= times:
                act()
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    return watcher
