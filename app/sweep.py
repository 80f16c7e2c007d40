"""Removes what a process that was killed had half done: partial files, checkpoints, thinned logs, emptied trash,
uploads and data sets.

Done once, before a server takes up its runs. What belongs to a trainer that lives is left alone.
"""

import logging
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from app.sizes import entries_of
from app.thin import FOLDER
from app.trash import GONE
from app.workers.process import Process

LOG = logging.getLogger("livefit.storage")
# a fork server of the server before may just be writing how its last trainer ended
PARTIAL_AGE_S = 10.0


def sweep(data: Path) -> int:
    """Sweep a data folder and return how many leftovers were removed; what cannot be removed is left, and said."""
    removed = 0
    for one in _leftovers(data):
        try:
            _remove(one)
        except FileNotFoundError:
            continue
        except OSError as error:
            LOG.warning("%s was left half written and cannot be removed: %s", one, error.strerror)
            continue
        LOG.info("%s was left half written: removed", one)
        removed += 1
    return removed


def _leftovers(data: Path) -> Iterator[Path]:
    yield from _old_partials(data)
    yield from _of_uploads(data / "uploads")
    for entry in entries_of(data / "datasets"):
        if _is_half_kept(entry.name):
            yield Path(entry.path)
    for entry in entries_of(data / "runs"):
        folder = Path(entry.path)
        if not entry.is_dir(follow_symlinks=False):
            continue
        if entry.name.startswith(GONE):
            yield folder
        else:
            yield from _of_run(folder)


def _of_uploads(folder: Path) -> Iterator[Path]:
    # whoever sent what is partial was cut off together with the server
    entries = entries_of(folder)
    names = {entry.name for entry in entries}
    for entry in entries:
        whole = f"{entry.name.removesuffix('.json')}.bin"
        if entry.name.endswith(".partial") or (entry.name.endswith(".json") and whole not in names):
            yield Path(entry.path)


def _is_half_kept(name: str) -> bool:
    return name.startswith(GONE) or (name.startswith(".") and name.endswith(".tmp"))


def _of_run(folder: Path) -> Iterator[Path]:
    entries = entries_of(folder)
    if not entries and _is_empty(folder):
        yield folder  # a launch that got no further
    names = {entry.name for entry in entries}
    yield from _old_partials(folder)
    if FOLDER in names:
        yield folder / FOLDER
    if "checkpoints" in names:
        half_written = [Path(one.path) for one in entries_of(folder / "checkpoints") if _is_half_written(one.name)]
        process = Process.read(folder) if half_written else None
        if not (process and process.alive()):
            yield from half_written


def _is_empty(folder: Path) -> bool:
    try:
        return not any(folder.iterdir())
    except OSError:  # nobody can tell: it may hold a run
        return False


def _old_partials(folder: Path) -> Iterator[Path]:
    for entry in entries_of(folder):
        if entry.name.endswith(".partial") and _age_s(entry) > PARTIAL_AGE_S:
            yield Path(entry.path)


def _age_s(entry: os.DirEntry[str]) -> float:
    try:
        return abs(time.time() - entry.stat(follow_symlinks=False).st_mtime)
    except OSError:  # gone meanwhile
        return 0.0


def _is_half_written(name: str) -> bool:
    return name.startswith(".step-") and name.endswith(".tmp")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
