"""Stays with one trainer from its start, or from when it was found, to its end, and says how it ended."""

import asyncio
import logging
import signal
from typing import Any, Protocol

from app.card import measure
from app.errors import WorkersAway
from app.life import MAX_RESUMES, OVER, TRAINS, Status, after, cause_of_death, pause_before_resume
from app.run import Run, exit_known
from app.workers.process import Process
from trainer.protocol import Entry
from trainer.runlog import LogDamaged, read_all

LOG = logging.getLogger("livefit.lab")
START_AGAIN_S = 2.0
CLOSE_WITHIN_S = 6.0  # of the 10 s in which a server ends: 1 for its answers, 2 for the fork server


class Owner(Protocol):
    """What an attendant asks of, and tells, the lab whose run it is."""

    workers: Any
    follower: Any
    settings: Any
    closing: bool

    def move(self, run: Run, status: Status) -> None:
        """Hear that a run has another status now."""

    def heard(self, run: Run, entries: list[Entry]) -> None:
        """Hear what the trainer said."""

    def again(self, run: Run, pause_s: float) -> None:
        """Let a run go on after a pause."""

    def done(self, run: Run) -> None:
        """Hear that nobody stays with the run any more."""


class Attendant:
    """One trainer's process and the run that it trains."""

    def __init__(self, lab: Owner, run: Run):
        self.lab = lab
        self.run = run
        self._ended = asyncio.Event()
        self._stopping: asyncio.Task[None] | None = None

    def finds_alive(self) -> bool:
        """Return whether a trainer of this run, started by an earlier server, still works."""
        process = Process.read(self.run.folder)
        if process and process.alive():
            self.run.process = process
            LOG.info("run %s: adopted its trainer, pid %d", self.run.id, process.pid)
            return True
        return False

    async def attend(self) -> None:
        """Start a trainer unless one was found, and stay until all that it said is heard."""
        run = self.run
        try:
            if not run.process:
                run.process = await self.lab.workers.train(run.folder, run.next_attempt())
            elif run.standing.name not in TRAINS:
                self.lab.move(run, Status("starting"))
            await run.process.ended()
            await self._hear_the_end(run.process)
        except WorkersAway as error:
            LOG.error("run %s cannot be started: %s", run.id, error.detail)
            self.lab.move(run, Status("interrupted", error.detail, error.hint))
            self.lab.again(run, START_AGAIN_S)
        finally:
            self._ended.set()
            if self._stopping:
                self._stopping.cancel()
            self.lab.done(run)

    async def look_back(self) -> None:
        """Find out from what it left behind where a run stands that nobody attends."""
        run, before = self.run, self.run.standing
        if entries := await asyncio.to_thread(self._last_words):
            run.summary |= await asyncio.to_thread(lambda: measure(run.followed))
        if run.standing is not before:
            return  # somebody has asked something of it meanwhile
        self.lab.heard(run, entries)
        if run.standing.name in OVER:
            return
        process = Process.read(run.folder)
        if process and (run.standing.name in TRAINS or not entries):
            self._explain(process)
            return
        if run.standing.name != "interrupted":
            self.lab.move(run, Status("interrupted", "left half done" if entries else "was never started"))
        if run.wanted:
            self.lab.again(run, 0.0)

    def _last_words(self) -> list[Entry]:
        log = self.run.folder / f"events-{self.run.next_attempt() - 1}.log"
        found = []
        try:
            found.extend(entry for entry, _ in read_all(log) if after(entry.said, entry.time))
        except LogDamaged as damage:
            LOG.warning("run %s: %s", self.run.id, damage)
        return found

    def stop(self) -> None:
        """See to it that a trainer that was asked to stop does: SIGTERM after a while, then SIGKILL."""
        self.run.stop_asked = True
        self._stopping = self._stopping or asyncio.create_task(self._insist())

    async def interrupt(self) -> None:
        """Ask the trainer to save itself and go; kill what is left of it after a while."""
        if not self.run.process:
            return
        self.run.process.send(signal.SIGTERM)
        await self._kill_unless_ended(min(CLOSE_WITHIN_S, self.lab.settings.stop_within_s))

    async def _insist(self) -> None:
        if await self._ends(self.lab.settings.stop_within_s):
            return
        LOG.warning("run %s does not stop: sending SIGTERM", self.run.id)
        if self.run.process:
            self.run.process.send(signal.SIGTERM)
            await self._kill_unless_ended(self.lab.settings.stop_within_s)

    async def _kill_unless_ended(self, within_s: float) -> None:
        if not await self._ends(within_s) and self.run.process:
            LOG.warning("run %s does not answer SIGTERM: killing it", self.run.id)
            self.run.process.send(signal.SIGKILL)
            await self._ended.wait()

    async def _ends(self, within_s: float) -> bool:
        try:
            await asyncio.wait_for(self._ended.wait(), within_s)
        except TimeoutError:
            return False
        return True

    async def _hear_the_end(self, process: Process) -> None:
        await exit_known(self.run.folder, process.attempt)
        self.lab.follower.finish(self.run)
        if self.run.standing.name in TRAINS:
            self._explain(process)

    def _explain(self, process: Process) -> None:
        run = self.run
        status = cause_of_death(run.exit(process.attempt), same_boot=process.same_boot())
        if run.stop_asked:
            self.lab.move(run, Status("stopped", f"it did not stop by itself: {status.reason}"))
        elif self.lab.closing or not run.wanted:
            self.lab.move(run, status)
        elif run.resumes >= MAX_RESUMES:
            run.wanted = False
            hint = f"It died {run.resumes + 1} times, so it is not tried again by itself. {status.hint}"
            self.lab.move(run, Status("interrupted", status.reason, hint))
        else:
            run.resumes += 1
            pause = pause_before_resume(run.resumes)
            hint = f"It goes on from its last checkpoint in {pause:g} s (time {run.resumes} of {MAX_RESUMES})."
            self.lab.move(run, Status("interrupted", status.reason, hint))
            self.lab.again(run, pause)
