"""One run as the server knows it: its folder, its status, and the way to its trainer."""

import asyncio
import json
import logging
import os
import re
import time
from pathlib import Path
from typing import Any, Protocol

from ulid import ULID

from app.captures import Captures
from app.card import measure
from app.errors import Damaged, DiskFull
from app.followed import Followed
from app.life import OVER, Status, check
from app.series import Series
from app.state import RunState
from app.workers.process import Process
from trainer.protocol import AnyCommand, Stop
from trainer.runlog import LogDamaged, LogWriter

LOG = logging.getLogger("livefit.lab")
EXIT_WITHIN_S, EXIT_LOOK_S = 1.0, 0.01
RUN_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")


class Home(Protocol):
    """What a run asks of the lab that it lies in."""

    follower: Any  # gives a run's `Followed`

    def attends(self, run: "Run") -> bool:
        """Say whether somebody stays with the run's trainer."""

    def stopping(self, run: "Run") -> None:
        """Hear that the run shall stop."""


class Run:
    """A run in the lab. `wanted`: it shall train as soon as it can, also after the server was away."""

    def __init__(self, lab: Home, folder: Path, row: dict[str, Any]):
        self.lab = lab
        self.folder = folder
        self.id: str = folder.name
        self.name: str = row["name"]
        self.by: str = row["by"]
        self.created: float = row["created"]
        self.standing: Status = _status(row.get("status") or {})
        self.wanted: bool = row.get("wanted", False)
        self.deleted_at: float | None = row.get("deleted_at")
        self.summary: dict[str, Any] = row.get("summary") or {}
        self.process: Process | None = None
        self.resumes = 0
        self.stop_asked = False
        self._kept = {"tags": row.get("tags") or [], "notes": row.get("notes") or ""}
        self._commands: LogWriter | None = None
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

    def card(self) -> dict[str, Any]:
        """Return the run as a row of the list; one that trains is measured anew."""
        if self.lab.attends(self):
            self.summary = self.summary | measure(self.followed)
        numbers = self.summary
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
            "eta_s": numbers.get("eta_s") if self.standing.name == "running" else None,
            "metrics": numbers.get("metrics", {}),
            "spark": numbers.get("spark", []),
            "dataset": numbers.get("dataset", ""),
            "model": numbers.get("model", ""),
            "optimizer": numbers.get("optimizer", ""),
        }

    def send(self, command: AnyCommand) -> str:
        """Hand a command to the trainer and return its id; the answer comes as an event.

        Raises:
            NotNow: the run's status does not allow it.
            DiskFull, Damaged: the command cannot be written.
        """
        check(self.standing, command)
        command.id = str(ULID())
        if isinstance(command, Stop):
            self.lab.stopping(self)
        if self.process or self.standing.name == "starting":
            try:
                self._writer().append([command])
            except LogDamaged as damage:
                raise Damaged(f"The command cannot be written: {damage}") from None
            except OSError as error:
                raise DiskFull(f"The command cannot be written: {error.strerror}.") from None
        return command.id

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
        self.stop_asked = False

    def row(self) -> dict[str, Any]:
        """Return the run's columns in the catalogue."""
        status = self.standing
        kept = {"name": status.name, "reason": status.reason, "hint": status.hint, "since": status.since}
        return {
            "id": self.id, "name": self.name, "by": self.by, "created": self.created, "updated": time.time(),
            "status": kept, "wanted": self.wanted, "queue_position": status.position,
            "deleted_at": self.deleted_at, "summary": self.summary, **self._kept,
        }  # fmt: skip

    @property
    def over(self) -> bool:
        """Whether the run came to an end of its own."""
        return self.standing.name in OVER

    def _writer(self) -> LogWriter:
        if not self._commands:
            self._commands = LogWriter(self.folder / "commands.log")
        return self._commands


def new_folder(runs: Path, spec: dict[str, Any]) -> Path:
    """Make the folder of a new run with its spec in it, on the disk for good.

    Raises:
        DiskFull: it cannot be written.
    """
    folder = runs / str(ULID())
    try:
        folder.mkdir()
        with (folder / "spec.json").open("w") as file:
            json.dump(spec, file, indent=1, ensure_ascii=False, allow_nan=False)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise DiskFull(f"The run's folder cannot be written: {error.strerror}.") from None
    return folder


def attempts_of(folder: Path) -> int:
    """Return how many attempts a run has had."""
    return max((_number(one) for one in folder.glob("events-*.log")), default=0)


def exit_of(folder: Path, attempt: int) -> dict[str, Any] | None:
    """Return what exit.json says of an attempt: {"code", "signal", "out_of_memory", "time"}; None without one."""
    try:
        how = json.loads((folder / "exit.json").read_text())
    except (OSError, ValueError):
        return None
    return how if how.get("attempt") == attempt else None


async def exit_known(folder: Path, attempt: int) -> dict[str, Any] | None:
    """Return what exit.json says of an attempt whose process has just ended; waits a second for it at most."""
    for _ in range(int(EXIT_WITHIN_S / EXIT_LOOK_S)):
        if how := exit_of(folder, attempt):
            return how
        await asyncio.sleep(EXIT_LOOK_S)
    return None


def found_folders(runs: Path) -> list[Path]:
    """Return the folders that hold a run, oldest first; also those that somebody copied in."""
    return sorted(one for one in runs.iterdir() if RUN_ID.fullmatch(one.name) and (one / "spec.json").is_file())


def row_of_folder(folder: Path) -> dict[str, Any]:
    """Return catalogue columns for a folder that the catalogue does not know.

    Raises:
        ValueError: its spec.json cannot be read.
    """
    spec = json.loads((folder / "spec.json").read_text())
    return {"name": str(spec.get("name", ""))[:200], "by": "", "created": ULID.from_str(folder.name).timestamp}


def _status(kept: dict[str, Any]) -> Status:
    fields = {key: kept[key] for key in ("name", "reason", "hint", "since") if key in kept}
    return Status(**fields) if fields.get("name") else Status("interrupted", "was never started")


def _number(log: Path) -> int:
    text = log.stem.removeprefix("events-")
    return int(text) if text.isdecimal() else 0
