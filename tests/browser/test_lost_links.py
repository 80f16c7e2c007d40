"""Pages whose connection is lost or refused: nothing waits for ever, and what is the matter is said."""

import json
import re

from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.conftest import READY
from tests.server import Server

LR = 'live-knob[data-target="optimizer"][data-field="lr"]:visible'


class Line:
    """The page's socket, which a test can cut. What the server says after `mute` is lost."""

    def __init__(self, page: Page):
        self.muted = False
        self.forgets = False
        self.routes: list[WebSocketRoute] = []
        page.route_web_socket(re.compile("/live$"), self._open)

    def _open(self, route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        self.routes.append(route)
        route.on_message(lambda text: server.send(self._asked(text)))
        server.on_message(lambda message: self._hear(route, message))

    def _asked(self, text: str) -> str:
        asked = json.loads(text)
        return json.dumps(asked | {"after": None}) if self.forgets and asked["type"] == "watch" else text

    def _hear(self, route: WebSocketRoute, message: str | bytes) -> None:
        if not self.muted or isinstance(message, str):
            route.send(message)

    def cut(self) -> None:
        """Lose the connection; the page begins again with a snapshot."""
        self.muted, self.forgets = False, True
        self.routes[-1].close()


def watch(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector(READY, state="attached")
    expect(page.locator(LR).get_by_role("textbox")).to_have_value("0.05")
    expect(page.locator(LR)).to_have_attribute("data-state", "start")  # the snapshot is there


def turn_lr(page: Page, value: str) -> None:
    box = page.locator(LR).get_by_role("textbox")
    box.fill(value)
    box.press("Enter")


def test_a_knob_that_was_answered_while_the_connection_was_lost_is_confirmed(visit, server: Server, endless):
    page = visit("/", name="Kim")
    line = Line(page)
    watch(page, f"{server.address}/runs/{endless}")
    line.muted = True
    turn_lr(page, "0.02")
    expect(page.locator(".log")).not_to_contain_text("0.05 → 0.02")
    expect(page.locator(LR).locator("output")).to_have_text("asked…")
    line.cut()
    expect(page.locator(LR).locator("output")).to_have_text(re.compile(r"^since step [\d,]+ · Kim$"))


def test_a_knob_that_waits_when_the_run_ends_says_so(visit, server: Server, endless):
    page = visit("/")
    line = Line(page)
    watch(page, f"{server.address}/runs/{endless}")
    page.locator(LR).evaluate("knob => knob.asking.ask({type: 'save'})")  # is answered, but not by an event of a knob
    expect(page.locator(".toast")).to_contain_text("Checkpoint saved")
    expect(page.locator(LR).locator("output")).to_have_text("asked…")
    server.stop(endless)
    expect(page.locator(LR).locator("output")).to_contain_text("the run ended before it heard")
    assert line.routes


def test_a_knob_that_was_turned_at_step_0_is_confirmed(visit, endless):
    page = visit(f"/runs/{endless}")
    expect(page.locator(LR).get_by_role("textbox")).to_have_value("0.05")
    page.locator(LR).evaluate("knob => { knob.known = {value: 0.1, since: 0, by: 'Lee'} }")
    expect(page.locator(LR).locator("output")).to_have_text("since step 0 · Lee")


def test_a_page_whose_socket_is_refused_for_a_minute_asks_by_http(visit, server: Server, endless):
    page = visit("/", name="Kim")
    page.clock.install()
    refused: list[WebSocketRoute] = []
    page.route_web_socket(re.compile("/live$"), lambda route: (refused.append(route), route.close()))
    page.goto(f"{server.address}/runs/{endless}")
    page.wait_for_selector(READY, state="attached")
    page.clock.fast_forward(61_000)
    expect(page.locator("page-banners")).to_contain_text("its live connection (WebSocket) does not come about")
    expect(page.locator(".run-head .chip")).to_have_text("Training")
    expect(page.locator("[data-panel=loss] .chart-legend")).to_contain_text("data loss")
    turn_lr(page, "0.02")
    expect(page.locator(LR).locator("output")).to_have_text(re.compile(r"^since step [\d,]+ · Kim$"))
    assert refused


def test_a_page_whose_server_is_away_says_so_until_it_is_back(visit, server: Server):
    page = visit("/")
    page.expected = ("ERR_FAILED", "Failed to load")
    page.clock.install()
    page.route_web_socket(re.compile("/live$"), lambda route: route.close())
    page.goto(server.address)
    page.wait_for_selector(READY, state="attached")
    page.route("**/healthz", lambda route: route.abort())
    page.clock.fast_forward(61_000)
    expect(page.locator("page-banners")).to_contain_text("The server does not answer.")
    page.unroute("**/healthz")
    expect(page.locator("page-banners")).to_contain_text("does not come about")


def test_a_disk_that_is_nearly_full_is_said_for_as_long_as_it_is(visit, server: Server, endless):
    for path in ("/", f"/runs/{endless}"):
        page = visit("/")
        line = Line(page)
        page.goto(server.address + path)
        page.wait_for_selector(READY, state="attached")
        line.routes[-1].send(json.dumps({"type": "disk", "free": 12 * 1024**2}))
        expect(page.locator("page-banners")).to_contain_text("nearly full: 12.6 MB left")
        line.routes[-1].send(json.dumps({"type": "disk", "free": None}))
        expect(page.locator("page-banners")).to_have_text("")
