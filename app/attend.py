"""Stays with one trainer from its start, or from when it was found, to its end, and says how it ended."""

import asyncio
import logging
import signal
import time
from dataclasses import replace
from typing import Any, Protocol

from app.errors import WorkersAway
from app.life import BEGINS, MAX_RESUMES, TRAINS, Evidence, cause_of_death, pause_before_resume, told_by
from app.preparing import Prepares, preparing
from app.pulse import Pulse
from app.run import Run
from app.run_folder import exit_known, has_progressed
from app.workers.fence import clear
from app.workers.process import Process
from trainer.protocol import Entry, Rejected, Started

LOG = logging.getLogger("livefit.lab")
START_AGAIN_S = 2.0
CLOSE_WITHIN_S = 5.0  # of the 10 s in which a server ends: 1 for its answers, 2 for the fork server
LOOK_EVERY_S = 0.25


class Owner(Protocol):
    """What an attendant asks of, and tells, the lab whose run it is."""

    workers: Any
    follower: Any
    settings: Any
    closing: bool

    def see(self, run: Run, seen: Evidence) -> bool:
        """Let evidence move a run; return whether it did."""

    def again(self, run: Run, pause_s: float) -> None:
        """Let a run go on after a pause."""

    def done(self, run: Run) -> None:
        """Hear that nobody stays with the run any more."""


class Attendant:
    """One trainer's process and the run that it trains."""

    def __init__(self, lab: Owner, run: Run):
        self.lab = lab
        self.run = run
        self.attempt = run.process.attempt if run.process else 0  # 0 until one is launched
        self._ended = asyncio.Event()
        self._stopping: asyncio.Task[None] | None = None
        self._prepares: Prepares | None = None  # what it brings here before it begins

    async def attend(self) -> None:
        """Start a trainer unless one was found, and stay until all that it said is heard."""
        run = self.run
        watching: asyncio.Task[None] | None = None
        try:
            if not run.process:
                run.process = await self._launch()
            watching = asyncio.create_task(self._watch())
            await run.process.ended()
            watching.cancel()
            await self._hear_the_end(run.process)
        except WorkersAway as error:
            LOG.error("run %s cannot be started: %s", run.id, error.detail)
            self.lab.see(run, Evidence("not launched", error.detail, error.hint))
            self.lab.again(run, START_AGAIN_S)
        except Exception as error:
            # whatever went wrong, nobody follows this run any more, so it must not stand as training
            LOG.exception("run %s cannot be followed", run.id)
            told = f"the server failed while it started or followed the run ({type(error).__name__})"
            self.lab.see(run, Evidence("not launched", told, "The server's log says more. It can be restarted."))
        finally:
            self._ended.set()
            for task in (watching, self._stopping):
                if task:
                    task.cancel()
            self.lab.done(run)

    async def _launch(self) -> Process:
        run = self.run
        if attempts := run.next_attempt() - 1:
            await asyncio.to_thread(clear, run.folder)
            run.reached = max(run.reached, run.summary.get("step", 0))
            LOG.info("run %s: attempt %d begins", run.id, attempts + 1)
        self.attempt = attempts + 1
        return await self.lab.workers.train(run.folder, self.attempt, run.resumes)

    # -- while it trains

    def heard(self, entry: Entry, attempt: int) -> None:
        """Hear what the trainer of an attempt said; what an earlier one did, its log says too late."""
        run, said = self.run, entry.said
        if not 0 < self.attempt <= attempt:
            return
        if isinstance(said, Rejected) and said.command == run.stop_asked:
            run.repeat_stop()  # it came while the attempt came up, and was taken for one of an earlier attempt
        if isinstance(said, Started) and said.chosen:
            run.reached = said.step  # it goes another way from there, and has nothing to catch up with
        seen = told_by(said, entry.time, reached=run.reached)
        if seen and seen.kind == "left" and run.stop_asked:
            seen = replace(seen, kind="killed on request", reason="it saved itself when it was told to end")
        if seen:
            self.lab.see(run, seen)

    async def _watch(self) -> None:
        pulse = Pulse(time.monotonic(), self.lab.settings.stalled_after_s, LOOK_EVERY_S)
        while True:
            self.look(pulse, time.monotonic())
            await asyncio.sleep(LOOK_EVERY_S)

    def look(self, pulse: Pulse, now: float) -> None:
        """See whether steps still come."""
        run, followed = self.run, self.run.followed
        state, stands = followed.state, run.standing.name
        beats = pulse.look(now, followed.position, state["step"])
        if beats:
            run.asked_at = None
        if stands in BEGINS:
            self._look_at_download(pulse, now)
        if stands == "stalled" and beats:
            kind = "paused" if state["paused"] else "behind" if state["step"] < run.reached else "trains"
            self.lab.see(run, Evidence(kind))
        elif stands == "resuming" and state["attempt"] == self.attempt and state["step"] >= run.reached:
            self.lab.see(run, Evidence("trains"))
        elif stands in TRAINS and stands != "stalled":
            self._mind_silence(pulse, now)

    def _look_at_download(self, pulse: Pulse, now: float) -> None:
        before, told = self._prepares, preparing(self.run.folder, self.attempt)
        self._prepares = told
        if told and told != before:
            pulse.beat(now)
            self.lab.see(self.run, Evidence("prepares", told.text, since=self.run.standing.since))

    def _mind_silence(self, pulse: Pulse, now: float) -> None:
        run, state = self.run, self.run.state
        begun = state["attempt"] == self.attempt
        silent, what = pulse.silence(now), "step" if begun else "first step"
        if run.standing.name == "paused":  # only one that was asked something and does not answer
            silent, what = (now - run.asked_at if run.asked_at else 0.0), "answer"
        speed = state["knobs"].get("training", {}).get("speed", {}).get("value", 0.0)
        patience = pulse.patience(speed if isinstance(speed, int | float) else 0.0)
        if silent > patience:
            LOG.warning("run %s is stalled: nothing heard for %.0f s", run.id, silent)
            hint = "Its stacks say where it hangs. Stop it, or wait: it goes on by itself if it can."
            self.lab.see(run, Evidence("late", f"no {what} for {silent:.0f} s", hint))

    # -- ends

    def stop(self) -> None:
        """See to it that a trainer that was asked to stop does: SIGTERM after a while, then SIGKILL."""
        self._stopping = self._stopping or asyncio.create_task(self._insist())

    async def interrupt(self) -> None:
        """Ask the trainer to save itself and go; kill what is left of it after a while."""
        if not self.run.process:
            return
        self.run.process.send(signal.SIGTERM)
        await self._kill_unless_ended(min(CLOSE_WITHIN_S, self.lab.settings.stop_within_s))

    async def _insist(self) -> None:
        within_s = self.lab.settings.stop_within_s
        # one that hangs already, or has no step yet, is not asked to be so kind as to stop between two steps
        if self.run.standing.name != "stalled" and not self._prepares and await self._ends(within_s):
            return
        LOG.warning("run %s does not stop: sending SIGTERM", self.run.id)
        if self.run.process:
            self.run.process.send(signal.SIGTERM)
            await self._kill_unless_ended(within_s)

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
        await self.lab.follower.finish(self.run)
        if self.run.standing.name in TRAINS:
            self.explain(process)

    def explain(self, process: Process) -> None:
        """Say of what a trainer died that did not say so itself, and let the run go on if it may."""
        run = self.run
        death = cause_of_death(run.exit(process.attempt), same_boot=process.same_boot(), batch_size=run.batch_size())
        if run.stop_asked:
            reason = "before it had its data" if self._prepares else f"it did not stop by itself: {death.reason}"
            death = replace(death, kind="killed on request", reason=reason, hint="")
        if death.kind != "died" or self.lab.closing or not run.wanted:
            self.lab.see(run, death)
            return
        # a run that has come further than where it began has earned its tries back
        run.resumes = 0 if has_progressed(run.folder, process.attempt) else process.resumes
        if run.resumes >= MAX_RESUMES:
            run.wanted = False
            tries = f"It died {run.resumes + 1} times without getting further, so it is not tried again by itself."
            self.lab.see(run, replace(death, hint=f"{tries} {death.hint}"))
        else:
            run.resumes += 1
            pause = pause_before_resume(run.resumes)
            hint = f"It goes on from its last checkpoint in {pause:g} s (time {run.resumes} of {MAX_RESUMES})."
            self.lab.see(run, replace(death, hint=hint))
            self.lab.again(run, pause)
