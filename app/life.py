"""The life of a run, in one table: what each status allows, and which evidence moves a run where.

    queued ──> starting ──────> running <──> paused
      ^  │        │  ┌────────>  │  ^          │
      │  └────> resuming         v  │          v
      │           │           stalled ─────────┤      each that has a trainer may end as one of
      │           v                            v
      └──── interrupted · stopped · failed · finished

A status is derived from evidence: the events of the log, whether steps still come, how the process ended
(exit.json), and whether it lives. Evidence that a status does not know changes nothing, so no late beat overturns
an end; time stamps move nothing at all. Nothing here touches a file or a process.
"""

import signal
import time
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from app.errors import NotNow
from trainer.protocol import AnyCommand, AnyEvent, Failed, Finished, Interrupted, Paused, Resumed, Started

MAX_RESUMES = 5


class Stage(NamedTuple):
    """One status: what may be asked of a run in it (the page shows exactly these), and what moves it where."""

    actions: tuple[str, ...]
    moves: dict[str, str]


# what a trainer says last, and what its end shows when it did not
LAST_WORDS = {"completed": "finished", "ended by a stop": "stopped", "left": "interrupted", "failed": "failed"}
ENDS = {"died": "interrupted", "not launched": "interrupted", "out of memory": "failed", "killed on request": "stopped"}
GONE = LAST_WORDS | ENDS

LIFE: dict[str, Stage] = {
    "queued": Stage(
        ("stop", "delete"),
        {"launched": "starting", "relaunched": "resuming", "cancelled": "stopped", "unusable": "failed"},
    ),
    "starting": Stage(
        ("stop",),
        GONE
        | {"prepares": "starting", "trains": "running", "behind": "resuming", "paused": "paused", "late": "stalled"},
    ),
    "resuming": Stage(
        ("pause", "step", "stop", "save"),
        GONE
        | {"prepares": "resuming", "trains": "running", "behind": "resuming", "paused": "paused", "late": "stalled"},
    ),
    "running": Stage(
        ("pause", "step", "stop", "save"),
        GONE | {"behind": "resuming", "paused": "paused", "late": "stalled"},
    ),
    "paused": Stage(
        ("resume", "step", "stop", "save"),
        GONE | {"trains": "running", "behind": "resuming", "late": "stalled"},
    ),
    "stalled": Stage(
        ("stacks", "pause", "stop", "save"),
        GONE | {"trains": "running", "behind": "resuming", "paused": "paused"},
    ),
    "interrupted": Stage(
        ("restart", "stop", "delete"), {"asked": "queued", "cancelled": "stopped", "unusable": "failed"}
    ),
    "finished": Stage(("delete",), {"asked": "queued"}),  # "Continue from here"; a restart has nothing left to do
    "stopped": Stage(("restart", "delete"), {"asked": "queued"}),
    "failed": Stage(("restart", "delete"), {"asked": "queued"}),
}
ACTIONS: dict[str, tuple[str, ...]] = {name: stage.actions for name, stage in LIFE.items()}
TRAINS = frozenset({"starting", "resuming", "running", "paused", "stalled"})
BEGINS = frozenset({"starting", "resuming"})  # what it has to prepare, it prepares then
OVER = frozenset({"finished", "stopped", "failed"})
# knobs can be turned whenever a trainer is there to hear of it
HEARD_WHILE_IT_TRAINS = frozenset({"change", "swap", "measure", "save", "stop", "stacks"})


@dataclass(frozen=True)
class Status:
    """Where a run stands, since when, and why.

    `position` counts from 1, the next to start; `again_at` is when it is tried again by itself, if it is.
    """

    name: str
    reason: str = ""
    hint: str = ""
    position: int | None = None
    since: float = field(default_factory=time.time)
    again_at: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the status as pages and API show it."""
        return {
            "name": self.name,
            "since": self.since,
            "reason": self.reason,
            "hint": self.hint,
            "position": self.position,
            "again_at": self.again_at,
            "actions": list(ACTIONS[self.name]),
        }


@dataclass(frozen=True)
class Evidence:
    """Something that was seen of a run: its kind, which LIFE knows, and what to say of it."""

    kind: str
    reason: str = ""
    hint: str = ""
    since: float = field(default_factory=time.time)


def moved(status: Status, seen: Evidence) -> Status:
    """Return the status that evidence leads to: the same one when it changes nothing."""
    to = LIFE[status.name].moves.get(seen.kind)
    return Status(to, seen.reason, seen.hint, since=seen.since) if to else status


def told_by(event: AnyEvent | AnyCommand, when: float, *, reached: int = 0) -> Evidence | None:
    """Return what an event shows of the life of its run, or None when nothing.

    Args:
        when: its time stamp, for people to read.
        reached: the furthest step that an earlier attempt has shown: until then this one catches up.
    """
    match event:
        case Started() | Resumed():
            if event.step < reached and not (isinstance(event, Started) and event.chosen):
                return Evidence("behind", f"catches up to step {reached:,}", since=when)
            return Evidence("trains", since=when)
        case Paused():
            return Evidence("paused", f"paused by {event.by}" if event.by else "", since=when)
        case Finished(reason="stopped"):
            return Evidence("ended by a stop", since=when)
        case Finished():
            return Evidence("completed", event.reason, since=when)
        case Interrupted():
            hint = "It goes on from its last checkpoint when it is restarted."
            return Evidence("left", event.reason, hint, since=when)
        case Failed():
            return Evidence("failed", event.reason, event.hint, since=when)
    return None


def cause_of_death(exit: dict[str, Any] | None, *, same_boot: bool, batch_size: int | None = None) -> Evidence:
    """Return what the end of a trainer shows that is gone and did not say why.

    Args:
        exit: what exit.json says of this attempt: {"code", "signal", "out_of_memory", "peak_bytes", "memory_bytes"};
            None without one.
        same_boot: whether the machine is still in the boot in which the trainer was started.
        batch_size: of the run, when it is known, to suggest a smaller one.
    """
    hint = "It goes on from its last checkpoint."
    if not same_boot:
        return Evidence("died", "reboot: the machine was started anew", hint)
    if exit is None:
        return Evidence("died", "the trainer is gone; how it ended is not known", hint)
    if exit.get("out_of_memory"):
        held = f", which held {_bytes(exit['peak_bytes'])}" if exit.get("peak_bytes") else ""
        there = f" of the {_bytes(exit['memory_bytes'])} there are" if held and exit.get("memory_bytes") else ""
        reason = f"out of memory: the kernel killed the trainer (signal 9){held}{there}"
        return Evidence("out of memory", reason, smaller(batch_size))
    if number := exit.get("signal"):
        return Evidence("died", f"killed, signal {number} ({signal_name(number)})", hint)
    told = f"the trainer ended with code {exit.get('code')} and did not say why"
    return Evidence("died", told, "The last lines of output.txt in the run's folder say more.")


def smaller(batch_size: int | None) -> str:
    """Return what to do when memory does not suffice."""
    if batch_size is None or batch_size < 2:
        return "Make the batch, the network or the data smaller."
    return f"The batch size is {batch_size} now: try {batch_size // 2}, or a smaller network."


def signal_name(number: int) -> str:
    """Return a signal's name, as in SIGKILL."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"


def pause_before_resume(resumes: int) -> float:
    """Return how many seconds to wait before resume number `resumes`: 1, 2, 4, 4, 4."""
    return min(2.0 ** (resumes - 1), 4.0)


def check(status: Status, command: AnyCommand) -> None:
    """Let a command pass that the run's status allows.

    Raises:
        NotNow: it does not; the text says what is possible.
    """
    kind = type(command).__name__.lower()
    if kind in ACTIONS[status.name] or (status.name in TRAINS and kind in HEARD_WHILE_IT_TRAINS):
        return
    if status.name in TRAINS:
        raise NotNow(f"The run is {status.name}, so there is nothing to {kind}.", _possible(status))
    raise NotNow(f"The run is {status.name}: no trainer is there to hear {kind!r}.", _possible(status))


def check_action(status: Status, action: str) -> None:
    """Let an action on the run as a whole pass: stop, delete, restart or stacks.

    Raises:
        NotNow: the run's status does not allow it; the text says what is possible.
    """
    if action not in ACTIONS[status.name] and not (status.name in TRAINS and action in HEARD_WHILE_IT_TRAINS):
        raise NotNow(f"A run that is {status.name} cannot be asked to {action}.", _possible(status))


def _possible(status: Status) -> str:
    return f"Possible now: {', '.join(ACTIONS[status.name])}."


def _bytes(count: int) -> str:
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.0f} MiB"
