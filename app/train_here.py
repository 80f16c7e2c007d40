"""livefit train: one run in this terminal, with no server. The trainer is a process of its own even here."""

import asyncio
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from app.errors import LivefitError, NotNow
from app.life import cause_of_death
from app.preparing import preparing
from app.run_folder import attempts_of, exit_known, new_folder
from app.workers.local import LocalWorkers
from app.workers.process import Process
from trainer.manifest import number_of
from trainer.protocol import Epoch, Failed, Finished, Interrupted, Measured, Overhead, Saved, Started
from trainer.runlog import LogDamaged, read_entries
from trainer.spec import Problem, RunSpec, SpecError, load

BAD_SPEC = 2
FAILED = 1
STOPPED_BY_CTRL_C = 130
LOOK_EVERY_S = 0.1
PARTS_WITH_PARAMS = {"dataset", "model", "loss", "optimizer", "schedule"}
JUDGED_BY = ("validation.accuracy", "validation.rmse", "train.accuracy", "train.rmse")
SHORT = {"accuracy": "accuracy", "rmse": "RMSE"}


def train_here(spec: str, overrides: list[str], out: Path) -> int:
    """Train a spec, or go on with a run's folder, and return the exit code."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        return asyncio.run(_train(spec, overrides, out))
    except SpecError as error:
        _complain(error.problems)
        return BAD_SPEC
    except OSError as error:
        print(f"{out} cannot be written: {error.strerror}. Name another folder with --out.", file=sys.stderr)
        return FAILED
    except LivefitError as error:
        print(f"{error.detail or error.title} {error.hint}".strip(), file=sys.stderr)
        return FAILED


async def _train(source: str, overrides: list[str], out: Path) -> int:
    folder = Path(source) if (Path(source) / "spec.json").is_file() else None
    if folder and overrides:
        raise SpecError([Problem(path="", message="a run goes on with the spec it has; leave the changes out.")])
    if folder and (process := Process.read(folder)) and process.alive():
        raise NotNow(
            f"A trainer works in {folder} already, pid {process.pid}.", "Stop that one first; it saves itself."
        )
    spec = None if folder else _read(source, overrides)
    console = Console(stderr=True)
    workers = LocalWorkers(out / "forkserver.txt")
    workers.start()
    try:
        with console.status("Importing torch: some seconds"):
            if spec is not None:
                answer = await workers.plan(spec)
                if "problems" in answer:
                    raise SpecError([Problem(**one) for one in answer["problems"]])
                folder = new_folder(out, answer["spec"])
                console.print(_planned(answer["plan"]))
            process = await workers.train(folder.absolute(), attempts_of(folder) + 1)
        return await _watch(folder, process, console)
    finally:
        await workers.close()


async def _watch(folder: Path, process: Process, console: Console) -> int:
    asked: list[float] = []

    def leave() -> None:
        # the second Ctrl-C is from somebody who does not want to wait
        process.send(signal.SIGKILL if asked else signal.SIGTERM)
        asked.append(time.monotonic())

    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, leave)
    ended = asyncio.create_task(process.ended())
    told = Telling(folder / f"events-{process.attempt}.log")
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TextColumn("{task.fields[numbers]}"),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=console, expand=True) as bar:
        task = bar.add_task("epoch 0", total=None, numbers="")
        while True:
            await asyncio.wait([ended], timeout=LOOK_EVERY_S)
            over = ended.done()
            told.look()
            bar.update(
                task, completed=told.step, total=told.steps or None, description=told.where(), numbers=told.numbers()
            )
            if over:
                break
    return await _say_end(folder, process, told, console)


async def _say_end(folder: Path, process: Process, told: "Telling", console: Console) -> int:
    match told.end:
        case Finished():
            numbers = "  ".join(f"{name} {value:.4g}" for name, value in told.end.metrics.items())
            console.print(f"Finished: {told.end.reason}. {numbers}\nKept in {folder}")
            return 0
        case Failed():
            print(f"{told.end.reason} {told.end.hint}".strip(), file=sys.stderr)
            return FAILED
        case Interrupted():
            print(f"Saved at step {told.step}. To go on: livefit train {folder}", file=sys.stderr)
            return STOPPED_BY_CTRL_C
    cause = cause_of_death(await exit_known(folder, process.attempt), same_boot=True)
    print(f"Interrupted: {cause.reason}. To go on: livefit train {folder}", file=sys.stderr)
    return FAILED


class Telling:
    """What the trainer has said so far, as far as a line in a terminal can hold it."""

    def __init__(self, log: Path):
        self.log = log
        self.step = self.steps = self.epoch = self.epochs = 0
        self.metrics: dict[str, float] = {}
        self.end: Finished | Failed | Interrupted | None = None
        self._offset = 0

    def look(self) -> None:
        """Read what was appended since the last look."""
        try:
            for said in self._new():
                self.step = max(self.step, said.step)
                match said:
                    case Started():
                        self.steps, self.epochs = said.plan.get("steps", 0), said.plan.get("epochs", 0)
                        self.epoch = self.step // max(1, said.plan.get("steps_per_epoch", 1))
                    case Epoch():
                        self.epoch = said.epoch
                        self.metrics = said.metrics
                    case Finished() | Failed() | Interrupted():
                        self.end = said
        except LogDamaged as damage:
            self.end = Failed(reason=str(damage))

    def where(self) -> str:
        """Return the epoch, as in 'epoch 3/50'."""
        if self.epochs:
            return f"epoch {self.epoch}/{self.epochs}"
        told = preparing(self.log.parent, number_of(self.log))
        return told.text if told else "starting"

    def numbers(self) -> str:
        """Return the newest loss of the training part and what the validation part is judged by, for one line."""
        loss, name = self.metrics.get("train.loss"), next((one for one in JUDGED_BY if one in self.metrics), None)
        shown = [] if loss is None else [f"loss {loss:.4f}"]
        if name:
            shown.append(f"{SHORT[name.partition('.')[2]]} {self.metrics[name]:.4f}")
        return "  ".join(shown)

    def _new(self) -> Iterator[Any]:
        for entry, one in read_entries(self.log, self._offset):
            self._offset = one.end
            if isinstance(entry.said, Started | Measured | Epoch | Saved | Overhead | Finished | Failed | Interrupted):
                yield entry.said


def _read(source: str, overrides: list[str]) -> dict[str, Any]:
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise SpecError([Problem(path="", message=f"{source} cannot be read: {why}.")]) from None
    spec = load(text)
    if overrides and isinstance(spec, dict):
        for one in overrides:
            override(spec, one)
    return RunSpec.read(spec).model_dump()


def override(spec: dict[str, Any], text: str) -> None:
    """Make a change to a spec that is written as path=value: optimizer.lr=0.1, model.layers.2.kernel=5.

    Raises:
        SpecError: it is written otherwise, or the path leads nowhere.
    """
    path, equals, value = text.partition("=")
    if not equals or not path:
        message = "a change is written as path=value, as in optimizer.lr=0.1."
        raise SpecError([Problem(path=text, message=message)])
    *way, last = path.split(".")
    if way and way[0] in PARTS_WITH_PARAMS and (way[1:] or [last])[0] not in ("name", "params"):
        way.insert(1, "params")
    if not way and last in PARTS_WITH_PARAMS:
        way, last = [last], "name"
    at: Any = spec
    for place, key in enumerate(way):
        at = _inside(at, key, ".".join(way[:place]), path)
    if isinstance(at, list):
        place = _place(at, last, ".".join(way), path)
        at[place] = load(value)
    else:
        at[last] = load(value)


def _inside(at: Any, key: str, here: str, path: str) -> Any:
    """Return what a change goes through on its way: a mapping, or an entry of a list."""
    found = at[_place(at, key, here, path)] if isinstance(at, list) else at.setdefault(key, {})
    if not isinstance(found, dict | list):
        raise SpecError([Problem(path=path, message=f"{key} is a single value; nothing lies below it.")])
    return found


def _place(at: list[Any], key: str, here: str, path: str) -> int:
    if not key.isdigit() or int(key) >= len(at):
        message = f"{here} has {len(at)} entries, numbered from 0; there is no {key}."
        raise SpecError([Problem(path=path, message=message)])
    return int(key)


def _planned(plan: dict[str, Any]) -> str:
    samples = plan["samples"]["train"]
    return (
        f"{plan['parameters']:,} parameters, {samples:,} samples, {plan['steps']:,} steps in {plan['epochs']:,} epochs"
    )


def _complain(problems: list[Problem]) -> None:
    for one in problems:
        print(f"{one.path}: {one.message}" if one.path else one.message, file=sys.stderr)
