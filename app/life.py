"""The life of a run, in one table: what each status allows, and what moves a run to the next.

    queued ──> starting ──> running <──> paused
      │  ^          │            │  │          │
      │  └───────── interrupted <┴──┼──────────┤     died, or was asked to save itself and go
      v                             v          v
    stopped                 finished · stopped · failed

A status is derived from evidence: the last events of the log, how the process ended (exit.json), and
whether it lives. Nothing here touches a file or a process.
"""

import signal
import time
from dataclasses import dataclass, field
from typing import Any

from app.errors import NotNow
from trainer.protocol import AnyCommand, AnyEvent, Failed, Finished, Interrupted, Paused, Resumed, Started

# what may be asked of a run in each status; the page shows exactly these
ACTIONS: dict[str, tuple[str, ...]] = {
    "queued": ("stop", "delete"),
    "starting": ("stop",),
    "running": ("pause", "step", "stop", "save"),
    "paused": ("resume", "step", "stop", "save"),
    "interrupted": ("restart", "stop", "delete"),
    "finished": ("delete",),
    "stopped": ("restart", "delete"),
    "failed": ("restart", "delete"),
}
TRAINS = frozenset({"starting", "running", "paused"})
OVER = frozenset({"finished", "stopped", "failed"})
# knobs can be turned whenever a trainer is there to hear of it
HEARD_WHILE_IT_TRAINS = frozenset({"change", "swap", "measure", "save", "stop"})
MAX_RESUMES = 5


@dataclass(frozen=True)
class Status:
    """Where a run stands, since when, and why. `position` counts from 1, the next to start."""

    name: str
    reason: str = ""
    hint: str = ""
    position: int | None = None
    since: float = field(default_factory=time.time)

    def as_json(self) -> dict[str, Any]:
        """Return the status as pages and API show it."""
        return {
            "name": self.name,
            "since": self.since,
            "reason": self.reason,
            "hint": self.hint,
            "position": self.position,
            "actions": list(ACTIONS[self.name]),
        }


def after(event: AnyEvent | AnyCommand, when: float) -> Status | None:
    """Return the status that an event leads to, or None when it changes nothing."""
    match event:
        case Started() | Resumed():
            return Status("running", since=when)
        case Paused():
            return Status("paused", f"paused by {event.by}" if event.by else "", since=when)
        case Finished(reason="stopped"):
            return Status("stopped", since=when)
        case Finished():
            return Status("finished", event.reason, since=when)
        case Interrupted():
            hint = "It goes on from its last checkpoint when it is restarted."
            return Status("interrupted", event.reason, hint, since=when)
        case Failed():
            return Status("failed", event.reason, event.hint, since=when)
    return None


def cause_of_death(exit: dict[str, Any] | None, *, same_boot: bool) -> Status:
    """Return the status of a run whose trainer is gone and did not say why.

    Args:
        exit: what exit.json says of this attempt: {"code", "signal", "out_of_memory"}; None without one.
        same_boot: whether the machine is still in the boot in which the trainer was started.
    """
    hint = "It goes on from its last checkpoint."
    if not same_boot:
        return Status("interrupted", "the machine was started anew", hint)
    if exit is None:
        return Status("interrupted", "the trainer is gone; how it ended is not known", hint)
    if exit.get("out_of_memory"):
        return Status("interrupted", "killed: the machine ran out of memory", "Make the batch or the network smaller.")
    if number := exit.get("signal"):
        return Status("interrupted", f"killed, signal {number} ({signal_name(number)})", hint)
    told = f"the trainer ended with code {exit.get('code')} and did not say why"
    return Status("interrupted", told, "The last lines of output.txt in the run's folder say more.")


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
    """Let an action on the run as a whole pass: stop, delete or restart.

    Raises:
        NotNow: the run's status does not allow it; the text says what is possible.
    """
    if action not in ACTIONS[status.name]:
        raise NotNow(f"A run that is {status.name} cannot be asked to {action}.", _possible(status))


def _possible(status: Status) -> str:
    return f"Possible now: {', '.join(ACTIONS[status.name])}."
