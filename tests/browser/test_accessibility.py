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

# two frames: in the first the page hears of its new size or colours, in the second it is drawn so
DRAWN = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


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


@pytest.mark.parametrize("size", ["wide", "phone"])
@pytest.mark.parametrize("where", PAGES)
def test_a_page_has_no_fault_that_axe_finds(visit, endless, finished, group, where, size):
    page = open_settled(visit, address(where, endless, finished, group), viewport=SIZES[size], color_scheme="light")
    SHOTS.mkdir(exist_ok=True)
    name = where.strip("/").partition("?")[0].replace("/", "-") or "home"
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.evaluate(DRAWN)
        page.screenshot(path=SHOTS / f"{name}-{size}-{scheme}.png")
        assert faults(page) == [], scheme


@pytest.mark.parametrize("language", ["en-US", "ko-KR"])
@pytest.mark.parametrize("where", PAGES)
def test_nothing_is_wider_than_the_window(visit, endless, finished, group, where, language):
    page = open_settled(visit, address(where, endless, finished, group), viewport=SIZES["small"], locale=language)
    for size in ("small", "phone", "wide"):
        page.set_viewport_size(SIZES[size])
        page.evaluate(DRAWN)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, size


def address(where: str, endless: str, finished: str, group: str) -> str:
    return {"run": f"/runs/{endless}", "finished": f"/runs/{finished}", "group": f"/groups/{group}"}.get(where, where)


def open_settled(visit, path: str, **options) -> Page:
    page = visit(path, **options)
    page.expected = ("404",)
    if path.startswith("/runs/"):
        page.locator("spread-chart, run-notice .notice").first.wait_for()
    if path.startswith("/groups/"):
        page.locator("compare-table tbody tr").first.wait_for()
    if path.startswith("/new"):
        page.locator("plan-view [data-part=plan]").wait_for()
    return page
