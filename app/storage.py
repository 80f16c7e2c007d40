"""What runs take on the disk, and what may be freed: the answers of /api/storage, and the watch over the budget.

Counting happens in a thread. What is freed is freed by `app.freeing`, one request after another.
"""

import asyncio
import logging
import shutil
import time
from typing import Any

from app import disk
from app.lab import Lab
from app.run import Run
from app.sizes import Size, Sizes, size_of
from app.trash import TRASH_S

LOG = logging.getLogger("livefit.storage")
COUNT_EVERY_S = 10.0
EMPTY_EVERY_S = 600.0


class Storage:
    """Counts what the runs of a lab take, and empties the trash of what has lain there for a week."""

    def __init__(self, lab: Lab):
        self.lab = lab
        self.freeing = asyncio.Lock()  # what is freed is freed one after another
        self.sizes = Sizes()

    async def tend(self) -> None:
        """Watch over budget and trash until cancelled."""
        emptied = -EMPTY_EVERY_S
        while True:
            try:
                if time.monotonic() - emptied >= EMPTY_EVERY_S:
                    emptied = time.monotonic()
                    await self.empty_what_is_due(time.time())
                if self.lab.disk.budget:
                    await self.count()
            except Exception:
                # the next look is worth more than this one's trouble
                LOG.exception("looking after the disk failed; going on")
            await asyncio.sleep(COUNT_EVERY_S)

    async def empty_what_is_due(self, now: float) -> None:
        """Remove for good what has been in the trash for a week."""
        for run in self.lab.trash.due(now):
            async with self.freeing:
                # somebody may have brought it back, or emptied the trash, while this waited
                if self.lab.trash.is_due(run, now):
                    LOG.info("run %s was deleted a week ago: its folder goes", run.id)
                    await self.lab.trash.remove(run)

    async def count(self) -> list[tuple[Run, Size]]:
        """Return every run with what it takes, and let the lab's disk know the sum."""
        runs = self.lab.everything()
        grow = {run.id for run in runs if self.lab.attends(run)}
        sizes = await asyncio.to_thread(lambda: [self.sizes.of(run.folder, grows=run.id in grow) for run in runs])
        counted = list(zip(runs, sizes, strict=True))
        rest = await asyncio.to_thread(self._rest)
        self.lab.disk.used = sum(size.total for size in sizes) + rest
        self.lab.disk.freeable = in_words(counted)
        return counted

    async def report(self) -> dict[str, Any]:
        """Return {"disk", "used", "budget", "runs", "trash"} as GET /api/storage gives it; the largest first."""
        counted = await self.count()
        usage = shutil.disk_usage(self.lab.disk.folder)
        there = [(run, size) for run, size in counted if not run.deleted_at]
        there.sort(key=lambda one: one[1].total, reverse=True)
        sizes = {run.id: size for run, size in counted}
        return {
            "disk": {"free": usage.free, "total": usage.total, "floor": disk.floor(usage.total)},
            "used": self.lab.disk.used,
            "budget": self.lab.disk.budget,
            "runs": [_row(run, size) for run, size in there],
            "trash": [_in_trash(run, sizes[run.id]) for run in self.lab.trash.runs() if run.id in sizes],
        }

    def _rest(self) -> int:
        folder = self.lab.disk.folder
        files = sum(one.stat().st_size for one in folder.iterdir() if one.is_file())
        return files + sum(size_of(one) for one in folder.iterdir() if one.is_dir() and one.name != "runs")


def in_words(counted: list[tuple[Run, Size]]) -> str:
    """Return what could be freed, in a sentence; "" while there is nothing."""
    trash = sum(size.total for run, size in counted if run.deleted_at)
    checkpoints = sum(size.checkpoints for run, size in counted if not run.deleted_at)
    logs = sum(size.logs for run, size in counted if not run.deleted_at)
    parts = {"the trash": trash, "checkpoints": checkpoints, "logs": logs}
    told = [f"{name} {disk.in_units(size)}" for name, size in parts.items() if size]
    return f"Of that: {', '.join(told)}." if told else ""


def _row(run: Run, size: Size) -> dict[str, Any]:
    sizes = {"logs": size.logs, "checkpoints": size.checkpoints, "other": size.other, "total": size.total}
    return {"id": run.id, "name": run.name, "created": run.created, "status": run.status} | sizes


def _in_trash(run: Run, size: Size) -> dict[str, Any]:
    deleted_at = run.deleted_at or 0.0
    known = {"id": run.id, "name": run.name, "deleted_at": deleted_at, "gone_at": deleted_at + TRASH_S}
    return known | {"total": size.total}
