"""The list of runs in a browser: what runs there are, live, found, sorted, deleted and brought back."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from tests.browser.runs_by_hand import run_by_hand, serve
from tests.server import QUICK, Server
from tests.telling import started
from trainer.protocol import Finished


def row(page: Page, run: str):
    return page.locator(f'[data-run="{run}"]')


def test_a_run_moves_in_the_list_without_a_reload(visit, server: Server, endless):
    page = visit("/")
    expect(row(page, endless).locator("[data-part=status]")).to_have_text("Training")
    expect(row(page, endless).locator(".spark path")).to_have_attribute("d", re.compile(r"^M.*L"))
    server.command(endless, type="pause")
    expect(row(page, endless).locator("[data-part=status]")).to_have_text("Paused")


def test_a_run_that_is_launched_elsewhere_appears(visit, server: Server):
    page = visit("/")
    run = server.launch(QUICK | {"name": "out of the blue"})
    expect(row(page, run)).to_contain_text("out of the blue")
    expect(row(page, run).locator("[data-part=status]")).to_have_text("Finished", timeout=20_000)


def test_search_and_sort_choose_and_order_the_rows(visit, server: Server):
    for name in ("sorted zebra", "sorted apple"):
        server.wait(server.launch(QUICK | {"name": name}), "finished")
    page = visit("/")
    page.keyboard.press("/")
    page.keyboard.type("sorted fin")
    expect(page.locator("[data-run]")).to_have_count(2)
    page.locator("[data-sort]").select_option("name")
    assert page.locator("[data-run] .who a").all_inner_texts() == ["sorted apple", "sorted zebra"]
    page.locator("[data-search]").fill("no such run")
    expect(page.get_by_text("No run matches the search.")).to_be_visible()


def test_a_deleted_run_comes_back_with_undo(visit, server: Server):
    run = server.launch(QUICK | {"name": "to and fro"})
    server.wait(run, "finished")
    page = visit("/")
    row(page, run).locator("[data-delete]").click()
    expect(row(page, run)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(row(page, run)).to_be_visible()


def test_a_run_that_trains_cannot_be_deleted_before_it_is_stopped(visit, endless):
    page = visit("/")
    expect(row(page, endless).locator("[data-delete]")).to_be_disabled()


def test_a_new_server_offers_an_example_that_can_be_watched(visit, tmp_path):
    with Server(tmp_path / "data") as fresh:
        page = visit("/")
        page.goto(fresh.address)
        page.wait_for_selector("html[data-ready]", state="attached")
        page.get_by_role("button", name="Start the example").click()
        page.wait_for_url(re.compile("/runs/"))
        expect(page.locator(".run-head .chip")).to_have_text("Training", timeout=20_000)
        expect(page.locator("[data-panel=loss] .chart-legend")).to_contain_text("data loss")
        page.goto("about:blank")  # before its server goes


def test_a_name_is_only_ever_text(visit, server: Server):
    name = "<img src=x onerror=\"document.title='taken'\">"
    run = server.launch(QUICK | {"name": name})
    page = visit("/")
    expect(row(page, run).locator("[data-part=name]")).to_have_text(name)
    assert page.title() == "Runs · Livefit"


def test_the_page_speaks_the_language_of_the_browser_and_can_be_switched(visit):
    page = visit("/", locale="ko-KR")
    expect(page.locator("h1")).to_have_text("실행")
    page.get_by_role("link", name="English").click()
    expect(page.locator("h1")).to_have_text("Runs")
    assert page.locator("html").get_attribute("lang") == "en"


def test_the_theme_is_kept(visit):
    page = visit("/")
    for theme in ("light", "dark"):
        page.locator("[data-theme-turn]").click()
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


BAR = """[...document.querySelectorAll(".brand, .nav-links a, nav-menu > button, .top .right > *")]
    .map((one) => one.getBoundingClientRect()).filter(({ width }) => width).map(({ left, right }) => [left, right])"""


@pytest.mark.parametrize(
    ("width", "language"), [(360, "ko-KR"), (360, "en-US"), (390, "en-US"), (390, "ko-KR"), (700, "en-US")]
)
def test_the_bar_has_room_for_every_page_and_nothing_cuts_its_menu(visit, width, language):
    page = visit("/docs", viewport={"width": width, "height": 640}, locale=language)
    boxes = page.evaluate(BAR)
    assert all(left >= before - 1 for (_, before), (left, _) in pairwise(boxes)), boxes
    assert boxes[-1][1] <= width
    page.locator("nav-menu > button").click()
    lowest = page.locator(".nav-more a:visible").last
    assert lowest.evaluate("""(one) => {
        const { left, top, width, height } = one.getBoundingClientRect()
        return document.elementFromPoint(left + width / 2, top + height / 2) === one
    }"""), "seen, and nothing over it"


def test_question_mark_lists_the_keys(visit):
    page = visit("/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Logarithmic y axes")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_older_runs_are_a_button_and_a_search_away(visit, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    ended = Finished(step=20, reason="completed", epoch=1, metrics={})
    names = ["the very first", *(f"run {number}" for number in range(201))]
    runs = [run_by_hand(data, [started(), ended], name=name) for name in names]
    with serve(data) as server:
        server.wait(runs[-1].name, "finished")
        page = visit("/")
        page.goto(server.address)
        expect(page.locator("[data-run]")).to_have_count(200)
        expect(page.get_by_text("2 older ones are not shown here.")).to_be_visible()
        page.get_by_role("searchbox").fill("very first")
        expect(page.locator("[data-run]")).to_have_count(1)
        expect(page.locator("[data-run] .who a")).to_have_text("the very first")
        page.get_by_role("searchbox").fill("")
        expect(page.locator("[data-run]")).to_have_count(200)
        page.get_by_role("button", name="Show older ones").click()
        expect(page.locator("[data-run]")).to_have_count(202)
        expect(page.get_by_text("not shown here")).to_be_hidden()
        server.ask("DELETE", f"/api/runs/{runs[0].name}")
        expect(page.locator("[data-run]")).to_have_count(201)
        page.goto("about:blank")
