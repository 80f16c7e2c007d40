"""A run's folder, as the server finds it on the disk: its spec, its attempts, and how they ended."""

import asyncio
import json
import logging
import math
import os
import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ulid import ULID

from app.checkpoint_files import CHOSEN, copy_start
from app.disk import unwritable
from trainer.protocol import Failed, Started, Stop
from trainer.runlog import HEADER, LogDamaged, read_all, read_entries, sync_folder
from trainer.spec import ID_PATTERN, RunSpec, SpecError

LOG = logging.getLogger("livefit.lab")
EXIT_WITHIN_S, EXIT_LOOK_S = 1.0, 0.01
RUN_ID = re.compile(ID_PATTERN)
CHECKPOINT = re.compile(r"step-(\d+)(\.\d+)?")
GROUP = "group.json"
TEXTS = {"name": 200, "by": 40, "kind": 40, "lesson": 100, "label": 200}  # of group.json, each with its most characters
MEMBERSHIP = {"id": str, "created": float, "asked": dict, "place": int} | dict.fromkeys(TEXTS, str)


def new_folder(
    runs: Path, spec: dict[str, Any], start: Path | None = None, membership: dict[str, Any] | None = None
) -> Path:
    """Make the folder of a new run with its spec in it, on the disk for good.

    `start` is a checkpoint to copy there; `membership` is what group.json says of a run that belongs to a group.

    Raises:
        DiskFull, Unwritable: it cannot be written. BadSpec: the checkpoint is not whole.
    """
    folder = runs / str(ULID())
    try:
        folder.mkdir()
        if start:
            copy_start(start, folder)
        if membership:
            _write(folder / GROUP, membership)
        _write(folder / "spec.json", spec)
        for one in (folder, runs):  # a name is on the disk for good once its folder is
            sync_folder(one)
    except BaseException as error:  # a folder that is left is a run at the next start
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError):
            raise unwritable(error, "The run's folder") from None
        raise
    return folder


def _write(path: Path, value: dict[str, Any]) -> None:
    with path.open("w") as file:
        json.dump(value, file, indent=1, ensure_ascii=False, allow_nan=False)
        file.flush()
        os.fsync(file.fileno())


def attempts_of(folder: Path) -> int:
    """Return how many attempts a run has had."""
    return max((_number(one) for one in folder.glob("events-*.log")), default=0)


def exit_of(folder: Path, attempt: int) -> dict[str, Any] | None:
    """Return what exit.json says of an attempt: {"code", "signal", "out_of_memory", "time"}; None when it says none."""
    try:
        how = json.loads((folder / "exit.json").read_text())
    except (OSError, ValueError):
        return None
    return how if isinstance(how, dict) and how.get("attempt") == attempt else None


async def exit_known(folder: Path, attempt: int) -> dict[str, Any] | None:
    """Return what exit.json says of an attempt whose process has just ended; waits a second for it at most."""
    for _ in range(int(EXIT_WITHIN_S / EXIT_LOOK_S)):
        if how := exit_of(folder, attempt):
            return how
        await asyncio.sleep(EXIT_LOOK_S)
    return None


def trained_s(folder: Path) -> float:
    """Return for how many seconds the attempts of a run have worked so far, pauses included."""
    total = 0.0
    for log in event_logs(folder):
        with suppress(OSError, LogDamaged):
            first = next((entry.time for entry, _ in read_entries(log, 0, HEADER.size)), None)
            total += max(0.0, log.stat().st_mtime - first) if first is not None else 0.0
    return total


def has_progressed(folder: Path, attempt: int) -> bool:
    """Return whether an attempt has saved more than it began with: the next one would begin further on."""
    try:
        first = next((entry.said for entry, _ in read_entries(folder / f"events-{attempt}.log", 0, HEADER.size)), None)
    except LogDamaged:
        return False
    saved = [int(found[1]) for one in folder.glob("checkpoints/step-*") if (found := CHECKPOINT.fullmatch(one.name))]
    return isinstance(first, Started) and max(saved, default=0) > first.step


def found_folders(runs: Path) -> list[Path]:
    """Return the folders that hold a run, oldest first; also those that somebody copied in, whole or in part."""
    return sorted(one for one in runs.iterdir() if RUN_ID.fullmatch(one.name) and _holds_something(one))


def gone_from(runs: Path, run_ids: Iterable[str]) -> list[str]:
    """Return the ids of which there is no folder any more; one that cannot be read at the moment is there."""
    there = {one.name for one in runs.iterdir()}
    return [one for one in run_ids if one not in there]


def _holds_something(folder: Path) -> bool:
    try:
        return folder.is_dir() and any(folder.iterdir())
    except OSError as error:
        LOG.warning("%s cannot be read, so its run is left out: %s", folder, error.strerror)
        return False


def row_of_folder(folder: Path) -> dict[str, Any]:
    """Return catalogue columns for a folder that the catalogue does not know."""
    try:
        spec = json.loads((folder / "spec.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        spec = None
    name = spec.get("name", "") if isinstance(spec, dict) else ""
    row = {"name": str(name)[:200], "by": "", "created": ULID.from_str(folder.name).timestamp}
    if known := membership_of(folder):
        row |= {"group_id": known["id"], "label": known["label"], "place": known["place"]}
    return row


def membership_of(folder: Path) -> dict[str, Any] | None:
    """Return what group.json says of a run: its group, complete, and its label and place there; None without one."""
    try:
        known = json.loads((folder / GROUP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(known, dict) or not all(isinstance(known.get(key), kind) for key, kind in MEMBERSHIP.items()):
        return None
    if not RUN_ID.fullmatch(known["id"]) or not math.isfinite(known["created"]):
        return None
    texts = {key: known[key][:most] for key, most in TEXTS.items()}
    return {key: known[key] for key in MEMBERSHIP} | texts


def spec_or_none(folder: Path) -> dict[str, Any] | None:
    """Return the complete spec of a run; None for one that was edited by hand into something else."""
    try:
        return RunSpec.parse((folder / "spec.json").read_text(encoding="utf-8")).model_dump()
    except (OSError, ValueError):
        return None


def unusable_spec(folder: Path) -> str:
    """Return in a sentence why the spec.json of a run cannot be trained from, or "" when it can."""
    try:
        RunSpec.parse((folder / "spec.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return "The folder has no spec.json: it may have been copied in part."
    except OSError as error:
        return f"spec.json cannot be read: {error.strerror}."
    except UnicodeDecodeError:
        return "spec.json cannot be read: it is not UTF-8 text."
    except SpecError as error:
        told = "; ".join(f"{one.path}: {one.message}" if one.path else one.message for one in error.problems[:3])
        return f"spec.json cannot be used: {told}"
    return ""


def event_logs(folder: Path) -> list[Path]:
    """Return a run's event logs, first attempt first."""
    return sorted((one for one in folder.glob("events-*.log") if _number(one)), key=_number)


def chosen_checkpoint(folder: Path) -> str:
    """Return the id of the checkpoint that somebody chose for the next attempt; "" where none waits for one.

    A choice holds until an attempt has said that it began, or that it could not: see `trainer.resume`.
    """
    with suppress(OSError, ValueError, TypeError, KeyError):
        asked = json.loads((folder / CHOSEN).read_text())
        logs = [one for one in event_logs(folder) if _number(one) >= asked["attempt"]]
        return "" if any(_has_begun(one) for one in logs) else str(asked["checkpoint"])
    return ""


def _has_begun(log: Path) -> bool:
    with suppress(LogDamaged):
        return any(isinstance(entry.said, Started | Failed) for entry, _ in read_all(log))
    return False


def stop_asked_last(folder: Path) -> str:
    """Return the id of the command to stop that a run was given last, answered or not; "" when it was another."""
    try:
        commands = [entry.said for entry, _ in read_all(folder / "commands.log")]
    except LogDamaged:
        return ""
    return commands[-1].id if commands and isinstance(commands[-1], Stop) else ""


def is_answered(folder: Path, command: str) -> bool:
    """Return whether a run has answered a command, or its log cannot say; reads every log, so not on the event loop."""
    try:
        logs = reversed(event_logs(folder))
        return any(getattr(entry.said, "command", "") == command for log in logs for entry, _ in read_all(log))
    except LogDamaged:
        return True


def _number(log: Path) -> int:
    text = log.stem.removeprefix("events-")
    return int(text) if text.isdecimal() else 0
