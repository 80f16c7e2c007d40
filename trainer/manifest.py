"""What a checkpoint says of itself, whether that is true, and which checkpoints lie on a run's present line. No torch.

checkpoints/step-<n>/manifest.json names the two files beside it with their sizes and sha256, the attempt that
saved them, and has a seal: the sha256 of all else in it, so that an edit by hand is noticed as well. A metric that is
no finite number is the text "NaN", "Infinity" or "-Infinity" in it; earlier versions wrote them bare.

A checkpoint is superseded when a later attempt began at an earlier step: what it holds belongs to a curve that
is no longer the run's.
"""

import hashlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer.protocol import Started
from trainer.runlog import LogDamaged, read_entries

VERSION = 2  # 1 had no seal and no attempt
NETWORK, STATE = "network.safetensors", "state.pt"
FILES = (NETWORK, STATE)
ID = re.compile(r"step-([0-9]{1,18})(?:\.([0-9]{1,9}))?")
MAX_MANIFEST = 1024 * 1024
_LOG = re.compile(r"events-([0-9]{1,9})\.log")
_FIRST_WORDS = 64 * 1024  # bytes of a log that are looked through for its Started, which stands first


class Unsound(Exception):
    """A checkpoint that cannot be used; the text is a sentence that says which and why."""


class TooNew(Unsound):
    """A checkpoint that a newer Livefit wrote."""


@dataclass(frozen=True)
class Beginning:
    """How an attempt began: at `step`, from `checkpoint` ("" for none, or not known), at `time`."""

    attempt: int
    step: int
    time: float
    checkpoint: str = ""


def seal(manifest: dict[str, Any]) -> str:
    """Return the sha256 of a manifest without its seal, in hex."""
    rest = {key: value for key, value in manifest.items() if key != "seal"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def read_manifest(path: Path, *, named: bool = True) -> dict[str, Any]:
    """Return the manifest of the checkpoint in a folder; unless it is `named`, the folder may be called anything.

    Raises:
        Unsound: there is none that can be read, it was edited, or it is of a newer version.
    """
    name = path.name
    try:
        with (path / "manifest.json").open("rb") as file:
            found = json.loads(file.read(MAX_MANIFEST))
    except (OSError, ValueError, RecursionError):
        raise Unsound(f"{name} has no manifest.json that can be read.") from None
    if not isinstance(found, dict) or not isinstance(found.get("version"), int):
        raise Unsound(f"{name}/manifest.json is no manifest of a checkpoint.")
    # the seal first: a newer Livefit seals as well, and a damaged number is no newer version
    if (found["version"] != 1 or "seal" in found) and found.get("seal") != seal(found):
        raise Unsound(f"{name}/manifest.json was changed after it was written.")
    if found["version"] > VERSION:
        told = f"{name} was written by a newer Livefit (version {found['version']}; this one reads up to {VERSION})."
        raise TooNew(told)
    parts = ID.fullmatch(name)
    if not _is_shaped(found) or (named and (parts is None or int(parts[1]) != found["step"])):
        raise Unsound(f"{name}/manifest.json does not say what belongs to {name}.")
    return found


def verify(path: Path, manifest: dict[str, Any], names: tuple[str, ...] = FILES) -> None:
    """See that files of a checkpoint are what its manifest says.

    Raises:
        Unsound: one is missing, truncated, or not what was written.
    """
    for name in names:
        size = manifest.get("sizes", {}).get(name)
        try:
            found = (path / name).stat().st_size
            if size is not None and found != size:
                raise Unsound(f"{path.name}/{name} has {found:,} bytes of {size:,}.")
            if sha256(path / name) != manifest["files"][name]:
                raise Unsound(f"{path.name}/{name} is not what was written: its sha256 differs.")
        except OSError as error:
            raise Unsound(f"{path.name}/{name} cannot be read: {error.strerror}.") from None


def newest_first(folder: Path) -> list[Path]:
    """Return the checkpoints in a folder, by step and then by copy, newest first."""
    named = [(ID.fullmatch(one.name), one) for one in folder.glob("step-*")]
    found = [(int(parts[1]), int(parts[2] or 1), one) for parts, one in named if parts]
    return [one for *_, one in sorted(found, reverse=True)]


def event_logs(folder: Path) -> list[Path]:
    """Return a run's event logs, first attempt first."""
    return sorted((one for one in folder.glob("events-*.log") if _LOG.fullmatch(one.name)), key=number_of)


def number_of(log: Path) -> int:
    """Return the attempt that an event log is of."""
    return int(_LOG.fullmatch(log.name)[1])


class Line:
    """The present line of a run: how each attempt began, read from the first words of its log.

    `attempts` have a log in which they began, or whose beginning is damaged; `before`: from this one on they are left
    out.
    """

    def __init__(self, folder: Path, before: int | None = None):
        logs = [one for one in event_logs(folder) if before is None or number_of(one) < before]
        self.attempts: set[int] = set()
        self.began: list[Beginning] = []
        for path in logs:
            try:
                self.began += filter(None, [_beginning(path)])
            except LogDamaged:
                self.attempts.add(number_of(path))
        self.attempts |= {one.attempt for one in self.began}

    def attempt_of(self, manifest: dict[str, Any]) -> int:
        """Return the attempt that saved a checkpoint; of version 1, which does not say, by the time."""
        if "attempt" in manifest:
            return manifest["attempt"]
        return max((one.attempt for one in self.began if one.time <= manifest["time"]), default=1)

    def superseded(self, manifest: dict[str, Any]) -> bool:
        """Say whether a later attempt began at an earlier step than the checkpoint's."""
        saved_by = self.attempt_of(manifest)
        return any(one.attempt > saved_by and one.step < manifest["step"] for one in self.began)

    def order(self, path: Path, manifest: dict[str, Any]) -> tuple[int, bool, bool, int, int]:
        """Return what to sort checkpoints of the line by; the largest is where a next attempt begins.

        Of several at the step where the last attempt began, its own come first, then the one that it began from:
        the others hold commands which it did not take.
        """
        saved_by, copy = self.attempt_of(manifest), int(ID.fullmatch(path.name)[2] or 1)
        last = self.began[-1] if self.began else Beginning(0, 0, 0.0)
        return manifest["step"], saved_by == last.attempt, path.name == last.checkpoint, saved_by, copy


def sha256(path: Path) -> str:
    """Return the sha256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Make a file, or the names in a folder, durable."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _is_shaped(found: dict[str, Any]) -> bool:
    kinds = {"step": int, "time": int | float, "name": str, "files": dict, "metrics": dict}
    if found["version"] > 1:
        kinds |= {"attempt": int, "epoch": int, "epochs": int, "sizes": dict}
    files = found.get("files")
    return all(isinstance(found.get(key), kind) for key, kind in kinds.items()) and files.keys() == set(FILES)


def _beginning(path: Path) -> Beginning | None:
    said = ((entry.said, entry.time) for entry, _ in read_entries(path, limit=_FIRST_WORDS))
    started, time = next((one for one in said if isinstance(one[0], Started)), (None, 0.0))
    return Beginning(number_of(path), started.step, time, started.checkpoint) if started else None
