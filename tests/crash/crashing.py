"""Runs the plans: a server, runs that train in it side by side, a page that watches, and somebody who kills.

Nothing here sleeps: it waits for what the page hears, for the server's end, or until the next deed is due.
"""

import contextlib
import os
import queue
import shutil
import signal
import subprocess
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from app.workers.process import Process
from tests.crash.checking import Finding, References, check
from tests.crash.plans import KNOBS, Plan
from tests.crash.viewer import Viewer
from tests.server import OVER, Server
from tests.waiting import wait_for

AT_ONCE = 20
NOT_JUST_NOW = 503
AGAIN_S = 0.1
BEHIND = 100  # messages that wait: whoever is killed by the clock must be heard of in time
HUNG_AFTER_S = 90.0  # without a word, of a run that is to come to an end by itself


@dataclass
class Cycle:
    """A plan under way. `due`: deeds that wait, by the monotonic clock, once the run was seen to train."""

    plan: Plan
    run: str
    heard_at: float
    due: list[tuple[float, str]] | None = None


@dataclass
class Tally:
    """What came of all cycles."""

    cycles: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    attempts: int = 0
    lost: int = 0
    duplicated: int = 0
    wrong: int = 0
    hung: int = 0
    failed: list[tuple[Plan, Path, list[str]]] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether nothing was lost, duplicated, wrong or hung."""
        return not (self.lost or self.duplicated or self.wrong or self.hung)


class Crashing:
    """One data folder through many cycles. `told` hears a line for each that fails."""

    def __init__(
        self, folder: Path, references: References, told: Callable[[str], None], at_once: int = AT_ONCE,
        hung_after_s: float = HUNG_AFTER_S,
    ):  # fmt: skip
        self.folder, self.references, self._told = folder, references, told
        self._at_once, self._hung_after_s = at_once, hung_after_s
        self.tally = Tally()
        self._faults = folder / "faults"
        self._faults.mkdir(parents=True, exist_ok=True)
        self._server_faults: deque[str] = deque()
        self._heard: queue.Queue[tuple[str, str, Any]] = queue.Queue()
        self._viewer = Viewer(self._heard)
        self._cycles: dict[str, Cycle] = {}
        self._server = Server(
            folder / "data", "--max-running", str(at_once), LIVEFIT_STOP_WITHIN_S="3", LIVEFIT_TESTING="1",
            LIVEFIT_FAULT=f"{self._faults}/", LIVEFIT_LOG_LEVEL="info",
        )  # fmt: skip

    def run(self, plans: Iterable[Plan], within_s: float = 24 * 3600.0) -> Tally:
        """Go through the plans, or through those for which there is time; return what came of them."""
        waiting = deque(plans)
        until = time.monotonic() + within_s
        self._server_faults += [one.server_faults for one in waiting if one.server_faults][:1]
        self._start()
        try:
            while self._cycles or (waiting and time.monotonic() < until):
                room = waiting and len(self._cycles) < self._at_once and time.monotonic() < until
                if room and self._heard.qsize() < BEHIND:
                    self._launch(waiting.popleft())
                self._hear(wait=not room)
                self._act()
                self._find_hung()
        finally:
            self._viewer.close()
            self._server.end()
        return self.tally

    # -- the server

    def _start(self) -> None:
        planted = self._server_faults.popleft() if self._server_faults else ""
        (self._faults / ("forkserver" if planted.startswith("forkserver") else "server")).write_text(planted)
        while True:
            try:
                self._server.start()
                break
            except AssertionError:
                if self._server.gone() != -signal.SIGKILL:
                    raise
                self.tally.kills["server point"] += 1  # what was planted struck before it could answer
        self._viewer.connect(self._server.address)

    def _start_again(self, how: str) -> None:
        self._server.gone()
        self._server.http.close()
        self.tally.kills[how] += 1
        self._start()
        for cycle in self._cycles.values():
            cycle.heard_at = time.monotonic()

    def _line_is_cut(self) -> None:
        try:
            self._server.process.wait(2)
        except subprocess.TimeoutExpired:
            self._viewer.connect(self._server.address)  # the server lives, only the line does not
        else:
            self._start_again("server point")

    # -- one cycle

    def _launch(self, plan: Plan) -> None:
        if plan.faults:
            (self._faults / str(plan.number)).write_text(plan.faults)
        if plan.server_faults and self.tally.cycles:
            self._server_faults.append(plan.server_faults)
        run = wait_for(lambda: self._asked_to_train(plan), within_s=60.0)
        self._cycles[run] = Cycle(plan, run, time.monotonic())
        self._viewer.watch(run)

    def _asked_to_train(self, plan: Plan) -> str | None:
        try:
            answer = self._server.http.post("/api/runs", json=plan.spec)
        except httpx2.TransportError:
            self._line_is_cut()
            return None
        if answer.status_code == NOT_JUST_NOW:
            return None  # the fork server has just died, and another one comes up
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def _hear(self, *, wait: bool) -> None:
        """Take what the page has heard; wait for it until the next deed is due."""
        now = time.monotonic()
        next_due = min((at for one in self._cycles.values() for at, _ in one.due or []), default=now + 1.0)
        with contextlib.suppress(queue.Empty):
            self._take_message(*self._heard.get(timeout=min(max(0.0, next_due - now), 1.0) if wait else 0.01))
            for _ in range(BEHIND):
                self._take_message(*self._heard.get_nowait())

    def _take_message(self, kind: str, run: str, message: Any) -> None:
        if kind == "gone":
            if message is self._viewer.socket:
                self._line_is_cut()
            return
        cycle, seen = self._cycles.get(run), self._viewer.seen.get(run)
        if cycle is None or seen is None:
            return
        seen.hear(*message)
        cycle.heard_at = time.monotonic()
        if cycle.due is None and seen.curve:
            cycle.due = [(cycle.heard_at + after, deed) for after, deed in cycle.plan.deeds]
        if seen.status["name"] == "paused" and not any(deed == "resume" for _, deed in cycle.due or []):
            cycle.due = [*(cycle.due or []), (cycle.heard_at, "resume")]
        if seen.status["name"] in OVER:
            self._end(cycle)

    def _act(self) -> None:
        now = time.monotonic()
        for cycle in list(self._cycles.values()):
            for due in [one for one in cycle.due or [] if one[0] <= now]:
                cycle.due.remove(due)
                self._do(cycle, due[1])

    def _do(self, cycle: Cycle, deed: str) -> None:
        match deed.split():
            case ["kill", "trainer"]:
                if self._kill_trainer(cycle):
                    self.tally.kills["trainer"] += 1
                else:
                    cycle.due.append((time.monotonic() + AGAIN_S, deed))  # it has just died, and the next is on its way
            case ["kill", "server"]:
                self._server.process.send_signal(signal.SIGKILL)
                self._start_again("server")
            case ["kill", "both"]:
                self._server.process.send_signal(signal.SIGKILL)
                for one in self._cycles.values():
                    self._kill_trainer(one)
                self._start_again("both")
            case ["end", "server"]:
                self._server.process.send_signal(signal.SIGTERM)
                self._start_again("server ended")
            case ["turn", knob]:
                target, field_, value = KNOBS[int(knob)]
                self._ask(cycle, {"type": "change", "target": target, "field": field_, "value": value})
            case [command]:
                self._ask(cycle, {"type": command})

    def _kill_trainer(self, cycle: Cycle) -> bool:
        process = Process.read(self._server.folder / "runs" / cycle.run)
        if not process or not process.alive():
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        return True

    def _ask(self, cycle: Cycle, command: dict[str, Any]) -> None:
        self._viewer.say(type="command", run=cycle.run, ref=None, command=command)

    def _end(self, cycle: Cycle) -> None:
        del self._cycles[cycle.run]
        seen = self._viewer.leave(cycle.run)
        folder = self._server.folder / "runs" / cycle.run
        attempts = len(list(folder.glob("events-*.log")))
        self.tally.cycles += 1
        self.tally.attempts += attempts
        self.tally.kills["point"] += max(0, attempts - 1) if cycle.plan.kind == "point" else 0
        self._judge(cycle, folder, check(cycle.plan, folder, seen, self._series(cycle.run), self.references))

    def _series(self, run: str) -> dict[str, Any] | None:
        # the server may be on its way out just now: then the next one is asked
        for _ in range(3):
            try:
                return self._server.ask("GET", f"/api/runs/{run}/series?width=20000")["series"]
            except httpx2.TransportError:
                self._line_is_cut()
        return None

    def _judge(self, cycle: Cycle, folder: Path, found: Finding) -> None:
        self.tally.lost += found.lost
        self.tally.duplicated += found.duplicated
        self.tally.wrong += found.wrong
        self.tally.hung += found.hung
        if not found.good:
            self.tally.failed.append((cycle.plan, folder, found.said))
            plan = cycle.plan
            again = f"python -m tests.crash --seed {plan.seed} --only {plan.number}"
            self._told(f"cycle {plan.number} ({plan.kind}, {plan.variant}) failed: {folder}   again: {again}")
            for line in found.said:
                self._told(f"    {line}")
        else:
            _forget(folder)

    def _find_hung(self) -> None:
        now = time.monotonic()
        for cycle in list(self._cycles.values()):
            if now - cycle.heard_at > self._hung_after_s:
                seen = self._viewer.leave(cycle.run)
                del self._cycles[cycle.run]
                self.tally.cycles += 1
                stands = f"{seen.status.get('name')} ({seen.status.get('reason')})"
                told = f"still {stands} after {self._hung_after_s:g} s of silence"
                self._judge(cycle, self._server.folder / "runs" / cycle.run, Finding(hung=1, said=[told]))


def _forget(folder: Path) -> None:
    """Take away the large files of a run that came out well; a folder of 1,000 runs need not hold gigabytes."""
    shutil.rmtree(folder / "checkpoints", ignore_errors=True)
