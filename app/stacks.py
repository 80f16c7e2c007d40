"""Where a trainer is at this moment: the Python stacks of all its threads, also of one that hangs.

The trainer writes them itself, from a signal handler in C (`faulthandler`): no lock, and no Python, is needed for it.
"""

import asyncio
import signal
import time
from pathlib import Path
from typing import Any

from fastapi import APIRouter

from app.deps import TheRun
from app.errors import NotNow
from app.life import check_action
from app.workers.process import Process, stat_of

ANSWER_WITHIN_S = 3.0
SILENCE_S = 0.15  # after which what came is whole: it is written in one go
LOOK_EVERY_S = 0.02
MAX_TEXT = 256 * 1024
PROBLEM = {"description": "Problem details (RFC 9457): type, title, status, detail, hint"}

router = APIRouter(tags=["runs"])


@router.post("/api/runs/{run_id}/stacks", responses={404: PROBLEM, 409: PROBLEM})
async def stacks(run: TheRun) -> dict[str, Any]:
    """Return `text`: the Python stacks of a run's trainer; or, in words, why it cannot write them."""
    check_action(run.standing, "stacks")
    if run.process is None:
        raise NotNow("The trainer is not there yet.", "Ask again in a moment.")
    return {"text": await stacks_of(run.process, run.folder / "output.txt")}


async def stacks_of(process: Process, output: Path) -> str:
    """Ask a trainer for its stacks, which it appends to its output, and return them or why there are none."""
    stat = stat_of(process.pid)
    if stat is not None and stat.state in "Tt":
        return (
            f"The trainer (pid {process.pid}) is stopped by a signal (SIGSTOP), so it cannot say where it is. "
            f"`kill -CONT {process.pid}` lets it go on."
        )
    before = _size(output)
    process.send(signal.SIGUSR1)
    until = time.monotonic() + ANSWER_WITHIN_S
    size, changed = before, time.monotonic()
    while (now := time.monotonic()) < until and (size == before or now - changed < SILENCE_S):
        await asyncio.sleep(LOOK_EVERY_S)
        if (grown := _size(output)) != size:
            size, changed = grown, time.monotonic()
    if size > before:
        return await asyncio.to_thread(_read, output, before)
    waits = " It waits in the kernel, mostly for a disk." if stat is not None and stat.state == "D" else ""
    return f"The trainer (pid {process.pid}) did not answer within {ANSWER_WITHIN_S:g} seconds.{waits}"


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _read(path: Path, offset: int) -> str:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(MAX_TEXT).decode("utf-8", "replace")
