"""What earlier attempts of a run left behind: their logs, and the commands that took hold in them."""

from dataclasses import dataclass, field
from pathlib import Path

from trainer.protocol import AnyCommand, Changed, Finished, Paused, Resumed
from trainer.runlog import LogDamaged, read_all


@dataclass
class History:
    """The past of a run.

    held: command id -> step at which it took hold · paused_at: the step at which it pauses, or stands
    paused · damage: what is wrong with commands.log, or "".
    """

    attempts: int = 0
    held: dict[str, int] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    commands: list[AnyCommand] = field(default_factory=list)
    paused_at: int | None = None
    damage: str = ""

    def replay(self, answered: set[str]) -> list[tuple[int, AnyCommand]]:
        """Return the commands that took hold after a checkpoint which had `answered` others, with their steps."""
        return [(self.held[one.id], one) for one in self.commands if one.id in self.held and one.id not in answered]


def event_logs(folder: Path) -> list[Path]:
    """Return a run's event logs, first attempt first."""
    return sorted(folder.glob("events-*.log"), key=lambda path: int(path.stem.removeprefix("events-")))


def read_history(folder: Path) -> History:
    """Return what a run's logs say of its earlier attempts; what follows damage in a log is not read."""
    past = History()
    for path in event_logs(folder):
        past.attempts = int(path.stem.removeprefix("events-"))
        try:
            for entry, _ in read_all(path):
                _hear(past, entry.said)
        except LogDamaged as damage:
            print(damage)
    try:
        past.commands.extend(entry.said for entry, _ in read_all(folder / "commands.log"))
    except LogDamaged as damage:
        past.damage = str(damage)
    return past


def _hear(past: History, event) -> None:
    if command := getattr(event, "command", ""):
        past.answered.add(command)
    if isinstance(event, Changed) and event.command:
        past.held[event.command] = event.step
    if isinstance(event, Paused):
        past.paused_at = event.step
    if isinstance(event, Resumed):
        past.paused_at = event.until
    if isinstance(event, Finished):
        past.paused_at = None  # who asks a run that has ended to go on wants to see it go on
