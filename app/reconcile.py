"""What a server finds when it starts: derives where each run stands from what its trainer left behind.

The catalogue says only what was last known. A run that was training and whose process is gone is never shown as
running: it is "interrupted" from the first moment, and what its log and exit.json say follows as soon as it is read.
"""

import asyncio
import logging
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from app.attend import Attendant
from app.card import measure
from app.life import OVER, TRAINS, Evidence, Status, moved, told_by
from app.run import Run
from app.run_folder import event_logs, stop_that_waits, unusable_spec
from app.workers.process import Process
from trainer.runlog import LogDamaged, read_all

LOG = logging.getLogger("livefit.lab")


class Owner(Protocol):
    """The lab whose runs are found."""

    def see(self, run: Run, seen: Evidence) -> bool:
        """Let evidence move a run; return whether it did."""

    def settle(self, run: Run, status: Status) -> None:
        """Give a run the status that was derived for it."""

    def again(self, run: Run, pause_s: float) -> None:
        """Let a run go on after a pause."""


class Words(NamedTuple):
    """What the last attempt of a run told of its life: where it stood then, or None when it said nothing."""

    status: Status | None
    damage: str


def finds_alive(run: Run) -> bool:
    """Return whether a trainer of this run, started by an earlier server, still works; it is the run's from now on."""
    process = Process.read(run.folder)
    if not process or not process.alive():
        return False
    run.process, run.resumes = process, process.resumes
    LOG.info("run %s: adopted its trainer, pid %d", run.id, process.pid)
    if run.standing.name not in TRAINS:
        run.standing = Status("starting")
    run.stop_asked = stop_that_waits(run.folder)
    run.wanted = not run.stop_asked
    return True


def provisional(status: Status) -> Status:
    """Return where a run stands whose trainer is gone, until its log is read."""
    if status.name not in TRAINS:
        return status
    return Status("interrupted", "its trainer is gone; what it said last is being read", since=status.since)


async def catch_up(lab: Owner, run: Run) -> None:
    """Find out where a run stands whose trainer was found alive: it went on while no server listened."""
    before = run.standing
    words = await asyncio.to_thread(last_words, run.folder, run.reached)
    if words.status and run.standing is before:
        lab.settle(run, words.status)


async def look_back(lab: Owner, run: Run, believed: Status) -> None:
    """Find out from what it left behind where a run stands that nobody attends.

    Args:
        believed: where the catalogue last knew it.
    """
    before, known = run.standing, run.summary
    words = await asyncio.to_thread(last_words, run.folder)
    measured = await asyncio.to_thread(_measured, run) if words.status else {}
    if run.summary is known:  # or somebody knows better: it has begun another attempt meanwhile
        run.summary = known | measured
    if run.standing is not before:
        return  # somebody has asked something of it meanwhile
    if words.status and words.status.name in OVER:
        lab.settle(run, words.status)
        return
    if problem := await asyncio.to_thread(unusable_spec, run.folder):
        run.wanted = False
        hint = "What it has shown so far stays. Bring spec.json back from a copy, then restart the run; or delete it."
        lab.settle(run, Status("failed", problem, hint))
        return
    if run.known and believed.name == "interrupted" and not run.wanted:
        lab.settle(run, believed)  # why it is not tried again stands there already
        return
    process = Process.read(run.folder)
    left_by_itself = words.status is not None and words.status.name == "interrupted"
    if process and not left_by_itself and (believed.name in TRAINS or not words.status or process.same_boot()):
        run.standing = words.status or Status("starting")
        Attendant(lab, run).explain(process)
        return
    lab.settle(run, words.status if left_by_itself else Status("interrupted", _left(words), "It can be restarted."))
    if run.wanted:
        lab.again(run, 0.0)


def _left(words: Words) -> str:
    if words.damage:
        return words.damage
    return "left half done: no trainer is there, and none said how it ended" if words.status else "was never started"


def last_words(folder: Path, reached: int = 0) -> Words:
    """Return what the last attempt of a run told of its life; until `reached` it catches up."""
    status, damage = None, ""
    logs = event_logs(folder)
    try:
        for entry, _ in read_all(logs[-1]) if logs else ():
            if seen := told_by(entry.said, entry.time, reached=reached):
                status = moved(status or Status("starting"), seen)
    except LogDamaged as found:
        damage = str(found)
        LOG.warning("run %s: %s", folder.name, damage)
    return Words(status, damage)


def _measured(run: Run) -> dict[str, Any]:
    return measure(run.followed, run.level)
