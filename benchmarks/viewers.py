"""Many viewers of many runs: what the server pays, and how long after its commit a number is with a client.

The runs are logs that a process of its own appends to, ten times a second each, as a trainer's reporter does: the
server finds them alive and follows them, and no training disturbs the measurement. A viewer is a socket that reads
frames by their headers. The latency is from the time stamp in the log to the last byte at the client.
"""

import argparse
import asyncio
import multiprocessing
import os
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from benchmarks.light_socket import BINARY, CLOSE, PING, PONG, Frames, handshake, opened, said, watching
from benchmarks.serving import Server, server
from benchmarks.table import show
from benchmarks.telling import begin_run, tell

MIB = 1024 * 1024
RATE_HZ = 10
SETTLE_S = 1.0


@dataclass
class Seen:
    """What viewers saw: seconds from commit to client, and what was missing. CPU is that of the viewers' process.

    `anew`: snapshots after the first, for a viewer that fell behind; `lost`: connections that ended.
    """

    latencies: list[float] = field(default_factory=list)
    messages: int = 0
    bytes: int = 0
    gaps: int = 0
    anew: int = 0
    lost: int = 0
    cpu: float = 0.0


class Viewer(asyncio.Protocol):
    """One socket that watches one run and checks that its positions form a chain."""

    def __init__(self, seen: Seen, place: tuple[str, int], run: str):
        self.seen, self.place, self.run = seen, place, run
        self.counts = False
        self._frames = Frames(head=1024)
        self.position = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the run."""
        self.transport = transport
        transport.write(handshake(*self.place))

    def data_received(self, data: bytes) -> None:
        """Read what came."""
        opens = not self._frames.begun
        heard = list(self._frames.take(data))
        if opens and self._frames.begun:
            self.transport.write(watching(self.run))  # not before: it would be lost
        for opcode, head, size in heard:
            if opcode == BINARY:
                self._hear(head, size)
            elif opcode == PING:
                self.transport.write(said(head, PONG))
            elif opcode == CLOSE and self.counts:
                self.seen.lost += 1

    def connection_lost(self, error: Exception | None) -> None:
        """Count it, if nobody asked for it."""
        self.seen.lost += self.counts

    def _hear(self, head: bytes, size: int) -> None:
        # {"type":"delta","run":...,"from":[1,2],"position":[1,3],"status":...,"time":...}: cut out, not parsed
        goes_on, before = _between(head, b'"from":', b"]"), self.position
        self.position = _between(head, b'"position":', b"]")
        if self.counts:
            self.seen.gaps += bool(goes_on) and goes_on != before
            self.seen.anew += not goes_on
            self.seen.messages += 1
            self.seen.bytes += size
            logged = _between(head, b'"time":', b",")
            if goes_on and logged != b"null":
                self.seen.latencies.append(time.time() - float(logged))


def _between(text: bytes, begin: bytes, end: bytes) -> bytes:
    at = text.find(begin)
    return text[at + len(begin) : text.find(end, at)] if at >= 0 else b""


def watch(url: str, runs: list[str], viewers: int, seconds: float, answer: multiprocessing.Queue) -> None:
    """Be a process of viewers: connect them all, wait until each has its run, say so, then count."""
    answer.put(asyncio.run(_watch(url, runs, viewers, seconds, answer)))


async def _watch(url: str, runs: list[str], viewers: int, seconds: float, answer: multiprocessing.Queue) -> Seen:
    seen, place = Seen(), place_of(url)
    loop = asyncio.get_running_loop()
    all_of_them = []
    for i in range(viewers):
        run = runs[i % len(runs)]
        _, viewer = await loop.create_connection(lambda run=run: Viewer(seen, place, run), *place)
        all_of_them.append(viewer)
    while not all(one.position for one in all_of_them):  # noqa: ASYNC110 - a look ten times a second costs nothing
        await asyncio.sleep(0.1)
    await asyncio.sleep(SETTLE_S)
    answer.put("counting")
    for one in all_of_them:
        one.counts = True
    before, began = sum(os.times()[:2]), time.perf_counter()
    await asyncio.sleep(seconds)
    seen.cpu = (sum(os.times()[:2]) - before) / (time.perf_counter() - began)
    for one in all_of_them:
        one.counts = False
        one.transport.abort()
    return seen


def stall(url: str, runs: list[str], count: int) -> list[socket.socket]:
    """Open sockets that watch a run and never read."""
    sockets = []
    for _ in range(count):
        sockets.append(opened(place_of(url), receive_bytes=4096))
        for run in runs * (10 // len(runs)):
            sockets[-1].sendall(watching(run))  # many snapshots: more than the system's own buffers take
            time.sleep(0.002)
    return sockets


def place_of(url: str) -> tuple[str, int]:
    """Return host and port."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 0


def measure(lab: Server, runs: list[str], viewers: int, stalled: int, seconds: float) -> list[str]:
    """Let viewers watch for some seconds; return a row of the table."""
    answer: multiprocessing.Queue = multiprocessing.Queue()
    sockets = stall(lab.url, runs, stalled)
    process = multiprocessing.Process(target=watch, args=(lab.url, runs, viewers, seconds, answer))
    process.start()
    assert answer.get(timeout=120) == "counting"
    cpu, began = sum(lab.process.cpu_times()[:2]), time.perf_counter()
    time.sleep(seconds)
    cpu = sum(lab.process.cpu_times()[:2]) - cpu
    share = cpu / (time.perf_counter() - began)
    memory = lab.process.memory_info().rss / MIB
    seen = answer.get(timeout=120)
    process.join()
    for one in sockets:
        one.close()
    ordered = np.sort(np.array(seen.latencies or [float("nan")])) * 1000
    return [
        f"{viewers}", f"{stalled}", f"{seen.messages / viewers / seconds:.1f}",
        f"{seen.bytes / max(1, seen.messages) / 1000:.1f}",
        f"{np.median(ordered):.0f}", f"{ordered[int(len(ordered) * 0.99) - 1]:.0f}", f"{ordered[-1]:.0f}",
        str(seen.gaps), str(seen.anew), str(seen.lost), f"{share:.0%}", f"{cpu / max(1, seen.messages) * 1e6:.0f}",
        f"{memory:.0f}", f"{seen.cpu:.0%}",
    ]  # fmt: skip


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.viewers", description=__doc__)
    asked.add_argument("--seconds", type=float, default=8.0, help="counted in each row")
    asked.add_argument("--turns", type=int, default=2, help="with and without stalled viewers, by turns")
    asked.add_argument("--viewers", type=int, default=500)
    asked.add_argument("--many", type=int, default=1_000, help="viewers of 20 KB a message")
    options = asked.parse_args()
    columns = ["runs", "view- ers", "never read", "each /s", "KB", "p50 ms", "p99 ms", "most ms", "gaps", "anew",
               "lost", "server core", "µs a message", "MiB", "viewers' core"]  # fmt: skip
    rows = []
    for runs, points, turns, viewers in ((10, 50, options.turns, options.viewers), (1, 1_000, 1, options.many)):
        with (
            tempfile.TemporaryDirectory() as folder,
            telling(Path(folder) / "runs", runs, points) as ids,
            server(data=Path(folder)) as lab,
        ):
            for _ in range(turns):
                rows += [[str(runs), *measure(lab, ids, viewers, stalled, options.seconds)] for stalled in (0, 50)]
    show(
        f"Viewers at {RATE_HZ} Hz a run: from commit to client, per message",
        columns,
        rows,
        "targets: 500 viewers p99 under 500 ms and no gaps; 1,000 viewers of 20 KB under 60 % of a core",
    )


@contextmanager
def telling(folder: Path, runs: int, points: int) -> Iterator[list[str]]:
    """Let a process append to the logs of some runs for as long as the block lasts; give their ids."""
    ids = [begin_run(folder, f"viewed {i}") for i in range(runs)]
    logs = [folder / one for one in ids]
    process = multiprocessing.Process(target=tell, args=(logs, points, RATE_HZ), daemon=True)
    process.start()
    try:
        while not all((one / "trainer.json").exists() for one in logs):
            time.sleep(0.01)
        yield ids
    finally:
        process.kill()
        process.join()


if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    main()
