"""The lab: which runs there are, which of them train, and which is next.

Everything here happens on the event loop, so nothing needs a lock; what takes time (a plan, a process, the
catalogue's disk) is awaited. What a status means and what may follow it is in `app.life`.
"""

import asyncio
import logging
import shutil
import time
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import Any

from app.attend import Attendant
from app.card import measure
from app.catalog_db import Catalogue
from app.checkpoint_files import start_of
from app.components import Components
from app.disk import Disk
from app.errors import NoSuchRun
from app.follow import Follower
from app.life import TRAINS, Evidence, Status, check_action, moved
from app.listing import Listing
from app.planning import plan
from app.queue import Queue
from app.reconcile import catch_up, finds_alive, look_back, provisional
from app.room import Room
from app.run import Run, new_run
from app.run_folder import RUN_ID, found_folders, gone_from, new_folder, row_of_folder
from app.settings import Settings
from app.trash import Trash
from app.workers.local import LocalWorkers
from trainer import faults
from trainer.protocol import Entry

LOG = logging.getLogger("livefit.lab")
RECONCILE_WITHIN_S = 2.0  # that a start waits for logs to be read; what takes longer is told when it is known


class Lab:
    """All runs of one data folder."""

    def __init__(self, settings: Settings, catalogue: Catalogue, workers: LocalWorkers):
        self.settings = settings
        self.workers = workers
        self.components = Components(workers, settings.data_dir / "derived" / "components.json")
        self.listing = Listing(self)
        self.follower = Follower(self)
        self.closing = False
        self.catalogue = catalogue
        self._runs: dict[str, Run] = {}
        self.group_names: dict[str, str] = {}  # by id: kept by `app.groups`
        self.data_names: dict[str, str] = {}  # of own data sets, by id: kept by `app.uploads`
        self.trash = Trash(self._runs, catalogue)
        self._queue = Queue(self._keep)
        self._attended: dict[str, Attendant] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._looking_back: list[asyncio.Task[None]] = []
        self._opened = False
        self.disk = Disk(settings.data_dir, settings.disk_budget)
        self._room = Room(self.disk, self.fill)

    # -- what there is

    def runs(self) -> list[dict[str, Any]]:
        """Return the cards of the runs that are not in the trash, newest first. Safe to call from any thread."""
        there = sorted((one for one in list(self._runs.values()) if not one.deleted_at), key=lambda one: one.id)
        return [one.card() for one in there[::-1]]

    def everything(self) -> list[Run]:
        """Return every run, also those in the trash."""
        return list(self._runs.values())

    def run(self, run_id: str) -> Run:
        """Return one run.

        Raises:
            NoSuchRun: there is none with this id, or it is in the trash.
        """
        run = self._runs.get(run_id) if RUN_ID.fullmatch(run_id) else None
        if run is None or run.deleted_at:
            raise NoSuchRun(f"There is no run {run_id[:40]!r}.")
        return run

    def training(self) -> list[Run]:
        """Return the runs that have a process: their logs grow."""
        return [one.run for one in self._attended.values()]

    def attends(self, run: Run) -> bool:
        """Return whether a trainer has this run, or is about to."""
        return run.id in self._attended

    async def catalog(self) -> dict[str, Any]:
        """Return the JSON schemas of all components, folder by folder, and `training`.

        Raises:
            WorkersAway: a component file cannot be imported.
        """
        return await self.components.schemas()

    # -- what can be done

    async def plan(self, spec: dict[str, Any]) -> dict[str, Any]:
        """Return what a spec would train, or raise BadSpec: see `app.planning`."""
        return await plan(self.workers, spec, self.run)

    async def create(self, spec: dict[str, Any], by: str) -> Run:
        """Plan a spec, write the run's folder, and queue it.

        Raises:
            BadSpec: it cannot be run. DiskFull: there is no room. CatalogueBusy: nothing was kept.
        """
        self.disk.check_room()
        planned = await self.plan(spec)
        start = start_of(planned["spec"], self.run)
        folder = await asyncio.to_thread(new_folder, self.settings.runs_dir, planned["spec"], start)
        faults.reach("lab.launch")
        run = new_run(self, folder, planned, by)
        await self.take_in([run])
        return run

    async def take_in(self, runs: Sequence[Run], group: dict[str, Any] | None = None) -> None:
        """Queue new runs, and keep the group that they belong to, if they do: all or none.

        Raises:
            CatalogueBusy, DiskFull, Unwritable: nothing was kept, and their folders are gone.
        """
        try:
            await self.catalogue.save(*(run.row() for run in runs), group=group)
        except BaseException:
            for run in runs:
                shutil.rmtree(run.folder, ignore_errors=True)
            raise
        for run in runs:
            self._runs[run.id] = run
            self._enqueue(run)

    def restart(self, run: Run, by: str) -> None:
        """Let an interrupted, stopped or failed run go on from its last checkpoint, as a new attempt.

        Raises:
            NotNow: it trains, came to its end, or has a spec.json that cannot be used. DiskFull: there is no room.
        """
        check_action(run.standing, "restart")
        self.go_on(run, f"restarted by {by}")

    def go_on(self, run: Run, reason: str) -> None:
        """Queue a run that does not train, whatever it came to, as a new attempt.

        Raises:
            NoSuchRun: it was deleted. DiskFull: there is no room.
            NotNow: it trains, or has a spec.json that cannot be used.
        """
        run.check_goes_on()
        self.disk.check_room()
        run.wanted, run.resumes = True, 0
        self._enqueue(run, reason)

    def stopping(self, run: Run) -> None:
        """Hear that a run shall stop: at once when no trainer has it, or else see to it that it does."""
        run.wanted = False
        if attendant := self._attended.get(run.id):
            attendant.stop()
            self._keep(run)
        else:
            self._queue.leave(run)
            self.see(run, Evidence("cancelled", "" if run.summary.get("step") else "before it was started"))

    async def delete(self, *runs: Run) -> None:
        """Put runs in the trash, from which they can be restored for a week: all or none.

        Raises:
            NotNow: a trainer works on one. CatalogueBusy: they are still there.
        """
        for run in runs:
            check_action(run.standing, "delete")
        try:
            await self.trash.put(*runs)
            for run in runs:
                self._queue.call_off(run)
                self._keep(run)
        finally:
            self.fill()  # those that wait were passed over while it was not known whether they stay

    # -- how it lives

    async def open(self) -> None:
        """Read the catalogue and the folders, find out where each run stands, and take over what still trains."""
        rows = {row["id"]: row for row in self.catalogue.rows()}
        for folder in found_folders(self.settings.runs_dir):
            self._add(Run(self, folder, rows.pop(folder.name, None) or row_of_folder(folder)))
        for gone in gone_from(self.settings.runs_dir, rows):
            self.catalogue.forget(gone)
        self._queue.sort()
        self.workers.start()
        self.follower.start()
        if self._looking_back:
            await asyncio.wait(self._looking_back, timeout=RECONCILE_WITHIN_S)
        self._opened = True
        self.fill()

    async def close(self) -> None:
        """Ask every trainer to save itself and go, wait a while, and leave the rest in order."""
        self.closing = True
        await asyncio.gather(*(one.interrupt() for one in self._attended.values()))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.follower.stop()
        for run in self._runs.values():
            run.watch(-run.watchers)
        await self.workers.close()

    def heard(self, run: Run, entries: list[Entry]) -> None:
        """Hear what a run's trainer said; called by the follower with events in their order."""
        if attendant := self._attended.get(run.id):
            attempt, _ = run.followed.position
            for entry in entries:
                attendant.heard(entry, attempt)

    def see(self, run: Run, seen: Evidence) -> bool:
        """Let evidence move a run as the table of its life says, and write that down; return whether it did."""
        status = moved(run.standing, seen)
        if status is run.standing:
            return False
        self.settle(run, status)
        return True

    def settle(self, run: Run, status: Status) -> None:
        """Give a run the status that was derived for it, and write that down."""
        run.standing = status
        if status.name not in TRAINS and self.attends(run):
            run.summary = run.summary | measure(run.followed, run.level)
        if run.over:
            run.wanted = False
        self._keep(run)

    def fill(self) -> None:
        """Start queued runs while there is room, and number the rest."""
        if self._opened and not self.closing and self._queue and self._room.is_there():
            room = self.settings.max_running - len(self._attended)
            for run in list(self._queue.take(room, lambda one: not (self.attends(one) or one.held or one.deleted_at))):
                again = run.next_attempt() > 1
                self._attended[run.id] = attendant = Attendant(self, run)
                self.see(run, Evidence("relaunched" if again else "launched"))
                self._spawn(attendant.attend())
        self._queue.number()

    def done(self, run: Run) -> None:
        """Hear that a run's process is gone and all it said was heard."""
        self._attended.pop(run.id, None)
        run.rest()
        self.fill()

    def again(self, run: Run, pause_s: float) -> None:
        """Queue a run before all others after a pause, if it is still wanted then."""

        async def later() -> None:
            await asyncio.sleep(pause_s)
            waits = run.standing.name == "interrupted" and not self.attends(run)  # nobody has let it go on meanwhile
            if waits and run.wanted and not run.deleted_at and faults.reach("lab.again") != "never":
                self._enqueue(run, run.standing.reason, first=True)

        if pause_s:
            run.standing = replace(run.standing, again_at=time.time() + pause_s)
        self._spawn(later())

    def _add(self, run: Run) -> None:
        self._runs[run.id] = run
        if run.deleted_at:
            self._queue.call_off(run)
            return
        (run.folder / "watched").unlink(missing_ok=True)  # a server that was killed left it, and nobody watches yet
        if finds_alive(run):
            self._attended[run.id] = attendant = Attendant(self, run)
            if run.stop_asked:
                attendant.stop()
            self._looking_back.append(self._spawn(catch_up(self, run)))
            self._spawn(attendant.attend())
        elif run.wanted and run.standing.name == "queued":
            self._queue.take_up(run, run.position)
        elif not (run.known and run.over):
            believed, run.standing = run.standing, provisional(run.standing)
            self._looking_back.append(self._spawn(look_back(self, run, believed)))

    def _enqueue(self, run: Run, reason: str = "", *, first: bool = False) -> None:
        self.see(run, Evidence("asked", reason))
        self._queue.add(run, first=first)
        self.fill()

    def _keep(self, run: Run) -> None:
        self.catalogue.keep(run.row())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
