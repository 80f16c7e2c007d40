"""Every page in light and dark, wide and narrow: no fault that axe-core finds, nothing wider than the window."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.server import QUICK, Server

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SHOTS = ROOT / "tests" / "screenshots"
NEW = (
    "/new?regularizers.l2=on&optimizer=adam&model=layers&model.layers.0.conv_residual=4&model.layers.1.flatten=on"
    "&vary.optimizer.lr=0.1,0.01&vary.optimizer=adam"
)
PAGES = (
    *("/", NEW, "run", "finished", "group", "/lessons", "/lessons/weight_decay", "/docs", "/storage"),
    "/nothing-here",
)
SIZES = {
    "wide": {"width": 1440, "height": 900},
    "phone": {"width": 390, "height": 844},
    "small": {"width": 360, "height": 640},
}


@pytest.fixture(scope="module")
def finished(server: Server) -> str:
    run = server.launch(QUICK | {"name": "at rest"})
    server.wait(run, "finished")
    return run


@pytest.fixture(scope="module")
def group(server: Server) -> str:
    """A group of which two runs repeat one another: it has both tables."""
    spec = QUICK | {"name": "three together"}
    vary = [{"path": "optimizer.lr", "values": [0.01, 0.1]}, {"path": "seed", "values": [1, 2]}]
    made = server.ask("POST", "/api/groups", {"spec": spec, "vary": vary})
    for run in made["runs"]:
        server.wait(run, "finished")
    return made["id"]


def faults(page: Page) -> list[str]:
    # through the debugger and not by a script tag: the page's own policy refuses foreign scripts
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {node['html'][:160]} · {node['failureSummary'][:200]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["wide", "phone"])
@pytest.mark.parametrize("where", PAGES)
def test_a_page_has_no_fault_that_axe_finds(visit, endless, finished, group, where, size, scheme):
    path = {"run": f"/runs/{endless}", "finished": f"/runs/{finished}", "group": f"/groups/{group}"}.get(where, where)
    page = open_settled(visit, path, viewport=SIZES[size], color_scheme=scheme)
    SHOTS.mkdir(exist_ok=True)
    name = where.strip("/").partition("?")[0].replace("/", "-") or "home"
    page.screenshot(path=SHOTS / f"{name}-{size}-{scheme}.png")
    assert faults(page) == []


@pytest.mark.parametrize("language", ["en-US", "ko-KR"])
@pytest.mark.parametrize("size", sorted(SIZES))
@pytest.mark.parametrize("where", PAGES)
def test_nothing_is_wider_than_the_window(visit, endless, finished, group, where, size, language):
    path = {"run": f"/runs/{endless}", "finished": f"/runs/{finished}", "group": f"/groups/{group}"}.get(where, where)
    page = open_settled(visit, path, viewport=SIZES[size], locale=language)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def open_settled(visit, path: str, **options) -> Page:
    page = visit("/docs", **options)
    page.expected = ("404",)
    page.goto(page.url.replace("/docs", path))
    page.wait_for_selector("html[data-ready]", state="attached")
    if path.startswith("/runs/"):
        page.locator("spread-chart, run-notice .notice").first.wait_for()
    if path.startswith("/groups/"):
        page.locator("compare-table tbody tr").first.wait_for()
    if path.startswith("/new"):
        page.locator("plan-view [data-part=plan]").wait_for()
    return page
