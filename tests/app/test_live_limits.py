"""What one socket may ask of the server, and what becomes of one that asks for nothing."""

import asyncio
import json
from types import SimpleNamespace

import pytest

from app import live
from app.feed import Feeds


class Socket:
    """One end of a connection, by hand."""

    def __init__(self, *said):
        self.said = list(said)
        self.closed = None

    async def receive(self):
        if not self.said:
            await asyncio.Event().wait()
        return {"type": "websocket.receive", "text": self.said.pop(0)}

    async def close(self, code, reason):
        self.closed = (code, reason)


def visit(socket):
    feeds = Feeds(lambda _: None, dict)
    return live.Visit(socket, SimpleNamespace(follower=SimpleNamespace(feeds=feeds)), None, "someone")


@pytest.mark.anyio
async def test_a_socket_that_asks_for_nothing_is_closed_with_words(monkeypatch):
    monkeypatch.setattr(live, "FIRST_WITHIN_S", 0.01)
    silent = Socket()
    await asyncio.wait_for(visit(silent).listen(), 10)
    code, reason = silent.closed
    assert code == 1008
    assert reason.startswith("Nothing was asked for")


@pytest.mark.anyio
async def test_a_socket_that_has_asked_may_be_silent_for_as_long_as_it_likes(monkeypatch):
    monkeypatch.setattr(live, "FIRST_WITHIN_S", 0.01)
    listener = Socket('{"type": "watch_list"}')
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(visit(listener).listen(), 0.3)
    assert listener.closed is None


@pytest.mark.anyio
async def test_a_burst_is_answered_and_a_flood_is_not():
    asks = [json.dumps({"type": "unwatch", "run": "x"})]
    burst = Socket(*asks * 400)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(visit(burst).listen(), 1)
    assert not burst.said
    assert burst.closed is None
    flood = Socket(*asks * 5_000)
    await asyncio.wait_for(visit(flood).listen(), 10)
    assert flood.closed == (1008, "Asked more than 50 times a second.")
    assert len(flood.said) > 4_000


@pytest.fixture
def anyio_backend():
    return "asyncio"
