"""Trains runs in forked processes that are steered, paused, killed and resumed at exact steps: torch is imported once.

What is asked reaches a run as the server's commands do, by commands.log, and a kill is a real SIGKILL.
"""

import os
import signal
import sys
import time
import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import sklearn.datasets  # noqa: F401  imported here, and not once in every forked trainer
import torch
import torch._dynamo

from tests.training import curve, of_kind, said, send
from trainer import __main__ as program
from trainer import checkpoint_read, steering
from trainer.protocol import AnyCommand, AnyEvent, Epoch, Finished, Measured, Resume
from trainer.runlog import read_all
from trainer.spec import RunSpec

Script = Mapping[int, Sequence[AnyCommand]]
CRASHED = 70
LONGEST_S = 100  # under the time that a test has; a machine may be very busy


@dataclass(frozen=True)
class Fate:
    """How one attempt ends before its time; `how` is kill, term, paused (killed while it is) or fenced."""

    how: str = ""
    step: int = -1
    fault: str = ""


def kill(step: int) -> Fate:
    """Return the fate of an attempt that is killed before it takes another step than its `step`-th."""
    return Fate("kill", step)


def term(step: int) -> Fate:
    """Return the fate of an attempt that is asked to save itself and go."""
    return Fate("term", step)


def fault(plan: str) -> Fate:
    """Return the fate of an attempt with a planted fault: checkpoint.rename:kill@2."""
    return Fate(fault=plan)


KILLED_WHILE_PAUSED = Fate("paused")


def make(folder: Path, spec: RunSpec) -> Path:
    """Make a run's folder."""
    folder.mkdir(parents=True)
    (folder / "spec.json").write_text(spec.model_dump_json())
    return folder


def live(folder: Path, script: Script, fates: Iterable[Fate] = ()) -> list[AnyEvent]:
    """Train a run through its fates, an attempt each, and then to its end; return all that was said."""
    for fate in fates:
        attempt(folder, script, fate)
    for _ in range(3):
        if attempt(folder, script) == 0 and of_kind(said(folder), Finished):
            return said(folder)
    raise AssertionError((folder / "output.txt").read_text())


def attempt(folder: Path, script: Script = {}, fate: Fate = Fate()) -> int:  # noqa: B006
    """Train one attempt in a process of its own; return its exit code, or minus the signal that ended it."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    code = CRASHED
    try:
        signal.alarm(LONGEST_S)
        out = os.open(folder / "output.txt", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.dup2(out, 1)
        os.dup2(out, 2)
        sys.stdout = sys.stderr = os.fdopen(out, "w", buffering=1)
        _follow(folder, script, fate)
        code = program.main([str(folder)])
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


def _follow(folder: Path, script: Script, fate: Fate) -> None:
    if fate.fault:
        number = len(list(folder.glob("events-*.log"))) + 1
        os.environ |= {"LIVEFIT_TESTING": "1", "LIVEFIT_FAULT": f"{fate.fault}/{number}"}
    listen = steering.Steering.listen

    def followed(self: steering.Steering) -> str | None:
        step = self._run.step
        if step == fate.step and fate.how == "fenced":
            (folder / f"events-{len(list(folder.glob('events-*.log'))) + 1}.log").touch()
        elif step == fate.step:
            os.kill(os.getpid(), signal.SIGKILL if fate.how == "kill" else signal.SIGTERM)
        else:
            ask(folder, script.get(step, ()))
        self._look_at = 0.0
        return listen(self)

    def sleep(seconds: float) -> None:
        # only a run that is paused sleeps here: these have no speed limit
        if fate.how == "paused":
            os.kill(os.getpid(), signal.SIGKILL)
        send(folder, [Resume(id=f"on-{time.monotonic_ns()}")])

    steering.Steering.listen = followed
    steering.time = SimpleNamespace(sleep=sleep, perf_counter=time.perf_counter)


def ask(folder: Path, commands: Iterable[AnyCommand]) -> None:
    """Append commands that were not asked before."""
    known = {entry.said.id for entry, _ in read_all(folder / "commands.log")}
    send(folder, [one for one in commands if one.id not in known])


def check_equal(left: Path, right: Path) -> None:
    """See that two runs have the same curves, epochs, final weights and final state, bit for bit."""
    seen, wanted = said(left), said(right)
    for column in sorted({name for one in of_kind(wanted, Measured) if one.probe == "loss" for name in one.columns}):
        found, whole = _column(seen, column), _column(wanted, column)
        first = next((step for step in sorted(whole) if found.get(step) != whole[step]), None)
        assert first is None, f"{column} differs first at step {first} of {max(whole)}"
        assert found.keys() == whole.keys()
    # by their text, for a NaN does not equal itself
    assert repr(_epochs(seen)) == repr(_epochs(wanted))
    assert repr(of_kind(seen, Finished)[-1].metrics) == repr(of_kind(wanted, Finished)[-1].metrics)
    assert of_kind(seen, Finished)[-1].reason == of_kind(wanted, Finished)[-1].reason
    found, whole = checkpoint_read.newest_valid(left), checkpoint_read.newest_valid(right)
    assert found.step == whole.step
    assert differing(found.network, whole.network) == []
    assert differing(found.state, whole.state) == []


def differing(found: Any, wanted: Any, path: str = "") -> list[str]:
    """Return in which parts two states differ; the spec and the commands that were answered apart."""
    if path in ("/spec", "/answered"):
        return []
    if isinstance(wanted, dict):
        if not isinstance(found, dict) or found.keys() != wanted.keys():
            return [path]
        return [one for key in wanted for one in differing(found[key], wanted[key], f"{path}/{key}")]
    if isinstance(wanted, list | tuple):
        if len(found) != len(wanted):
            return [path]
        return [one for i in range(len(wanted)) for one in differing(found[i], wanted[i], f"{path}/{i}")]
    if isinstance(wanted, torch.Tensor):
        return [] if isinstance(found, torch.Tensor) and _bits(found) == _bits(wanted) else [path]
    return [] if repr(found) == repr(wanted) else [path]


def _bits(tensor: torch.Tensor) -> tuple[torch.Size, bytes]:
    return tensor.shape, tensor.numpy().tobytes()


def _epochs(events: list[AnyEvent]) -> dict[int, dict[str, float]]:
    return {one.epoch: one.metrics for one in of_kind(events, Epoch)}


def _column(events: list[AnyEvent], column: str) -> dict[int, bytes]:
    return curve([one for one in events if not isinstance(one, Measured) or column in one.columns], column)
