"""The confusion matrix and the ROC curves of a run: live, back in time, and at the end of the test part."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.server import QUICK, Server

# as when a capture comes while one points at a cell
PAINTED = "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
DRAWN_ANEW = f"table => {{ table.heard(); return {PAINTED} }}"
FIRST, LAST = 6, 18  # steps with which the first and the last epoch of QUICK end


@pytest.fixture(scope="module")
def finished(server: Server) -> str:
    run = server.launch(QUICK)
    server.wait(run, "finished")
    return run


def matrix(page: Page) -> list[list[int]]:
    """Return the counts as the page shows them."""
    cells = page.locator("confusion-table td[data-truth] > b").all_inner_texts()
    return [[int(one.replace(",", "")) for one in cells[row : row + 2]] for row in (0, 2)]


def note(page: Page):
    return page.locator("confusion-table .matrix-note")


def go_to(page: Page, step: int | None) -> None:
    page.evaluate("step => document.dispatchEvent(new CustomEvent('cursor', {detail: {step}}))", step)


def test_they_show_what_was_counted_and_go_back_in_time(visit, server: Server, finished):
    page = visit(f"/runs/{finished}")
    expect(note(page)).to_contain_text(f"Validation part, step {LAST}, ")
    page.locator("roc-chart").scroll_into_view_if_needed()  # what is out of sight is not drawn
    for step in (LAST, FIRST):
        go_to(page, step)
        expect(note(page)).to_contain_text(f"step {step}, ")
        seen = server.ask("GET", f"/api/runs/{finished}/captures/confusion?step={step}")["tensors"]["validation"]
        assert [*matrix(page)[0], *matrix(page)[1]] == seen["counts"]
        expect(page.locator("roc-chart .chart-note")).to_contain_text(f"Step {step} ")
    go_to(page, FIRST - 1)
    expect(note(page)).to_contain_text("Nothing was judged up to this moment")
    go_to(page, None)
    expect(note(page)).to_contain_text(f"step {LAST}, ")


def test_the_test_part_is_there_at_the_end_with_the_numbers_of_the_run(visit, server: Server, finished):
    page = visit(f"/runs/{finished}")
    page.locator("answers-view").get_by_role("button", name="Test").click()
    expect(note(page)).to_contain_text("Test part, at the end")
    metrics = server.ask("GET", f"/api/runs/{finished}")["state"]["metrics"]
    (right, false), (missed, true) = matrix(page)
    assert (right + true) / (right + false + missed + true) == pytest.approx(metrics["test.accuracy"])
    page.locator("roc-chart").scroll_into_view_if_needed()
    area = page.locator("roc-chart .chart-legend .chart-value")
    expect(area).to_have_text(re.compile(r"^[01]"))
    assert float(area.inner_text()) == pytest.approx(metrics["test.auc"], abs=1e-3)


def test_a_cell_says_its_share_and_a_corner_its_threshold(visit, finished):
    page = visit(f"/runs/{finished}")
    page.locator("confusion-table td[data-truth]").nth(1).hover()
    of_the_cell = re.compile(r"^Of \d+ that are .+, \d+ \(.+ %\) were predicted as .+\.$")
    expect(note(page)).to_have_text(of_the_cell)
    page.locator("confusion-table").evaluate(DRAWN_ANEW)
    expect(note(page)).to_have_text(of_the_cell)
    chart = page.locator("roc-chart")
    chart.scroll_into_view_if_needed()
    expect(chart.locator(".chart-axis[data-axis=x] span").first).to_be_attached()
    plot = chart.locator(".chart-plot")
    box = plot.bounding_box()
    plot.hover(position={"x": box["width"] * 0.985, "y": box["height"] * 0.015})
    expect(chart.locator(".chart-note")).to_have_text(re.compile(r"^.+: from a score of .+ on, .+ % of them are found"))
    expect(page.locator("time-slider [data-part=at]")).to_have_text("now")
    page.get_by_role("button", name="Shares first").click()
    expect(page.locator("confusion-table td.is-right > b").first).to_have_text(re.compile(" %$"))


@pytest.mark.parametrize("width", [1440, 1100, 390])
def test_ten_classes_are_in_sight_with_their_recall(visit, server: Server, width):
    trained = {"epochs": 20, "batch_size": 64}  # so well that many a column has a "100 %", the widest that there is
    model = {"name": "mlp", "params": {"hidden": [64]}}
    adam = {"name": "adam", "params": {"lr": 0.01}}
    run = server.launch({"dataset": {"name": "digits"}, "model": model, "optimizer": adam, "training": trained})
    server.wait(run, "finished")
    page = visit(f"/runs/{run}", viewport={"width": width, "height": 900})
    expect(page.locator("confusion-table tfoot td")).to_have_count(11)
    scrolls = "one => [one.scrollWidth, one.clientWidth]"
    needed, there = page.locator("confusion-table .matrix-scroll").evaluate(scrolls)
    assert needed == there


def test_they_move_while_it_trains(visit, endless):
    page = visit(f"/runs/{endless}")
    expect(note(page)).to_contain_text("Validation part, step ")
    before = note(page).inner_text().split(" · ")[0]
    expect(note(page)).not_to_contain_text(before)
    expect(page.get_by_role("tab", name="Weights")).to_be_visible()
    assert "Confusion" not in "".join(page.get_by_role("tab").all_inner_texts())


def test_a_run_that_predicts_numbers_has_none(visit, server: Server):
    run = server.launch({**QUICK, "dataset": {"name": "sine"}})
    server.wait(run, "finished")
    page = visit(f"/runs/{run}")
    expect(page.locator("run-notice")).to_contain_text("Finished after")
    expect(page.locator("answers-view")).to_be_hidden()
