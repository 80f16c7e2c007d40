"""A run's checkpoints as files: which there are, whether they are sound, and what is copied or written beside them.

Loads no weights: a manifest is JSON, and that a file is what was written its sha256 says.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.disk import unwritable
from app.errors import BadCheckpoint, BadSpec, NoSuchCheckpoint, NoSuchRun
from app.state import plain
from trainer.manifest import ID, NETWORK, Line, Unsound, newest_first, read_manifest, sync, verify

CHOSEN = "chosen.json"  # read by trainer.resume
START = "start"  # read by trainer.start
PIECE = 1024 * 1024


def listing(folder: Path) -> list[dict[str, Any]]:
    """Return what there is to say of each checkpoint of the run in a folder, newest first; see the API."""
    line, found = Line(folder), []
    for path in newest_first(folder / "checkpoints"):
        try:
            size = sum(one.stat().st_size for one in path.iterdir())
            time = path.stat().st_mtime
        except OSError:
            continue  # the trainer has just removed it
        manifest, flaw = _manifest(path)
        flaw = flaw or _flaw(path, _stamp(path))
        found.append(
            {
                "id": path.name,
                "step": int(ID.fullmatch(path.name)[1]),
                "epoch": manifest.get("epoch", 0),
                "name": manifest.get("name", ""),
                "time": manifest.get("time", time),
                "size": size,
                "metrics": plain(manifest.get("metrics", {})),
                "sha256": manifest.get("files", {}).get(NETWORK, ""),
                "attempt": line.attempt_of(manifest) if manifest else 0,
                "sound": not flaw,
                "flaw": flaw,
                "superseded": bool(manifest) and line.superseded(manifest),
            }
        )
    return found


def path_of(folder: Path, checkpoint: str) -> Path:
    """Return the folder of one checkpoint of a run.

    Raises:
        NoSuchCheckpoint: there is none with this id.
    """
    path = folder / "checkpoints" / checkpoint
    if not ID.fullmatch(checkpoint) or not path.is_dir():
        raise NoSuchCheckpoint(f"This run has no checkpoint {checkpoint[:40]!r}.")
    return path


def sound(path: Path) -> dict[str, Any]:
    """Return the manifest of a checkpoint whose files are what was written; reads them all.

    Raises:
        BadCheckpoint: it is damaged, or of a newer version.
    """
    try:
        manifest = read_manifest(path)
        verify(path, manifest)
    except Unsound as error:
        raise BadCheckpoint(str(error)) from None
    return manifest


def choose(folder: Path, checkpoint: str, attempt: int) -> None:
    """Write down that attempt `attempt` of a run shall go on from a checkpoint, and forget what was asked since.

    Raises:
        NoSuchCheckpoint: it was removed meanwhile. DiskFull, Unwritable: it cannot be written; nothing is left of it.
    """
    path_of(folder, checkpoint)
    log, partial = folder / "commands.log", folder / f".{CHOSEN}"
    try:
        asked = {"checkpoint": checkpoint, "attempt": attempt, "commands": log.stat().st_size if log.exists() else 0}
        partial.write_text(json.dumps(asked))
        sync(partial)
        partial.replace(folder / CHOSEN)
        sync(folder)
    except OSError as error:
        for one in (partial, folder / CHOSEN):
            with suppress(OSError):  # a disk that takes nothing
                one.unlink()
        raise unwritable(error, "From which checkpoint the run shall go on") from None


def start_of(spec: dict[str, Any], run: Callable[[str], Any]) -> Path | None:
    """Return the folder of the checkpoint that a spec starts from, if it does; `run` finds a run by its id.

    Raises:
        BadSpec: there is no such run, or no such checkpoint.
    """
    start = spec.get("start")
    if not isinstance(start, dict) or not all(isinstance(start.get(key), str) for key in ("run", "checkpoint")):
        return None  # none, or the plan says what is wrong with it
    try:
        return path_of(run(start["run"]).folder, start["checkpoint"])
    except (NoSuchRun, NoSuchCheckpoint) as error:
        field = "run" if isinstance(error, NoSuchRun) else "checkpoint"
        raise BadSpec([{"path": f"start.{field}", "message": error.detail}]) from None


def copy_start(source: Path, folder: Path) -> None:
    """Copy the network of a checkpoint, with its manifest, into the folder of a run that starts from it.

    Raises:
        BadSpec: what was copied is not what was written. OSError: it cannot be copied.
    """
    partial = folder / f".{START}"
    partial.mkdir()
    for name in (NETWORK, "manifest.json"):
        shutil.copyfile(source / name, partial / name)
        sync(partial / name)
    try:
        verify(partial, read_manifest(partial, named=False), (NETWORK,))
    except Unsound as error:
        raise BadSpec([{"path": "start.checkpoint", "message": f"{source.name} cannot be copied. {error}"}]) from None
    sync(partial)
    partial.replace(folder / START)
    sync(folder)


class Download:
    """The network of a checkpoint, opened and checked: it can be sent although the trainer removes it meanwhile."""

    def __init__(self, path: Path):
        """Open the network of the checkpoint in a folder.

        Raises:
            BadCheckpoint: it is damaged.
        """
        try:
            manifest = read_manifest(path)
            self._file = (path / NETWORK).open("rb")
        except (Unsound, OSError) as error:
            raise BadCheckpoint(str(error)) from None
        self.size = os.fstat(self._file.fileno()).st_size
        if hashlib.file_digest(self._file, "sha256").hexdigest() != manifest["files"][NETWORK]:
            self._file.close()
            raise BadCheckpoint(f"{path.name}/{NETWORK} is not what was written: its sha256 differs.")
        self._file.seek(0)

    def __iter__(self):
        with self._file:
            while piece := self._file.read(PIECE):
                yield piece


def _manifest(path: Path) -> tuple[dict[str, Any], str]:
    try:
        return read_manifest(path), ""
    except Unsound as error:
        return {}, str(error)


def _stamp(path: Path) -> tuple[tuple[str, int, int, int], ...]:
    try:
        stats = [(one.name, one.stat()) for one in sorted(path.iterdir())]
    except OSError:
        return ()
    return tuple((name, stat.st_ino, stat.st_size, stat.st_mtime_ns) for name, stat in stats)


@lru_cache(maxsize=4096)
def _flaw(path: Path, stamp: tuple[tuple[str, int, int, int], ...]) -> str:
    # by the stamp: what has not changed need not be read again for each page that looks at the list
    try:
        verify(path, read_manifest(path))
    except Unsound as error:
        return str(error)
    return ""
