"""Slow browser: only it degrades. Real sockets with a receive buffer of 4 KB that never read, and others beside."""

import time
from contextlib import suppress
from urllib.parse import urlsplit

import psutil
import pytest

from app.verify import verify
from benchmarks.light_socket import CLOSE, Frames, opened, said, watching
from tests.page_socket import Browser
from tests.server import ENDLESS, Server

STALLED = 50
FLAT_BYTES = 32 * 1024 * 1024
CLOSED_WITHIN_S = 80  # it is 20, after some seconds until it is full


@pytest.fixture
def lab(tmp_path):
    with Server(tmp_path / "data", "--max-running", "2") as lab:
        yield lab


def stalled(lab, run):
    """Open a socket that watches a run, and never read what it hears."""
    one = opened(place(lab), receive_bytes=4096)
    one.sendall(watching(run) + said(b'{"type": "watch_list"}'))
    return one


def ask_again(run, *slow):
    """Let sockets ask for a snapshot: some of them are more than the system's own buffers take."""
    for one in slow:
        with suppress(OSError):
            one.sendall(watching(run))


def place(lab):
    parts = urlsplit(lab.address)
    return parts.hostname, parts.port


def goodbye(one):
    """Read a socket to its end, and return the payload of the frame that closes it."""
    frames = Frames(begun=True)
    while data := one.recv(65536):
        for opcode, head, _ in frames.take(data):
            if opcode == CLOSE:
                return head
    raise AssertionError("it ended without a word")


def follow(page, position, deltas):
    """Hear some deltas, each of which goes on from the one before; return the last position and the times."""
    times = []
    for _ in range(deltas):
        told = page.hear("delta")
        assert told["from"] == position, "something was missed"
        position = told["position"]
        if told["time"]:  # one that says only what is the matter has none
            times.append(told["time"])
    return position, times


def test_a_slow_browser_harms_nobody_and_piles_nothing_up(lab):
    run = lab.launch(ENDLESS)
    lab.wait_for_step(run)
    server = psutil.Process(lab.process.pid)
    with Browser(lab) as page:
        position = page.watch(run)["position"]
        position, _ = follow(page, position, 20)
        before = server.memory_info().rss
        slow = [stalled(lab, run) for _ in range(STALLED)]
        times = []
        for _ in range(15):
            ask_again(run, *slow)
            position, more = follow(page, position, 10)
            times += more
        assert times[-1] - times[0] < 40  # at ten a second it is 15
        with Browser(lab) as late:
            assert late.watch(run)["type"] == "snapshot"
        grown = server.memory_info().rss - before
        assert grown < FLAT_BYTES, f"the server grew by {grown / 2**20:.0f} MiB"
    for one in slow:
        one.close()
    lab.stop(run)
    assert verify(lab.folder / "runs" / run).good


def test_a_browser_that_takes_nothing_is_closed_with_words_and_one_that_reads_is_not(lab):
    run = lab.launch(ENDLESS)
    lab.wait_for_step(run)
    slow = stalled(lab, run)
    with Browser(lab) as page:
        position = page.watch(run)["position"]
        while "took nothing" not in lab.errors():
            ask_again(run, slow)
            position, _ = follow(page, position, 2)
    # it stands behind what waits already, for a page that was only asleep
    slow.settimeout(CLOSED_WITHIN_S)
    ended = goodbye(slow)
    assert ended[:2] == (1013).to_bytes(2)
    assert b"took nothing" in ended
    slow.close()


def test_a_browser_that_takes_nothing_for_good_is_cut_off(lab):
    run = lab.launch(ENDLESS)
    lab.wait_for_step(run)
    server = psutil.Process(lab.process.pid)
    slow = stalled(lab, run)
    own = slow.getsockname()[1]

    def connected():
        return any(one.raddr and one.raddr.port == own for one in server.net_connections("tcp"))

    assert connected()
    with Browser(lab) as page:
        position = page.watch(run)["position"]
        began = time.monotonic()
        while connected():
            ask_again(run, slow)
            position, _ = follow(page, position, 2)
            assert time.monotonic() - began < CLOSED_WITHIN_S
        assert "took nothing" in lab.errors()
    slow.close()


def test_a_browser_that_asks_without_end_is_closed(lab):
    with Browser(lab) as page:
        with opened(place(lab)) as one:
            one.settimeout(30)
            one.sendall(said(b'{"type": "watch_list"}') * 2_000)
            ended = goodbye(one)
        assert b"50 times a second" in ended
        page.say(type="watch_list")
        assert page.hear("runs")["count"] == 0
