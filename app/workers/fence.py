"""Sees to it that nobody of an earlier attempt is left before a new one begins.

An attempt that was stopped (kill -STOP) and wakes again would write checkpoints beside those of the new one, and
data-loader children that outlived their trainer hold its memory. Where one cannot be killed (it waits for a dead
disk, or is another user's) the new attempt begins all the same: an earlier attempt's log is not read after a later
one has begun, and a trainer that finds a later log than its own ends without a word.
"""

import contextlib
import logging
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from app.workers.process import Process, pids, stat_of

LOG = logging.getLogger("livefit.workers")
GONE_WITHIN_S = 5.0
LOOK_EVERY_S = 0.01
EVENT_LOG = re.compile(r"events-\d+\.log")


def clear(folder: Path) -> list[int]:
    """Kill what is left of a run's earlier attempts and wait until it is gone; return what would not go.

    Blocks for 5 seconds at most, so not on the event loop.
    """
    process = Process.read(folder)
    left = set(process.group() if process else []) | set(_writers(folder))
    for pid in left:
        LOG.warning("run %s: killing pid %d, which is left of an earlier attempt", folder.name, pid)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + GONE_WITHIN_S
    while (there := [pid for pid in left if _lives(pid)]) and time.monotonic() < until:
        time.sleep(LOOK_EVERY_S)
    if there:
        LOG.error("run %s: pids %s of an earlier attempt cannot be killed; their logs are read no more", folder.name,
                  there)  # fmt: skip
    return there


def _lives(pid: int) -> bool:
    stat = stat_of(pid)
    return stat is not None and not stat.ended


def _writers(folder: Path) -> Iterator[int]:
    # also those that trainer.json does not name: it was lost, or somebody started one by hand
    logs = {(one.st_dev, one.st_ino) for path in folder.glob("events-*.log") for one in [path.stat()]}
    if not logs:
        return
    for pid in pids():
        if pid != os.getpid() and any(True for _ in _opened(pid, logs)):
            yield pid


def _opened(pid: int, logs: set[tuple[int, int]]) -> Iterator[Path]:
    try:
        links = list(Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return
    for link in links:
        with contextlib.suppress(OSError, ValueError):
            if EVENT_LOG.fullmatch(link.readlink().name):
                found = link.stat()
                if (found.st_dev, found.st_ino) in logs and _writes(pid, link.name):
                    yield link


def _writes(pid: int, number: str) -> bool:
    flags = next(line for line in Path(f"/proc/{pid}/fdinfo/{number}").read_text().splitlines() if "flags" in line)
    return bool(int(flags.split()[1], 8) & (os.O_WRONLY | os.O_RDWR))
