"""python -m trainer RUN_DIR: train the run in a folder, with no server at all.

Reads spec.json and commands.log, appends to events-<attempt>.log. Exit code 0: finished, or saved and
interrupted by SIGTERM; 1: failed, with the reason in the log; 2: called wrongly; 75: a later attempt has begun.
"""

import faulthandler
import gc
import os
import platform
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from trainer import attempts, changes, faults, not_finite, plan
from trainer.budget import Budget
from trainer.checkpoint import Keeper
from trainer.failure import failure
from trainer.loop import train
from trainer.own import kept
from trainer.preparing import bring_data
from trainer.protocol import Failed, Marked, Started
from trainer.reporter import Fenced, Reporter
from trainer.resume import Begun, begin
from trainer.runlog import LogWriter
from trainer.spec import RunSpec
from trainer.steering import Steering

FENCED = 75  # EX_TEMPFAIL of sysexits.h


def main(arguments: list[str]) -> int:
    """Train the run in the folder that is the only argument; return the exit code."""
    if len(arguments) != 1 or not (Path(arguments[0]) / "spec.json").is_file():
        print("usage: python -m trainer RUN_DIR, where RUN_DIR/spec.json says what to train.", file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    kept.look_beside(folder)
    past = attempts.read_history(folder)
    try:
        faults.arm(folder, past.attempts + 1)
    except faults.FaultRefused as error:
        print(error, file=sys.stderr)
        return 2
    faults.reach("trainer.begin")
    log = LogWriter(folder / f"events-{past.attempts + 1}.log")
    reporter = Reporter(
        log,
        full_disk=lambda error: print(f"waiting for the disk: {error}", flush=True),
        fenced=lambda: attempts.fenced(folder, past.attempts + 1),
    )
    try:
        with reporter:
            return attempted(folder, past, reporter)
    except Fenced:
        print("A later attempt has begun; this one ends without a word.", file=sys.stderr, flush=True)
        return FENCED
    finally:
        faults.reach("trainer.end")


def attempted(folder: Path, past: attempts.History, reporter: Reporter) -> int:
    """Make an attempt, say how it failed if it does, and return the exit code."""
    try:
        return attempt(folder, past, reporter)
    except Fenced:
        raise
    except Exception as error:
        told = failure(error, batch_size(folder))
        print(told.traceback or told.reason, file=sys.stderr, flush=True)
        reporter.say(told)
        return 1


def attempt(folder: Path, past: attempts.History, reporter: Reporter) -> int:
    """Make or resume the run, train it to an end, and return the exit code."""
    bring_data(folder, past.attempts + 1)
    begun = begin(folder, past)
    run = begun.run
    not_finite.on_flush(run, reporter)
    budget = Budget(run.assembly.probes, run.assembly.training.budget, time.perf_counter)
    keeper = Keeper(run, reporter, folder, past.attempts + 1)
    replay, resumed = changes.waiting(run) + past.replay(run.answered), past.attempts > 0
    steering = Steering(run, reporter, budget, keeper, folder, replay, resumed, past.reached)
    if run.ended == "stopped":
        steering.stopped_by = past.stopped_by(run.answered)
    run.answered |= past.heard()
    reporter.say(started(begun, past), now=True)
    for told in (*begun.told, *filter(None, [past.damage])):
        reporter.say(Marked(step=run.step, kind="damage", text=told))
    if past.paused_at is not None:
        steering.pause_at(past.paused_at)
    gc.freeze()  # what was imported stays: the collector need not walk through torch while it trains
    with on_signals(steering.leave):
        ended = train(run, reporter, steering, budget, keeper)
    if ended:
        reporter.say(ended)
    return 1 if isinstance(ended, Failed) else 0


@contextmanager
def on_signals(leave: Callable[[], None]) -> Iterator[None]:
    """Call `leave` on SIGTERM and Ctrl-C while a training is under way."""
    before = {one: signal.signal(one, lambda *_: leave()) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def started(begun: Begun, past: attempts.History) -> Started:
    """Return the event that begins an attempt."""
    run = begun.run
    return Started(
        step=run.step,
        attempt=past.attempts + 1,
        spec=run.spec().model_dump(),
        plan=plan.describe(run.assembly, run.data, run.network),
        pid=os.getpid(),
        device=str(run.device),
        versions={"torch": str(torch.__version__), "python": platform.python_version()},
        checkpoint=begun.kept.path.name if begun.kept else "",
        chosen=begun.chosen,
        forgets=past.forgets if begun.chosen else 0,
    )


def batch_size(folder: Path) -> int | None:
    """Return how many samples a step takes, as the spec has it; None when it cannot be read."""
    try:
        return RunSpec.parse((folder / "spec.json").read_text()).training.get("batch_size")
    except (OSError, ValueError):
        return None


if __name__ == "__main__":
    faulthandler.register(signal.SIGUSR1, file=2)  # shows where it hangs; a forked one has it from the fork server
    sys.exit(main(sys.argv[1:]))
