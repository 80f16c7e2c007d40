"""A page that loses its server, or is gone for long: it says so, comes back, and has every step once."""

import json
import re
import signal

from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.conftest import READY, SLOW
from tests.browser.test_lost_links import Line
from tests.server import Server
from tests.waiting import wait_for

# every bucket that the page has of a series: [first step, points in it]
BUCKETS = """name => {
  const store = document.querySelector("curve-chart").store
  const {start, counts, bad, width} = store.overviews.get(name)
  const buckets = Array.from(start, (step, index) => [step, counts[index] + bad[index]])
  return {width, buckets, step: store.state.step}
}"""
QUICKER = SLOW | {"training": SLOW["training"] | {"speed": 400.0}}


def heard(page: Page):
    return page.locator("run-transport [data-part=heard]")


def step_of(page: Page) -> int:
    return int(page.locator("run-transport [data-part=step]").inner_text().replace(",", ""))


def assert_every_step_once(page: Page) -> int:
    """Look at a page whose run has come to rest; return the number of steps that it has."""
    seen = page.evaluate(BUCKETS, "loss.data")
    width, step = seen["width"], seen["step"]
    wanted = [[first, min(first + width - 1, step) - max(first, 1) + 1] for first in range(0, step + 1, width)]
    assert seen["buckets"] == [one for one in wanted if one[1] > 0]
    return step


class Frames:
    """What came over a page's sockets, as the types of its messages, a list for each socket."""

    def __init__(self, page: Page):
        self.sockets: list[list[str]] = []
        page.on("websocket", self._open)

    def _open(self, socket) -> None:
        types: list[str] = []
        self.sockets.append(types)
        socket.on("framereceived", lambda data: types.append(self._type(data)))

    def _type(self, data: str | bytes) -> str:
        text = data if isinstance(data, str) else data[4 : 4 + int.from_bytes(data[:4], "little")].decode()
        return json.loads(text)["type"]


def test_a_page_whose_server_was_killed_goes_on_when_it_is_back(visit, tmp_path):
    before = Server(tmp_path / "data").start()
    port = before.address.rpartition(":")[2]
    run = before.launch(QUICKER)
    before.wait_for_step(run, 50)
    page = visit("/")
    page.expected = ("net::ERR_", "WebSocket")  # whatever is on its way when a server is killed
    frames = Frames(page)
    page.goto(f"{before.address}/runs/{run}")
    page.wait_for_selector(READY, state="attached")
    expect(heard(page)).to_contain_text("s ago")
    before.end(signal.SIGKILL)
    expect(heard(page)).to_have_text("reconnecting…")
    expect(page.locator("run-transport .dot")).to_have_attribute("data-kind", "bad")
    left_at = step_of(page)
    with Server(tmp_path / "data", "--port", port, LIVEFIT_STOP_WITHIN_S="1") as after:
        expect(heard(page)).to_contain_text("s ago", timeout=20_000)
        wait_for(lambda: step_of(page), lambda step: step > left_at + 200)
        after.command(run, type="pause")
        expect(page.locator(".run-head .chip")).to_have_text("Paused")
        assert assert_every_step_once(page) == after.card(run)["step"]
        page.goto("about:blank")
        after.stop(run)
    answered = [types for types in frames.sockets if types]
    assert len(answered) == 2, "it came back with one socket"
    assert [types.count("snapshot") for types in answered] == [1, 1]
    assert answered[1].count("delta") > 1


def test_a_page_whose_link_broke_for_a_moment_goes_on_without_a_snapshot(visit, server: Server, endless):
    page = visit("/")
    line = Line(page)
    page.goto(f"{server.address}/runs/{endless}")
    page.wait_for_selector(READY, state="attached")
    expect(heard(page)).to_contain_text("s ago")
    page.evaluate(
        """() => { globalThis.snapshots = 0
             document.querySelector("curve-chart").store.addEventListener("snapshot", () => globalThis.snapshots++) }"""
    )
    for _ in range(3):
        line.routes[-1].close()
        expect(heard(page)).to_have_text("reconnecting…")
        expect(heard(page)).to_contain_text("s ago")
    server.command(endless, type="pause")
    expect(page.locator(".run-head .chip")).to_have_text("Paused")
    assert page.evaluate("globalThis.snapshots") == 0
    assert_every_step_once(page)


def test_a_page_that_was_offline_for_long_is_complete_within_two_seconds(visit, server: Server):
    run = server.launch(SLOW | {"training": {"epochs": 100_000, "batch_size": 32}})  # as fast as it can
    server.wait_for_step(run)
    page = visit("/")
    away: list[bool] = [False]
    asked: list[WebSocketRoute] = []

    def connect(route: WebSocketRoute) -> None:
        asked.append(route)
        if away[0]:
            route.close()
        else:
            route.connect_to_server()

    page.route_web_socket(re.compile("/live$"), connect)
    page.goto(f"{server.address}/runs/{run}")
    page.wait_for_selector(READY, state="attached")
    expect(heard(page)).to_contain_text("s ago")
    away[0] = True
    asked[-1].close()
    expect(heard(page)).to_have_text("reconnecting…")
    left_at = step_of(page)
    server.wait_for_step(run, left_at + 10_000)  # far more than is kept for those who were away for a moment
    server.command(run, type="pause")
    last = server.wait(run, "paused")["step"]
    away[0] = False
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("run-transport [data-part=step]")).to_have_text(f"{last:,}", timeout=2_000)
    expect(page.locator(".run-head .chip")).to_have_text("Paused", timeout=2_000)
    assert assert_every_step_once(page) == last
    page.goto("about:blank")
    server.stop(run)
