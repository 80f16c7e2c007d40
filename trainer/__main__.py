"""python -m trainer RUN_DIR: train the run in a folder, with no server at all.

Reads spec.json and commands.log, appends to events-<attempt>.log. Exit code 0: finished, or saved and
interrupted by SIGTERM; 1: failed, with the reason in the log; 2: called wrongly.
"""

import gc
import os
import platform
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from trainer import attempts, plan
from trainer.assembly import assemble
from trainer.budget import Budget
from trainer.checkpoint import Checkpoint, Keeper, newest_valid
from trainer.loop import train
from trainer.protocol import Failed, Marked, Started
from trainer.reporter import Reporter
from trainer.run import Run
from trainer.runlog import LogWriter
from trainer.spec import RunSpec, SpecError
from trainer.steering import Steering

SMALLER = "Make the batch, the network or the data smaller."


def main(arguments: list[str]) -> int:
    """Train the run in the folder that is the only argument; return the exit code."""
    if len(arguments) != 1 or not (Path(arguments[0]) / "spec.json").is_file():
        print("usage: python -m trainer RUN_DIR, where RUN_DIR/spec.json says what to train.", file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    past = attempts.read_history(folder)
    log = LogWriter(folder / f"events-{past.attempts + 1}.log")
    reporter = Reporter(log, full_disk=lambda error: print(f"waiting for the disk: {error}", flush=True))
    try:
        return attempt(folder, past, reporter)
    except Exception as error:
        told = failure(error)
        print(told.traceback or told.reason, file=sys.stderr, flush=True)
        reporter.say(told)
        return 1
    finally:
        reporter.close()


def attempt(folder: Path, past: attempts.History, reporter: Reporter) -> int:
    """Make or resume the run, train it to an end, and return the exit code."""
    kept = newest_valid(folder) if past.attempts else None
    spec = kept.spec if kept else RunSpec.parse((folder / "spec.json").read_text())
    assembly = assemble(spec)
    torch.set_num_threads(assembly.training.threads)
    run = Run(spec, assembly)
    if kept:
        kept.restore(run)
    reporter.on_bad_loss(lambda step: mark_bad_loss(run, reporter, step))
    budget = Budget(assembly.probes, assembly.training.budget, time.perf_counter)
    keeper = Keeper(run, reporter, folder)
    steering = Steering(run, reporter, budget, keeper, folder, past.replay(run.answered), resumed=past.attempts > 0)
    run.answered |= past.answered - past.held.keys()
    reporter.say(started(run, past, kept), now=True)
    if past.damage:
        reporter.say(Marked(step=run.step, kind="damage", text=past.damage))
    if past.paused_at is not None:
        steering.pause_at(past.paused_at)
    gc.freeze()  # what was imported stays: the collector need not walk through torch while it trains
    with on_signals(steering.leave):
        reporter.say(train(run, reporter, steering, budget, keeper))
    return 0


@contextmanager
def on_signals(leave: Callable[[], None]) -> Iterator[None]:
    """Call `leave` on SIGTERM and Ctrl-C while a training is under way."""
    before = {one: signal.signal(one, lambda *_: leave()) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def started(run: Run, past: attempts.History, kept: Checkpoint | None) -> Started:
    """Return the event that begins an attempt."""
    return Started(
        step=kept.step if kept else 0,
        attempt=past.attempts + 1,
        spec=run.spec().model_dump(),
        plan=plan.describe(run.assembly, run.data, run.network),
        pid=os.getpid(),
        device=str(run.device),
        versions={"torch": str(torch.__version__), "python": platform.python_version()},
    )


def mark_bad_loss(run: Run, reporter: Reporter, step: int) -> None:
    """Mark the first step whose loss is not finite, with the first tensor in which that is seen."""
    if run.bad_loss_marked:
        return
    run.bad_loss_marked = True
    tensors = [*run.network.named_parameters(), *((f"{n}.grad", p.grad) for n, p in run.network.named_parameters())]
    bad = (name for name, one in tensors if one is not None and not torch.isfinite(one).all())
    where = next(bad, "").removeprefix("layers.").replace(".linear", "")
    told = f"The loss is not finite at step {step}" + (f"; first seen in {where}." if where else ".")
    reporter.say(Marked(step=step, kind="nan", text=f"{told} A smaller learning rate often helps."))


def failure(error: Exception) -> Failed:
    """Return the event for an exception: its reason in a sentence, and what to do."""
    if isinstance(error, SpecError):
        return Failed(reason=f"The spec cannot run: {error}", hint="Mend the spec and run it again.")
    if isinstance(error, torch.OutOfMemoryError | MemoryError) or "can't allocate memory" in str(error):
        return Failed(reason=f"out of memory: {error}", hint=SMALLER, traceback=traceback.format_exc())
    told = f"{type(error).__name__}: {error}"
    return Failed(reason=told, hint="The log of the run has the traceback.", traceback=traceback.format_exc())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
