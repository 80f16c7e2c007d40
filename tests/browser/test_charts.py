"""The chart elements in a real browser, with files served from the tree and a store filled by hand."""

import functools
import importlib.resources
import json
import re
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

ROOT = Path(__file__).resolve().parents[2]
DRAWN = """(id) => {
  const canvas = document.querySelector(`#${id} canvas`)
  const copy = Object.assign(document.createElement("canvas"), { width: canvas.width, height: canvas.height })
  const pen = copy.getContext("2d")
  pen.drawImage(canvas, 0, 0)
  const bytes = pen.getImageData(0, 0, copy.width, copy.height).data
  return bytes.filter((byte, index) => index % 4 === 3 && byte > 0).length
}"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves the tree without a word, and scripts as scripts whatever the machine's tables say."""

    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".js": "text/javascript"}

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address():
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(ROOT)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=["in a worker", "on the page"])
def page(chromium: Browser, address: str, request: pytest.FixtureRequest):
    """The page of charts; everything must hold where the browser has no OffscreenCanvas too."""
    context = chromium.new_context(viewport={"width": 1200, "height": 1800})
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    if request.param == "on the page":
        page.add_init_script("delete globalThis.OffscreenCanvas")
    page.route("**/api/**", answer)
    page.goto(f"{address}/tests/browser/charts.html")
    expect(page.locator("html[data-ready]")).to_be_attached()
    expect(page.locator("#weights .chart-axis[data-axis=x] span").first).to_be_attached()
    yield page
    context.close()
    assert not complaints


def answer(route):
    """Give single steps of any window, and captures of one tensor."""
    url = urlsplit(route.request.url)
    asked = {name: values[0] for name, values in parse_qs(url.query).items()}
    if url.path.endswith("/series"):
        steps = list(range(int(asked["from"]), int(asked["to"]) + 1))
        flat = dict.fromkeys(("min", "max", "mean", "last"), [1.5] * len(steps))
        one = {"step": steps, "to": steps, **flat, "count": [1] * len(steps), "bad": [0] * len(steps)}
        route.fulfill(json={"series": dict.fromkeys(asked["names"].split(","), one), "bucket": 1})
    elif url.path.endswith("/history"):
        header = json.dumps({"type": "history", "probe": "weights", "captures": []}).encode()
        header += b" " * (-(4 + len(header)) % 8)
        route.fulfill(body=len(header).to_bytes(4, "little") + header)
    else:
        route.fulfill(json={"step": int(asked["step"]), "tensors": {}})


def test_every_chart_with_numbers_is_drawn_and_the_empty_one_waits(page: Page):
    for name in ("loss", "lr", "weights"):
        page.wait_for_function(f"(id) => ({DRAWN})(id) > 500", arg=name)
    expect(page.locator("#nothing .chart-empty")).to_be_visible()
    expect(page.locator("#loss .chart-empty")).to_be_hidden()


def test_stacked_charts_have_their_steps_one_above_the_other(page: Page):
    def labels(chart: str) -> list[tuple[str, int]]:
        spans = page.locator(f"#{chart} .chart-axis[data-axis=x] span")
        return spans.evaluate_all("all => all.map(one => [one.textContent, one.getBoundingClientRect().left])")

    assert len(labels("loss")) > 3
    assert labels("loss") == labels("lr")


def test_a_chart_says_where_a_number_was_not_finite_and_what_a_point_is(page: Page):
    note = page.locator("#loss .chart-note")
    expect(note).to_contain_text("2,600")
    expect(note).to_contain_text(re.compile(r"1,2\d\d .* 4 "))


def test_the_pointer_over_one_chart_shows_its_step_in_all(page: Page):
    plot = page.locator("#lr .chart-plot").bounding_box()
    page.mouse.move(plot["x"] + plot["width"] * 0.25, plot["y"] + 50)
    page.mouse.move(plot["x"] + plot["width"] * 0.25 + 1, plot["y"] + 50)
    expect(page.locator("#lr .chart-value")).to_have_text("0.05")
    step = page.locator("#lr .chart-crosshair span").text_content()
    assert step
    expect(page.locator("#loss .chart-crosshair span")).to_have_text(step)
    expect(page.locator("#weights .is-step dd")).to_have_text(re.compile(r"1,[25]\d\d"))
    page.mouse.move(5, 5)
    expect(page.locator("#lr .chart-value")).to_have_text("0.01")
    expect(page.locator("#loss .chart-crosshair")).to_be_hidden()


def test_dragging_zooms_all_charts_and_asks_for_single_steps(page: Page):
    plot = page.locator("#loss .chart-plot").bounding_box()
    page.mouse.move(plot["x"] + 300, plot["y"] + 80)
    page.mouse.down()
    page.mouse.move(plot["x"] + 360, plot["y"] + 80, steps=4)
    with page.expect_request("**/series?*") as asked:
        page.mouse.up()
    window = parse_qs(urlsplit(asked.value.url).query)
    assert int(window["from"][0]) < int(window["to"][0])
    expect(page.locator("#loss .chart-note")).not_to_contain_text(" 4 ")
    expect(page.locator("#lr .chart-unzoom")).to_be_visible()
    page.locator("#lr .chart-unzoom").click()
    expect(page.locator("#loss .chart-note")).to_contain_text("2,600")


def test_arrow_keys_walk_through_the_values_aloud(page: Page):
    handle = page.locator("#loss .chart-handle")
    handle.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(handle).to_have_attribute("aria-valuenow", "4992")
    expect(handle).to_have_attribute("aria-valuetext", re.compile(r"4,992.*0\.2\d"))
    page.keyboard.press("Enter")
    expect(page.locator("#lr .chart-crosshair")).to_have_class(re.compile("is-held"))


def test_a_name_in_the_legend_hides_its_curve(page: Page):
    button = page.locator("#loss .chart-legend button").first
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#loss .chart-note")).not_to_contain_text("2,600")


def test_new_captures_come_in_front(page: Page):
    page.evaluate("""() => {
      const key = "weights/dense 1.weight"
      store.history.set(key, [...store.history.get(key), capture(4999)])
      store.dispatchEvent(new CustomEvent("captures", { detail: { keys: new Set([key]) } }))
    }""")
    expect(page.locator("#weights .is-step dd")).to_have_text("4,999")


def test_a_table_has_the_numbers(page: Page):
    page.locator("#loss .chart-table summary").click()
    expect(page.locator("#loss tbody tr").first).to_contain_text("0.27")


def test_charts_leave_as_files(page: Page, tmp_path: Path):
    for chart in ("loss", "weights"):
        for kind in ("svg", "png"):
            page.locator(f"#{chart} .chart-menu summary").click()
            with page.expect_download() as download:
                page.locator(f"#{chart} .chart-menu [name={kind}]").click()
            path = tmp_path / f"{chart}.{kind}"
            download.value.save_as(path)
            head = path.read_bytes()
            assert head.startswith(b"<svg" if kind == "svg" else b"\x89PNG")
            assert len(head) > 5000
        assert "NaN" not in (tmp_path / f"{chart}.svg").read_text()


def test_plotly_comes_from_here_and_offers_no_cloud(page: Page, address: str):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    plotly = importlib.resources.files("plotly") / "package_data" / "plotly.min.js"
    page.route("**/-/plotly.min.js", lambda route: route.fulfill(path=str(plotly), content_type="text/javascript"))
    page.locator("#loss [name=expand]").click()
    expect(page.locator(".chart-explore .main-svg").first).to_be_visible(timeout=30_000)
    buttons = page.locator(".chart-explore .modebar-btn").evaluate_all("all => all.map(one => one.dataset.title)")
    assert buttons
    assert not [title for title in buttons if re.search("share|cloud|plotly", title, re.IGNORECASE)]
    assert all(url.startswith((address, "blob:", "data:")) for url in asked)
    page.keyboard.press("Escape")
    expect(page.locator(".chart-explore")).to_have_count(0)


def test_text_enters_a_chart_as_text_only():
    for script in sorted((ROOT / "static/js/charts").glob("*.js")):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", script.read_text()), script
