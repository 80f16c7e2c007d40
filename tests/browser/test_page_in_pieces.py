"""A page whose HTML arrives in pieces, as over a slow line: every field that the server wrote is seen at the end."""

import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import READY
from tests.server import Server

NEW = "/new?model=layers&model.layers.0.conv=4&model.layers.1.pool=2&model.layers.2.dense=8"
# where the page breaks off, in bytes from the beginning of its list of layers
LIST = b"<entry-list"
BREAKS = [(1706, 4002), (9581, 19308), (-97, 32578), (4553, 40093), (9264, 14351)]
PAINTED = "new Promise(painted => requestAnimationFrame(() => requestAnimationFrame(painted)))"
SEEN = "fields => fields.filter(field => field.getClientRects().length).map(field => field.name)"


class Pieces(ThreadingHTTPServer):
    """Passes on what a server sends; NEW breaks off at the two `breaks`, each time until `more` is released."""

    def __init__(self, server: Server):
        super().__init__(("127.0.0.1", 0), Handler)
        self.behind = server.address
        self.breaks: tuple[int, ...] = ()
        self.more = threading.Semaphore(0)


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: Pieces

    def do_GET(self) -> None:
        """Send in pieces what the server behind sends as one."""
        asked = urllib.request.Request(self.server.behind + self.path, headers={"Host": self.headers["Host"]})
        with urllib.request.urlopen(asked) as answer:
            body, kind = answer.read(), answer.headers["Content-Type"]
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        sent = 0
        for offset in self.server.breaks if self.path == NEW else ():
            end = body.index(LIST) + offset
            self.wfile.write(body[sent:end])
            assert self.server.more.acquire(timeout=60)
            sent = end
        self.wfile.write(body[sent:])

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def pieces(server: Server) -> Iterator[Pieces]:
    with Pieces(server) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield proxy
        proxy.shutdown()


def fields(page: Page) -> list[str]:
    page.wait_for_selector(READY, state="attached")
    return page.locator("main [name]").evaluate_all(SEEN)


def test_no_field_is_lost_where_the_line_is_slow(visit, pieces: Pieces):
    page = visit(NEW)
    page.expected = ("501",)  # what it asks of the proxy, which only passes on what is read
    whole = fields(page)
    assert "model.layers.0.kernel" in whole
    for pieces.breaks in BREAKS:
        page.goto(f"http://127.0.0.1:{pieces.server_port}{NEW}", wait_until="commit")
        for _ in pieces.breaks:
            page.evaluate(PAINTED)
            pieces.more.release()
        assert fields(page) == whole, pieces.breaks
