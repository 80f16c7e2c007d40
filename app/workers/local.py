"""Trainers on this machine, forked by `trainer.forkserver`. Starts that process and keeps it fresh and alive.

A reader would not guess: when a component file changes, the old fork server is let go (it stays until
its last trainer has ended) and a new one is started, so the next run trains with what is on the disk.
"""

import asyncio
import contextlib
import hashlib
import json
import logging
import os
import socket
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any

from app.errors import BadSpec, WorkersAway
from app.workers.process import Process, boot_id
from app.workers.request import answered
from trainer import protocol

LOG = logging.getLogger("livefit.workers")
ROOT = Path(protocol.__file__).resolve().parent
ANSWERS_AT_ONCE = 4
PLANS_KEPT = 64
MAX_PAUSE_S = 30.0
CLOSE_WITHIN_S = 2.0


class LocalWorkers:
    """Starts trainers, and asks a forked child what only torch can answer. `data`: where own data sets are kept."""

    def __init__(self, log: Path, data: Path | None = None):
        self._log = log
        self._env = {"LIVEFIT_DATA_DIR": str(data)} if data else {}
        self._server: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._ready = asyncio.Event()
        self._tending: asyncio.Task[None] | None = None
        self._old: list[subprocess.Popen[bytes]] = []
        self._stamp = ""
        self._plans: OrderedDict[tuple[str, str], dict[str, Any]] = OrderedDict()
        self._surfaces: dict[str, dict[str, Any]] = {}
        self._at_once = asyncio.Semaphore(ANSWERS_AT_ONCE)
        self._keeping = asyncio.Lock()
        self._renewing = asyncio.Lock()

    def start(self) -> None:
        """Start the fork server and return at once; what is asked before it is ready waits."""
        self._stamp = components_stamp()
        self._tending = asyncio.create_task(self._tend())

    @property
    def ready(self) -> bool:
        """Whether a trainer would start at once."""
        return self._ready.is_set()

    async def train(self, folder: Path, attempt: int, resumes: int = 0) -> Process:
        """Start a trainer in a run's folder. `resumes`: how often in a row it was resumed by itself.

        Raises:
            WorkersAway: no process could be started; the text says why.
        """
        known = await self._ask({"do": "train", "run": str(folder), "attempt": attempt, "resumes": resumes})
        if "problems" in known:
            raise WorkersAway(known["problems"][0]["message"])
        return Process(known["pid"], known["start_time"], known["boot_id"], known["attempt"], resumes)

    async def plan(self, spec: dict[str, Any], start: Path | None = None) -> dict[str, Any]:
        """Return {"plan", "spec"} of a spec, or {"problems"}: what `trainer.plan.answer` says.

        What could run is kept: a form has asked for its plan by the time that its run is started. Not to be changed.
        `start`: the folder of the checkpoint that the spec starts from; whether that fits is looked at each time.
        """
        if start:
            async with self._at_once:
                return await self._ask({"do": "plan", "spec": spec, "start": str(start)})
        key = (components_stamp(), json.dumps(spec, sort_keys=True))
        if key in self._plans:
            self._plans.move_to_end(key)
            return self._plans[key]
        async with self._at_once:
            answer = await self._ask({"do": "plan", "spec": spec})
        if "plan" in answer and not hangs_on_the_cache(answer["plan"]):
            self._plans[key] = answer
            while len(self._plans) > PLANS_KEPT:
                self._plans.popitem(last=False)
        return answer

    async def plans(self, specs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return what `plan` says of each of some specs that start from no checkpoint, from one child for all."""
        if len(specs) == 1:
            return [await self.plan(specs[0])]
        with contextlib.suppress(BadSpec):
            async with self._at_once:
                answer = await self._ask({"do": "plans", "specs": specs})
            if "plans" in answer:
                return answer["plans"]
        # too much for one request, or one child's limits: each half has the whole of them
        half = len(specs) // 2
        return [*await self.plans(specs[:half]), *await self.plans(specs[half:])]

    async def ensemble(self, folders: list[Path]) -> dict[str, Any]:
        """Return {"parts"} or {"problems"}: what the networks of some runs come to together, see `trainer.members`."""
        return await self.tell({"do": "ensemble", "runs": [str(one) for one in folders]})

    async def tell(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return what a forked child answers to one of the requests of `trainer.answers`."""
        async with self._at_once:
            return await self._ask(request)

    async def describe(self) -> dict[str, Any]:
        """Return the JSON schemas of every component, folder by folder.

        Raises:
            WorkersAway: a component file cannot be imported; the text says which and why.
        """
        async with self._at_once:
            schemas = await self._ask({"do": "describe"})
        if "problems" in schemas:
            raise WorkersAway(schemas["problems"][0]["message"], "Mend the file; nothing needs to be restarted.")
        return schemas

    async def upload(
        self, file: Path, options: dict[str, Any], into: Path | None = None, about: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return what `trainer.own.answer` says of an uploaded file, or of it once it is kept in the folder `into`."""
        request = {"do": "upload", "file": str(file), "options": options}
        if into is None:
            async with self._at_once:
                return await self._ask(request)
        async with self._keeping:  # one after another: each may take gigabytes and minutes
            return await self._ask(request | {"into": str(into), "about": about})

    async def look(self, name: str, params: dict[str, Any], first: int, count: int) -> dict[str, Any]:
        """Return what a data set looks like with some parameters: {"look"} or {"problems"}, as `trainer.look` says."""
        async with self._at_once:
            return await self._ask({"do": "look", "name": name, "params": params, "first": first, "count": count})

    def forget_plans(self) -> None:
        """Work every plan out anew: what one counted on is no longer there."""
        self._plans.clear()

    async def surfaces(self, name: str = "") -> dict[str, Any]:
        """Return the surfaces that optimizers can descend, or one by name with its heights, or {"problems"}."""
        if name not in self._surfaces:
            async with self._at_once:
                answer = await self._ask({"do": "surfaces", "name": name})
            if "problems" in answer:
                return answer
            self._surfaces[name] = answer
        return self._surfaces[name]

    async def paths(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Return {"paths"} of optimizers over a surface, or {"problems"}: what `trainer.paths.answer` says."""
        async with self._at_once:
            return await self._ask({"do": "paths", "asked": asked})

    async def close(self) -> None:
        """Let the fork server go: it ends with its last trainer."""
        if self._tending:
            self._tending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._tending
        if self._server and not self.ready:
            self._server.terminate()  # it still imports torch, so nobody depends on it yet
        self._let_go()
        for one in self._old:
            with contextlib.suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(one.wait, CLOSE_WITHIN_S)

    def pids(self) -> list[int]:
        """Return the numbers of the fork servers of this server, for those who measure memory."""
        return [one.pid for one in [self._server, *self._old] if one and one.poll() is None]

    async def _tend(self) -> None:
        pause = 1.0
        while True:
            began = asyncio.get_running_loop().time()
            try:
                code = await self._live()
                LOG.error("the fork server ended (%s); trainers go on. It wrote to %s", code, self._log)
            except OSError as error:
                # no file numbers or processes are left, or its log cannot be written: that may pass
                LOG.error("the fork server cannot be started (%s)", error)
            self._ready.clear()
            pause = 1.0 if asyncio.get_running_loop().time() - began > MAX_PAUSE_S else min(2 * pause, MAX_PAUSE_S)
            LOG.info("a new fork server starts in %g s", pause)
            await asyncio.sleep(pause)

    async def _live(self) -> int:
        server = self._spawn()
        process = Process(server.pid, *_identity(server.pid), 0)
        try:
            if "ready" in await self._request({"do": "ready"}):
                self._ready.set()
        except WorkersAway:
            LOG.debug("the fork server went away before it was ready")
        await process.ended()
        self._ready.clear()
        return await asyncio.to_thread(server.wait)

    def _spawn(self) -> subprocess.Popen[bytes]:
        self._let_go()
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        path = os.pathsep.join(filter(None, [str(ROOT.parent), os.environ.get("PYTHONPATH", "")]))
        with theirs, self._log.open("ab") as log:
            self._server = subprocess.Popen(
                [sys.executable, "-m", "trainer.forkserver", "--fd", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,  # Ctrl-C in the server's terminal is the server's to answer
                env=os.environ | self._env | {"PYTHONPATH": path},
            )  # fmt: skip
        return self._server

    def _let_go(self) -> None:
        if self._socket:
            self._socket.close()
        self._socket = None
        self._old = [one for one in [*self._old, self._server] if one and one.poll() is None]

    async def _renew(self) -> None:
        # two requests may find the same change: the first starts the one fork server that both wait for
        async with self._renewing:
            if self._stamp == components_stamp():
                return
            LOG.info("a component file has changed: starting a fresh fork server")
            self._ready.clear()
            self._tending.cancel()
            await asyncio.wait([self._tending])
            self.start()

    async def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        if self._stamp != components_stamp():
            await self._renew()
        await self._ready.wait()
        return await self._request(request)

    async def _request(self, request: dict[str, Any]) -> dict[str, Any]:
        return await answered(lambda: self._socket, request)


def hangs_on_the_cache(plan: dict[str, Any]) -> bool:
    """Return whether a plan is another one once its data has been downloaded, or put there by hand."""
    return bool(plan.get("download") or plan.get("note"))


def components_stamp() -> str:
    """Return a text that changes when a component file is added, changed or taken away."""
    files = []
    for one in sorted(ROOT.glob("*/*.py")):
        with contextlib.suppress(FileNotFoundError):  # taken away between the two looks
            files.append((one.parent.name, one.name, one.stat().st_mtime_ns))
    return hashlib.sha256(repr(files).encode()).hexdigest()[:16]


def _identity(pid: int) -> tuple[int, str]:
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(stat[19]), boot_id()
