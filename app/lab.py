"""The lab: which runs there are, which of them train, and which is next.

Everything here happens on the event loop, so nothing needs a lock; what takes time (a plan, a process, the
catalogue's disk) is awaited. What a status means and what may follow it is in `app.life`.
"""

import asyncio
import logging
import shutil
import time
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from app.attend import Attendant
from app.card import measure
from app.catalog_db import Catalogue
from app.components import Components
from app.disk import check_room
from app.errors import BadSpec, CatalogueBusy, NoSuchRun
from app.follow import Follower
from app.life import TRAINS, Status, after, check_action
from app.room import Room
from app.run import RUN_ID, Run, found_folders, new_folder, row_of_folder
from app.settings import Settings
from app.workers.local import LocalWorkers
from trainer.protocol import Entry

LOG = logging.getLogger("livefit.lab")
TRASH_S = 7 * 24 * 3600


class Lab:
    """All runs of one data folder."""

    def __init__(self, settings: Settings, catalogue: Catalogue, workers: LocalWorkers):
        self.settings = settings
        self.workers = workers
        self.components = Components(workers, settings.data_dir / "derived" / "components.json")
        self.follower = Follower(self)
        self.closing = False
        self._catalogue = catalogue
        self._runs: dict[str, Run] = {}
        self._queue: list[Run] = []
        self._attended: dict[str, Attendant] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._room = Room(settings.data_dir, self.fill)

    # -- what there is

    def runs(self, limit: int | None = None) -> list[dict[str, Any]]:
        """Return the cards of the runs that are not in the trash, newest first. Safe to call from any thread."""
        there = sorted((one for one in list(self._runs.values()) if not one.deleted_at), key=lambda one: one.id)
        return [one.card() for one in there[::-1][:limit]]

    def count(self) -> int:
        """Return how many runs are not in the trash."""
        return sum(not one.deleted_at for one in list(self._runs.values()))

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
        """Return {"plan", "spec"}: what the spec would train, and the spec with every default written out.

        Raises:
            BadSpec: it cannot be run; `problems` says why.
        """
        answer = await self.workers.plan(spec)
        if "problems" in answer:
            raise BadSpec(answer["problems"])
        return answer

    async def create(self, spec: dict[str, Any], by: str) -> Run:
        """Plan a spec, write the run's folder, and queue it.

        Raises:
            BadSpec: it cannot be run. DiskFull: there is no room. CatalogueBusy: nothing was kept.
        """
        check_room(self.settings.data_dir)
        spec = (await self.plan(spec))["spec"]
        folder = await asyncio.to_thread(new_folder, self.settings.runs_dir, spec)
        row = {"name": spec["name"], "by": by, "created": time.time(), "wanted": True, "status": {"name": "queued"}}
        run = Run(self, folder, row)
        run.summary = {part: spec[part]["name"] for part in ("dataset", "model", "optimizer")}
        try:
            await self._catalogue.save(run.row())
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        self._runs[run.id] = run
        self._enqueue(run)
        return run

    def restart(self, run: Run, by: str) -> None:
        """Let an interrupted, stopped or failed run go on from its last checkpoint, as a new attempt.

        Raises:
            NotNow: it trains, or came to its end.
        """
        check_action(run.standing, "restart")
        check_room(self.settings.data_dir)
        run.wanted, run.resumes = True, 0
        self._enqueue(run, f"restarted by {by}")

    def stopping(self, run: Run) -> None:
        """Hear that a run shall stop: at once when no trainer has it, or else see to it that it does."""
        run.wanted = False
        if attendant := self._attended.get(run.id):
            attendant.stop()
        else:
            self._leave_queue(run)
            self.move(run, Status("stopped", "" if run.summary.get("step") else "before it was started"))

    async def delete(self, run: Run) -> None:
        """Put a run in the trash, from which it can be restored for a week.

        Raises:
            NotNow: a trainer works on it. CatalogueBusy: it is still there.
        """
        check_action(run.standing, "delete")
        self._leave_queue(run)
        run.wanted = False
        if run.standing.name == "queued":
            run.standing = Status("stopped", "before it was started")
        await self._put(run, time.time())

    async def restore(self, run_id: str) -> Run:
        """Take a run out of the trash.

        Raises:
            NoSuchRun: there is none with this id, there or anywhere. CatalogueBusy: it is still in the trash.
        """
        run = self._runs.get(run_id)
        if run is None:
            raise NoSuchRun(f"There is no run {run_id[:40]!r}, and none in the trash.")
        await self._put(run, None)
        return run

    # -- how it lives

    async def open(self) -> None:
        """Read the catalogue and the folders, start the workers, and take over what still trains."""
        rows = {row["id"]: row for row in self._catalogue.rows()}
        for folder in found_folders(self.settings.runs_dir):
            try:
                row = rows.pop(folder.name, None) or row_of_folder(folder)
            except (OSError, ValueError) as error:
                LOG.warning("%s is not shown: its spec.json cannot be read (%s)", folder, error)
                continue
            self._add(Run(self, folder, row), known="status" in row, position=row.get("queue_position"))
        for gone in rows:
            self._catalogue.forget(gone)
        self._queue.sort(key=lambda run: run.standing.position or 0)
        self.workers.start()
        self.follower.start()
        self._number()
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
        statuses = [status for entry in entries if (status := after(entry.said, entry.time))]
        if statuses:
            self.move(run, statuses[-1])

    def move(self, run: Run, status: Status) -> None:
        """Give a run a status, and write that down."""
        run.standing = status
        if status.name not in TRAINS and self.attends(run):
            run.summary = run.summary | measure(run.followed)
        if run.over:
            run.wanted = False
        self._catalogue.save(run.row())

    def fill(self) -> None:
        """Start queued runs while there is room, and number the rest."""
        self._queue = [one for one in self._queue if one.wanted]
        if not self.closing and self._queue and self._room.is_there():
            room = self.settings.max_running - len(self._attended)
            for run in [one for one in self._queue if not self.attends(one)][: max(0, room)]:
                self._queue.remove(run)
                self.move(run, Status("starting"))
                self._attend(Attendant(self, run))
        self._number()

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
            if waits and run.wanted and not run.deleted_at:
                self._enqueue(run, run.standing.reason, first=True)

        self._spawn(later())

    def _add(self, run: Run, *, known: bool, position: int | None) -> None:
        self._runs[run.id] = run
        if run.deleted_at:
            if time.time() - run.deleted_at > TRASH_S:
                del self._runs[run.id]
                shutil.rmtree(run.folder, ignore_errors=True)
                self._catalogue.forget(run.id)
            return
        attendant = Attendant(self, run)
        (run.folder / "watched").unlink(missing_ok=True)  # a server that was killed left it, and nobody watches yet
        if attendant.finds_alive():
            run.wanted = True
            self._attend(attendant)
        elif run.wanted and run.standing.name == "queued":
            run.standing = replace(run.standing, position=position)
            self._queue.append(run)
        elif not (known and run.over):
            self._spawn(attendant.look_back())

    def _attend(self, attendant: Attendant) -> None:
        self._attended[attendant.run.id] = attendant
        self._spawn(attendant.attend())

    def _enqueue(self, run: Run, reason: str = "", *, first: bool = False) -> None:
        run.standing = Status("queued", reason)
        self._queue.insert(0 if first else len(self._queue), run)
        self.fill()

    async def _put(self, run: Run, deleted_at: float | None) -> None:
        before, run.deleted_at = run.deleted_at, deleted_at
        try:
            await self._catalogue.save(run.row())
        except CatalogueBusy:
            run.deleted_at = before
            raise

    def _leave_queue(self, run: Run) -> None:
        if run in self._queue:
            self._queue.remove(run)
            self._number()

    def _number(self) -> None:
        for position, run in enumerate(self._queue, 1):
            if run.standing.position != position:
                run.standing = replace(run.standing, position=position)
                self._catalogue.save(run.row())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
