"""Forks trainers from a process that has already imported torch: 40 ms to the first step in place of 5 s.

Started by the web server with one end of a socket (SOCK_SEQPACKET). A request is one datagram of JSON with
the write end of a pipe attached; the answer is one line of JSON in that pipe, which is then closed. It
is also the parent that reaps a trainer and writes down how it ended, so the cause of a death is known
although the web server was away: when the server's end closes, it stays until its last child has ended.
Why not multiprocessing's own: docs/decisions/0002-own-fork-server.md.
"""

import argparse
import contextlib
import faulthandler
import gc
import json
import os
import selectors
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from trainer import answers, faults
from trainer.answers import CRASHED, problem, why_none
from trainer.output import forgive, print_to
from trainer.procfs import boot_id, memory_total, oom_kills, start_time

PRELOAD = (
    "torch torch.optim torch._dynamo sklearn.datasets trainer.catalog trainer.plan trainer.paths trainer.loop "
    "trainer.__main__ trainer.own.answer trainer.look"
)
MAX_REQUEST = 256 * 1024


@dataclass
class Child:
    """A forked process: what it was asked, and where its answer goes unless it was answered at once."""

    request: dict[str, Any]
    answer: int | None
    oom_kills: int


class ForkServer:
    """One thread, one loop: requests come in, children go out."""

    def __init__(self, requests: socket.socket):
        self.requests = requests
        self.children: dict[int, Child] = {}
        self.listening = True
        self.broken = ""

    def preload(self) -> None:
        """Import what a first step needs. A component file that cannot be imported becomes an answer."""
        try:
            for name in PRELOAD.split():
                import_module(name)
            import_module("torch").set_num_threads(1)
        except Exception as error:
            traceback.print_exc()
            self.broken = f"trainer cannot be imported: {_where(error)}"
        gc.collect()
        gc.freeze()  # pages of objects that are never touched again stay shared with the children

    def serve(self) -> None:
        """Answer requests until the server has gone and the last child has ended."""
        wake, woken = os.pipe()
        os.set_blocking(wake, False)
        os.set_blocking(woken, False)
        self._inner = [wake, woken]
        signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        faulthandler.register(signal.SIGUSR1, file=2)  # trainers inherit it: their stacks go to output.txt
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: self._leave())
        ready = selectors.DefaultSelector()
        ready.register(wake, selectors.EVENT_READ)
        ready.register(self.requests, selectors.EVENT_READ)
        self._inner += [ready.fileno(), self.requests.fileno()]
        while self.listening or self.children:
            for key, _ in ready.select():
                if key.fileobj is not self.requests:
                    with contextlib.suppress(BlockingIOError):
                        os.read(wake, 4096)
                elif self.listening:
                    self._take()
            self._reap()
            if not self.listening and self.requests.fileno() >= 0:
                ready.unregister(self.requests)
                self.requests.close()

    def _leave(self) -> None:
        self.listening = False

    def _take(self) -> None:
        try:
            data, pipes, _, _ = socket.recv_fds(self.requests, MAX_REQUEST, 1)
        except ConnectionError:
            data, pipes = b"", []
        if not data:
            self._leave()
            return
        if not pipes:
            # out of file numbers: the kernel kept the pipe, so who asked sees its end closed without an answer
            print("a request came without its pipe: too many files are open", file=sys.stderr, flush=True)
            return
        request = json.loads(data)
        if self.broken:
            _say(pipes[0], problem(self.broken))
        elif request["do"] == "train":
            self._train(request, pipes[0])
        else:
            self._answer(request, pipes[0])

    def _train(self, request: dict[str, Any], pipe: int) -> None:
        folder = Path(request["run"])

        def train() -> int:
            os.setsid()
            os.close(pipe)
            print_to(folder / "output.txt")
            _prefer_to_be_killed()
            return import_module("trainer.__main__").main([str(folder)])

        child = Child(request, None, oom_kills())
        try:
            pid = self._fork(train)
        except OSError as error:
            _say(pipe, problem(f"no process can be started: {error.strerror}"))
            return
        self.children[pid] = child
        faults.reach("forkserver.forked")
        known = {"pid": pid, "start_time": start_time(pid), "boot_id": boot_id(), "attempt": request["attempt"]}
        try:
            # a copy of the folder, whose inode is another, is not where this process trains
            known |= {"resumes": request.get("resumes", 0), "inode": folder.stat().st_ino}
            write_json(folder / "trainer.json", known)
        except OSError as error:
            # nobody could find this trainer again, and a second one would train beside it
            os.kill(pid, signal.SIGKILL)
            _say(pipe, problem(f"trainer.json cannot be written: {error.strerror}"))
            return
        _say(pipe, known)

    def _answer(self, request: dict[str, Any], pipe: int) -> None:
        def answer() -> int:
            _say(pipe, answers.answer(request))
            return 0

        child = Child(request, pipe, 0)
        try:
            self.children[self._fork(answer)] = child
        except OSError as error:
            _say(pipe, problem(f"no process can be started: {error.strerror}"))

    def _fork(self, work: Callable[[], int]) -> int:
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid:
            return pid
        code = CRASHED
        try:
            self._become_child()
            code = work()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except BaseException:
            traceback.print_exc()
        finally:
            with contextlib.suppress(OSError, ValueError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)

    def _become_child(self) -> None:
        # a pipe that somebody else waits on would stay open for as long as this child lives
        signal.set_wakeup_fd(-1)
        for kind in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
            signal.signal(kind, signal.SIG_DFL)
        for number in [*self._inner, *(one.answer for one in self.children.values() if one.answer is not None)]:
            os.close(number)

    def _reap(self) -> None:
        for pid, child in list(self.children.items()):
            # WNOWAIT keeps the zombie, and with it the number: nobody else can be hit by the killpg
            if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                continue
            if child.answer is None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, signal.SIGKILL)  # data-loader workers that it left behind
            _, status, used = os.wait4(pid, 0)
            code = os.waitstatus_to_exitcode(status)
            del self.children[pid]
            if child.answer is None:
                _write_exit(child, code, used.ru_maxrss * 1024)
            elif code != 0:
                _say(child.answer, problem(why_none(code, child.request)))
            else:
                os.close(child.answer)


def write_json(path: Path, value: Any) -> None:
    """Write a small file so that a reader sees the old one or the new one, whole."""
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(value))
    partial.replace(path)


def _write_exit(child: Child, code: int, peak_bytes: int) -> None:
    how = {
        "code": code if code >= 0 else None,
        "signal": -code if code < 0 else None,
        "time": time.time(),
        "attempt": child.request["attempt"],
        "out_of_memory": code == -signal.SIGKILL and oom_kills() > child.oom_kills,
        "peak_bytes": peak_bytes,
        "memory_bytes": memory_total(),
    }
    faults.reach("forkserver.exit")
    try:
        write_json(Path(child.request["run"]) / "exit.json", how)
    except OSError as error:
        print(f"exit.json of {child.request['run']} cannot be written: {error}", file=sys.stderr, flush=True)


def _say(pipe: int, answer: dict[str, Any]) -> None:
    # one line each: when a child died in the middle of its answer, the last line is the one that counts
    with contextlib.suppress(BrokenPipeError), os.fdopen(pipe, "w") as out:
        out.write("\n" + json.dumps(answer, allow_nan=False))


def _prefer_to_be_killed() -> None:
    # when memory runs out the kernel shall take a trainer, which can go on later, and not the server
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


def _where(error: Exception) -> str:
    if isinstance(error, SyntaxError):
        return f"{error.filename} line {error.lineno}: {error.msg}"
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{last.filename} line {last.lineno}: {type(error).__name__}: {error}"


def main(argv: list[str]) -> int:
    """Serve on the socket with the number given after --fd until it closes."""
    forgive()  # its log may lie on a full disk
    parser = argparse.ArgumentParser(prog="python -m trainer.forkserver", description=__doc__.splitlines()[0])
    parser.add_argument("--fd", type=int, required=True, help="number of a connected SOCK_SEQPACKET socket")
    server = ForkServer(socket.socket(fileno=parser.parse_args(argv).fd))
    faults.arm("forkserver")
    server.preload()
    server.serve()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
