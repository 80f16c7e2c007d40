"""What later attempts superseded can be shown as a pale line: off at first, named at the cursor, and in an export."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import READY
from tests.browser.runs_by_hand import run_by_hand, serve
from tests.browser.test_accessibility import faults
from tests.telling import measured, started
from tests.waiting import wait_for
from trainer.protocol import Finished


@pytest.fixture
def there(tmp_path):
    """A server with a run whose second attempt went back from step 100 to step 40."""
    data = tmp_path / "data"
    data.mkdir()
    first = [started(), measured(range(1, 101), loss__data=[2.0] * 40 + [9.0] * 60)]
    second = [started(2, step=40), measured(range(41, 71), loss__data=[1.0] * 30)]
    run = run_by_hand(data, first, [*second, Finished(step=70, reason="completed", epoch=3, metrics={})])
    with serve(data) as server:
        yield f"{server.address}/runs/{run.name}"


def look(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector(READY, state="attached")
    expect(page.locator("[data-panel=loss] .chart-legend")).to_contain_text("data loss")


def highest(page: Page) -> float:
    labels = page.locator("[data-panel=loss] .chart-axis[data-axis=y] span").all_inner_texts()
    return max((float(one) for one in labels), default=0.0)


def test_superseded_points_are_shown_when_asked_for_and_that_is_remembered(visit, there):
    page = visit("/")
    look(page, there)
    switch = page.get_by_role("checkbox", name="superseded")
    expect(switch).to_be_visible()
    expect(switch).not_to_be_checked()
    wait_for(lambda: highest(page), lambda top: top <= 3)
    switch.check()
    wait_for(lambda: highest(page), lambda top: top >= 8)
    assert faults(page) == []
    look(page, there)
    expect(switch).to_be_checked()
    wait_for(lambda: highest(page), lambda top: top >= 8)
    switch.uncheck()
    wait_for(lambda: highest(page), lambda top: top <= 3)
    page.goto("about:blank")


def test_the_cursor_names_the_attempt_and_its_value(visit, there):
    page = visit("/")
    look(page, there)
    page.get_by_role("checkbox", name="superseded").check()
    page.evaluate("document.dispatchEvent(new CustomEvent('cursor', {detail: {step: 60}}))")
    note = page.locator("[data-panel=loss] .chart-note")
    expect(note).to_have_text("Attempt 1, superseded: data loss 9")
    page.evaluate("document.dispatchEvent(new CustomEvent('cursor', {detail: {step: 20}}))")
    expect(note).not_to_contain_text("superseded")
    page.evaluate("document.dispatchEvent(new CustomEvent('cursor', {detail: {step: 40}}))")
    expect(note).to_contain_text(re.compile(r"Step 40: Attempt 2 goes on from step 40"))
    page.goto("about:blank")


def test_an_exported_chart_has_the_line_and_says_what_it_is(visit, there, tmp_path):
    page = visit("/")
    look(page, there)
    page.get_by_role("checkbox", name="superseded").check()
    wait_for(lambda: highest(page), lambda top: top >= 8)
    page.locator("[data-panel=loss] .chart-menu summary").click()
    with page.expect_download() as download:
        page.locator("[data-panel=loss] .chart-menu [name=svg]").click()
    download.value.save_as(tmp_path / "loss.svg")
    svg = (tmp_path / "loss.svg").read_text()
    assert 'stroke-dasharray="4 3" stroke-opacity="0.6"' in svg
    assert "superseded (attempt 1)" in svg
    page.goto("about:blank")


def test_a_run_with_nothing_superseded_offers_no_switch(visit, endless):
    page = visit(f"/runs/{endless}")
    expect(page.locator("[data-panel=loss] .chart-legend")).to_contain_text("data loss")
    expect(page.get_by_role("checkbox", name="superseded")).to_have_count(0)
