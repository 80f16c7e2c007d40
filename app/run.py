"""One run as the server knows it: its folder, its status, and the way to its trainer."""

import asyncio
import logging
import time
from pathlib import Path
from typing import Any, Protocol

from ulid import ULID

from app.captures import Captures
from app.card import measure, own_data
from app.diagnosis.level import read_level, write_level
from app.disk import unwritable
from app.errors import Damaged, LivefitError, NoSuchRun, NotNow
from app.followed import Followed
from app.life import LIFE, OVER, Status, check
from app.run_folder import attempts_of, exit_of, unusable_spec
from app.series import Series
from app.state import RunState
from app.workers.process import Process
from trainer.protocol import AnyCommand, Stop
from trainer.runlog import LogDamaged, LogWriter

LOG = logging.getLogger("livefit.lab")


class Home(Protocol):
    """What a run asks of the lab that it lies in."""

    follower: Any  # gives a run's `Followed`
    group_names: dict[str, str]
    data_names: dict[str, str]

    def attends(self, run: "Run") -> bool:
        """Say whether somebody stays with the run's trainer."""

    def stopping(self, run: "Run") -> None:
        """Hear that the run shall stop."""


class Run:
    """A run in the lab.

    wanted: it shall train as soon as it can, also after the server was away · known: the catalogue had it · group_id,
    label, place: the group that it belongs to, as which variant, and at which place · resumes: how often in a row it
    was resumed by itself without getting further · stop_asked: the id of the command to stop, while its trainer lives ·
    asked_at: when it was last asked something that nothing has answered (monotonic).
    """

    def __init__(self, lab: Home, folder: Path, row: dict[str, Any]):
        self.lab = lab
        self.folder = folder
        self.id: str = folder.name
        self.name: str = row["name"]
        self.by: str = row["by"]
        self.created: float = row["created"]
        self.standing: Status = _status(row.get("status") or {})
        self.known = bool(row.get("status"))
        self.position: int | None = row.get("queue_position")
        self.wanted: bool = row.get("wanted", False)
        self.deleted_at: float | None = row.get("deleted_at")
        self.summary: dict[str, Any] = row.get("summary") or {}
        self.group_id: str | None = row.get("group_id")
        self.label: str = row.get("label") or ""
        self.place: int = row.get("place") or 0
        self.process: Process | None = None
        self.resumes = 0
        self.stop_asked = ""
        self.asked_at: float | None = None
        self._kept = {"tags": row.get("tags") or [], "notes": row.get("notes") or ""}
        self.held = ""  # why it shall not start now: its logs are written anew
        self._commands: LogWriter | None = None
        self._level: tuple[float | None] | None = None  # None until it was read
        self.watchers = 0

    @property
    def status(self) -> dict[str, Any]:
        """The status as pages and API show it."""
        return self.standing.as_json()

    @property
    def followed(self) -> Followed:
        """The run's events, folded; read from its logs when nobody has done so lately."""
        return self.lab.follower.followed(self)

    @property
    def state(self) -> RunState:
        """What the events add up to."""
        return self.followed.state

    @property
    def series(self) -> Series:
        """The run's numbers."""
        return self.followed.series

    @property
    def captures(self) -> Captures:
        """The run's arrays: histograms by probe, tensor and step."""
        return self.followed.captures

    @property
    def reached(self) -> int:
        """The furthest step that an earlier attempt has shown: a later one catches up to it."""
        return self.summary.get("reached", 0)

    @reached.setter
    def reached(self, step: int) -> None:
        self.summary = self.summary | {"reached": step}

    @property
    def level(self) -> float | None:
        """What a person gets, or the best that is possible: what the run is judged against, if somebody has said it."""
        if self._level is None:
            self._level = (read_level(self.folder),)
        return self._level[0]

    def set_level(self, level: float | None) -> None:
        """Set or forget the level.

        Raises:
            DiskFull, Unwritable: it cannot be kept, and stays what it was.
        """
        write_level(self.folder, level)
        self._level = (level,)

    def batch_size(self) -> int | None:
        """Return how many samples a step of this run takes, if that is known."""
        size = self.state["knobs"].get("training", {}).get("batch_size", {}).get("value")
        return size if isinstance(size, int) else None

    def card(self) -> dict[str, Any]:
        """Return the run as a row of the list; one that trains is measured anew. Safe to call from any thread."""
        numbers = self.summary
        # a long log that is still being folded after a restart knows less than what was last known
        if self.lab.attends(self) and self.followed.caught_up:
            numbers = numbers | measure(self.followed, self.level)
            if _on_the_loop():  # on a thread the run may have ended meanwhile, and what it came to is known
                self.summary = numbers
        return {
            "id": self.id,
            "name": self.name,
            "status": self.status,
            "by": self.by,
            "created": self.created,
            "step": numbers.get("step", 0),
            "steps": numbers.get("steps", 0),
            "epoch": numbers.get("epoch", 0),
            "epochs": numbers.get("epochs", 0),
            "eta_s": numbers.get("eta_s") if self.standing.name in ("running", "resuming") else None,
            "metrics": numbers.get("metrics", {}),
            "spark": numbers.get("spark", []),
            "damage": numbers.get("damage", ""),
            "finding": numbers.get("finding", ""),
            "dataset": numbers.get("dataset", ""),
            "dataset_name": self.lab.data_names.get(numbers.get("data", ""), ""),
            "model": numbers.get("model", ""),
            "optimizer": numbers.get("optimizer", ""),
            "group": self.group_id,
            "group_name": self.lab.group_names.get(self.group_id or "", ""),
            "label": self.label,
            "place": self.place,
        }

    def check_goes_on(self) -> None:
        """Let a run that does not train be queued for another attempt, whatever it came to.

        Raises:
            NoSuchRun: it was deleted. NotNow: it trains, or has a spec.json that cannot be used.
        """
        if self.deleted_at:
            told = f"The run {self.id} was deleted meanwhile, so it cannot go on."
            raise NoSuchRun(told, "Restore it from the trash first.")
        if "asked" not in LIFE[self.standing.name].moves:
            raise NotNow(f"The run is {self.standing.name}.", "Stop it first.")
        if problem := unusable_spec(self.folder):
            raise NotNow(problem, "Bring spec.json back from a copy, or start a new run.")

    def send(self, command: AnyCommand) -> str:
        """Hand a command to the trainer and return its id; the answer comes as an event.

        Raises:
            NotNow: the run's status does not allow it.
            DiskFull, Unwritable, Damaged: the command cannot be written.
        """
        check(self.standing, command)
        command.id = str(ULID())
        if isinstance(command, Stop):
            if self.lab.attends(self):
                self.stop_asked = command.id
            self.lab.stopping(self)
        if self.process or self.lab.attends(self):
            self._append(command)
        return command.id

    def repeat_stop(self) -> None:
        """Ask the trainer to stop once more, because it has refused what was asked before it was there."""
        again = Stop(id=str(ULID()))
        self.stop_asked = again.id
        try:
            self._append(again)
        except LivefitError as error:
            LOG.warning("run %s: %s", self.id, error.detail)  # it is told to end by a signal, a little later

    def _append(self, command: AnyCommand) -> None:
        try:
            self._writer().append([command])
        except LogDamaged as damage:
            raise Damaged(f"The command cannot be written: {damage}") from None
        except OSError as error:
            raise unwritable(error, "The command") from None
        self.asked_at = self.asked_at or time.monotonic()

    def watch(self, change: int) -> None:
        """Count the browsers that watch: probes run at full rate only while there is one."""
        before, self.watchers = self.watchers, max(0, self.watchers + change)
        if bool(before) == bool(self.watchers):
            return
        try:
            if self.watchers:
                (self.folder / "watched").touch()
            else:
                (self.folder / "watched").unlink(missing_ok=True)
        except OSError as error:
            # the page is shown all the same; probes look at the rate they had
            LOG.warning("run %s: %s cannot be told that it is watched: %s", self.id, self.folder, error)

    def next_attempt(self) -> int:
        """Return the number that the next attempt will have."""
        return attempts_of(self.folder) + 1

    def exit(self, attempt: int) -> dict[str, Any] | None:
        """Return how an attempt's process ended, or None while that is not known."""
        return exit_of(self.folder, attempt)

    def rest(self) -> None:
        """Close what is open only while a trainer listens."""
        if self._commands:
            self._commands.close()
        self._commands = None
        self.process = None
        self.stop_asked = ""
        self.asked_at = None

    def row(self) -> dict[str, Any]:
        """Return the run's columns in the catalogue."""
        status = self.standing
        kept = {"name": status.name, "reason": status.reason, "hint": status.hint, "since": status.since}
        return {
            "id": self.id, "name": self.name, "by": self.by, "created": self.created, "updated": time.time(),
            "status": kept, "wanted": self.wanted, "queue_position": status.position,
            "deleted_at": self.deleted_at, "summary": self.summary, "group_id": self.group_id, "label": self.label,
            "place": self.place, **self._kept,
        }  # fmt: skip

    @property
    def over(self) -> bool:
        """Whether the run came to an end of its own."""
        return self.standing.name in OVER

    def _writer(self) -> LogWriter:
        if not self._commands:
            self._commands = LogWriter(self.folder / "commands.log")
        return self._commands


def new_run(
    lab: Home, folder: Path, planned: dict[str, Any], by: str, group: str | None = None, label: str = "", place: int = 0
) -> Run:
    """Return the run of a folder that was just made for a planned spec, as it is before it is queued."""
    spec, plan = planned["spec"], planned["plan"]
    row = {"name": spec["name"], "by": by, "created": time.time(), "wanted": True, "status": {"name": "queued"}}
    row |= {"group_id": group, "label": label, "place": place}
    row["summary"] = {part: spec[part]["name"] for part in ("dataset", "model", "optimizer")}
    row["summary"] |= {"data": own_data(spec), **{key: plan[key] for key in ("steps", "epochs")}}
    return Run(lab, folder, row)


def _on_the_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _status(kept: dict[str, Any]) -> Status:
    fields = {key: kept[key] for key in ("name", "reason", "hint", "since") if key in kept}
    return Status(**fields) if fields.get("name") else Status("interrupted", "was never started")
