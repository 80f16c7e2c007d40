"""What earlier attempts of a run left behind: their logs, and the commands that took hold in them."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trainer import faults
from trainer.manifest import event_logs, number_of
from trainer.protocol import (
    OF_SPEC,
    AnyCommand,
    Changed,
    Failed,
    Finished,
    Measured,
    Paused,
    Resumed,
    Started,
    Stop,
    named,
)
from trainer.runlog import LogDamaged, WrittenByNewer, read_all


@dataclass
class History:
    """The past of a run.

    spec: what it began with, as the first attempt said · held: command id -> step at which it took hold · commands:
    each with the byte of commands.log at which it ends · forgets: so many bytes of it hold what a choice left behind
    · reached: the furthest step that was shown · paused_at: the step at which it pauses, or stands paused · over: it
    came to its end · went_on: the last attempt that began after an end, or by choice: ends that earlier ones saved
    hold no more · tried: the newest attempt that began, or said why it could not · damage: what is wrong with
    commands.log, or "" · newer: the log that a newer Livefit wrote, or "".
    """

    attempts: int = 0
    spec: dict[str, Any] | None = None
    held: dict[str, int] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    commands: list[tuple[AnyCommand, int]] = field(default_factory=list)
    forgets: int = 0
    reached: int = 0
    paused_at: int | None = None
    over: bool = False
    went_on: int = 0
    tried: int = 0
    damage: str = ""
    newer: str = ""

    def replay(self, answered: set[str]) -> list[tuple[int, AnyCommand]]:
        """Return the commands that took hold after a checkpoint which had `answered` others, with their steps."""
        return [(self.held[one.id], one) for one, _ in self.commands if one.id in self.held and one.id not in answered]

    def stopped_by(self, taken: set[str]) -> tuple[str, str]:
        """Return who asked for the stop that a checkpoint has `taken` and nobody was told of, and its id."""
        unsaid = (one for one, _ in self.commands if isinstance(one, Stop) and one.id in taken - self.answered)
        return next(((one.by, one.id) for one in unsaid), ("", ""))

    def heard(self) -> set[str]:
        """Return the commands that need no answer any more: they got one that stands, or a choice left them behind."""
        left = {one.id for one, end in self.commands if end <= self.forgets}
        heard = (self.answered | left) - self.held.keys()
        # which of the spec's own changes were taken, the checkpoint alone knows
        return {one for one in heard if not one.startswith(OF_SPEC)}

    def forget(self, step: int, commands: int) -> None:
        """Hear that somebody chose to continue from `step`, when commands.log had so many bytes."""
        # what took hold at that very step the checkpoint has taken, or it came after
        self.held = {one: at for one, at in self.held.items() if at < step}
        self.forgets = max(self.forgets, commands)
        self.reached = step
        self.paused_at, self.over = None, False


def read_history(folder: Path) -> History:
    """Return what a run's logs say of its earlier attempts; what follows damage in a log is not read."""
    past = History()
    for path in event_logs(folder):
        past.attempts = number_of(path)
        try:
            for entry, _ in read_all(path):
                _hear(past, entry.said)
        except WrittenByNewer:
            past.newer = path.name
        except LogDamaged as damage:
            print(damage)
    try:
        past.commands.extend((named(entry.said, one.end), one.end) for entry, one in read_all(folder / "commands.log"))
    except WrittenByNewer:
        past.newer = "commands.log"
    except LogDamaged as damage:
        past.damage = str(damage)
    return past


def fenced(folder: Path, attempt: int) -> bool:
    """Say whether a later attempt has begun: this one was thought dead, and must touch nothing any more."""
    if faults.reach("attempts.fence") == "open":
        return False
    return (folder / f"events-{attempt + 1}.log").exists()


def _hear(past: History, event: Any) -> None:
    if command := getattr(event, "command", ""):
        past.answered.add(command)
    match event:
        case Started():
            if past.over or event.chosen:
                past.went_on = past.attempts
            past.tried, past.over = past.attempts, False
            if event.attempt == 1:
                past.spec = event.spec
            if event.chosen:
                past.forget(event.step, event.forgets)
        case Measured():
            past.reached = max(past.reached, event.step)
        case Failed():
            past.tried = past.attempts
        case Changed() if event.command:
            past.held[event.command] = event.step
        case Paused():
            past.paused_at = event.step
        case Resumed():
            past.paused_at = event.until
        case Finished():
            past.over = True
            past.paused_at = None  # who asks a run that has ended to go on wants to see it go on
