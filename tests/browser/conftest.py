"""Pages in a real browser: chromium over the real server; a message in the console fails the test."""

from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.server import Server

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
READY = "html[data-ready]"
# what chromium says when a page is left while its socket is still on its way: nobody has done anything wrong
LEFT_EARLY = "WebSocket is closed before the connection is established"
expect.set_options(timeout=15_000)  # a machine that does much else draws late


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the tests of a file. It goes with them: its event loop would be in the way of other tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, server: Server) -> Iterator[Callable[..., Page]]:
    """visit(path, **options) opens a page as a visitor of its own and waits until its scripts have run.

    Fails at the end if anything was said in a console; `page.expected` holds words that may be.
    """
    contexts: list[BrowserContext] = []
    said: list[tuple[Page, str]] = []

    def open_page(path: str, *, name: str = "", **options: object) -> Page:
        context = chromium.new_context(**{"locale": "en-US", "viewport": {"width": 1440, "height": 900}} | options)
        contexts.append(context)
        if name:
            context.add_cookies([{"name": "livefit_name", "value": quote(name), "url": server.address}])
        page = context.new_page()
        page.expected = ()
        page.on("console", lambda m: said.append((page, m.text)) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: said.append((page, str(error))))
        page.goto(server.address + path)
        page.wait_for_selector(READY, state="attached")
        return page

    yield open_page
    for context in contexts:
        context.close()
    complaints = [text for page, text in said if not any(words in text for words in (*page.expected, LEFT_EARLY))]
    assert complaints == []


@pytest.fixture
def endless(server: Server) -> Iterator[str]:
    """A run that trains for as long as a test looks at it."""
    run = server.launch(SLOW)
    server.wait_for_step(run)
    yield run
    server.stop(run)


# 100 steps a second: enough to see curves move, and the processor stays free for the browser
SLOW = {
    "name": "watched",
    "dataset": {"name": "circle"},
    "model": {"name": "mlp", "params": {"hidden": [8, 8]}},
    "optimizer": {"name": "sgd", "params": {"lr": 0.05, "momentum": 0.9}},
    "training": {"epochs": 100_000, "batch_size": 32, "speed": 100.0},
}
