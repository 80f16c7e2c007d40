"""SIGTERM to the server: within 10 s sockets closed with 1012, logs flushed, exit 0, also with 100 sockets open."""

import asyncio
import json
import signal
import threading
import time
from contextlib import AsyncExitStack

import websockets

from app.workers.process import Process
from tests.ill import STEADY, assert_sound, points, state
from tests.server import Server
from tests.waiting import wait_for
from trainer.protocol import Interrupted
from trainer.runlog import read_all

SOCKETS = 100
NEVER_READ = 20


async def hold(address: str, run: str, ready: threading.Event) -> list[int | None]:
    """Open the sockets, watch the run with each, and return the codes with which they are closed."""
    url = address.replace("http://", "ws://") + "/live"
    async with AsyncExitStack() as stack:
        opened = [
            await stack.enter_async_context(
                websockets.connect(url, origin=address, compression=None, max_queue=1, close_timeout=0.1)
            )
            for _ in range(SOCKETS)
        ]
        for one in opened:
            await one.send(json.dumps({"type": "watch", "run": run, "after": None}))

        async def read(one: websockets.ClientConnection) -> int | None:
            try:
                async for _ in one:
                    pass
            except websockets.ConnectionClosed:
                pass
            return one.close_code

        reading = [asyncio.create_task(read(one)) for one in opened[NEVER_READ:]]
        ready.set()
        codes = await asyncio.gather(*reading)
        for one in opened:
            one.transport.abort()  # those that never read have no more to say
        await asyncio.sleep(0.1)
        return codes


def test_a_hundred_sockets_are_closed_with_1012_logs_are_flushed_and_the_exit_code_is_0(folder):
    server = Server(folder).start()
    run = server.launch(STEADY | {"training": STEADY["training"] | {"epochs": 100_000}})
    server.wait_for_step(run, 30)
    ready, codes = threading.Event(), []
    browsers = threading.Thread(target=lambda: codes.extend(asyncio.run(hold(server.address, run, ready))))
    browsers.start()
    assert ready.wait(30)
    wait_for(lambda: (folder / "runs" / run / "watched").exists())
    shown = points(server, run)
    began = time.monotonic()
    assert server.end(signal.SIGTERM) == 0
    took = time.monotonic() - began
    assert took < 15, f"{took:.1f} s"  # 10 are promised, and this machine may be busy
    browsers.join(10)
    assert set(codes) == {1012}, codes
    assert len(codes) == SOCKETS - NEVER_READ
    assert not Process.read(folder / "runs" / run).alive()
    said = [entry.said for entry, _ in read_all(folder / "runs" / run / "events-1.log")]
    assert isinstance(said[-1], Interrupted)
    assert said[-1].step >= shown[-1][0]
    assert not (folder / "runs" / run / "watched").exists()
    assert_sound(folder, run)
    with Server(folder) as server:
        assert points(server, run)[: len(shown)] == shown
        wait_for(lambda: state(server, run)["attempt"] == 2)
        server.stop(run)
