"""The trash: runs that were deleted. Each can be brought back for a week; then its folder goes for good.

A folder goes in two moves: it is renamed, which is at once, and then its files are removed, which takes its time.
What a server that was killed left of it is swept at the next start.
"""

import asyncio
import logging
import shutil
import time
from collections.abc import Sequence

from app.catalog_db import Catalogue
from app.disk import unwritable
from app.errors import NoSuchRun, Unavailable
from app.run import Run

LOG = logging.getLogger("livefit.lab")
TRASH_S = 7 * 24 * 3600
GONE = ".gone-"  # before the id of a run whose files are being removed


class Trash:
    """The runs that were deleted. `runs` are all of the lab."""

    def __init__(self, runs: dict[str, Run], catalogue: Catalogue):
        self._runs = runs
        self._catalogue = catalogue

    def runs(self) -> list[Run]:
        """Return what is in the trash, deleted last first."""
        there = [one for one in list(self._runs.values()) if one.deleted_at]
        return sorted(there, key=lambda one: one.deleted_at or 0.0, reverse=True)

    def due(self, now: float) -> list[Run]:
        """Return what has lain here for a week."""
        return [one for one in self.runs() if self.is_due(one, now)]

    def is_due(self, run: Run, now: float) -> bool:
        """Return whether a run is here still, and has been for a week."""
        return run.id in self._runs and run.deleted_at is not None and now - run.deleted_at > TRASH_S

    async def put(self, *runs: Run) -> None:
        """Put runs in the trash, all at the same moment: by that they can be found again that went together.

        Raises:
            CatalogueBusy, DiskFull, Unwritable: they are still where they were.
        """
        await self._date(runs, time.time())

    async def restore(self, run_id: str) -> Run:
        """Take a run out of the trash.

        Raises:
            NoSuchRun: there is none with this id, there or anywhere. CatalogueBusy: it is still in the trash.
        """
        run = self._runs.get(run_id)
        if run is None:
            raise NoSuchRun(f"There is no run {run_id[:40]!r}, and none in the trash.")
        await self._date([run], None)
        return run

    async def restore_all(self, runs: Sequence[Run]) -> None:
        """Take runs out of the trash, all or none.

        Raises:
            CatalogueBusy: they are still in the trash.
        """
        await self._date(runs, None)

    async def remove(self, run: Run) -> None:
        """Remove a run of the trash for good.

        Raises:
            DiskFull, Unwritable: its folder cannot be removed; it is still there.
        """
        gone = run.folder.with_name(f"{GONE}{run.id}")
        try:
            run.folder.rename(gone)
        except FileNotFoundError:
            LOG.info("run %s: its folder was removed by somebody else", run.id)
        except OSError as error:
            raise unwritable(error, f"The folder of {run.name or run.id}") from None
        del self._runs[run.id]
        await asyncio.to_thread(shutil.rmtree, gone, ignore_errors=True)
        self._catalogue.forget(run.id)

    async def _date(self, runs: Sequence[Run], deleted_at: float | None) -> None:
        before = [run.deleted_at for run in runs]
        for run in runs:
            run.deleted_at = deleted_at
        try:
            await self._catalogue.save(*(run.row() for run in runs))
        except Unavailable:
            for run, then in zip(runs, before, strict=True):
                run.deleted_at = then
            raise
