"""What this run tells, on its page: found live, with the way to the chart, and what to try at a click."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import faults
from tests.server import QUICK, Server

# inputs as they come, 0 to 16, and large steps: within a second all units of a layer are dead
RAW = {
    "name": "raw inputs",
    "dataset": {"name": "digits", "params": {"scaling": "none"}},
    "model": {"name": "mlp", "params": {"hidden": [32, 32]}},
    "optimizer": {"name": "sgd", "params": {"lr": 0.1, "momentum": 0.9}},
    "training": {"epochs": 100_000, "batch_size": 64, "speed": 100.0, "budget": 0.2},
    "probes": {"weights": {"enabled": False}, "gradients": {"enabled": False}},
}

HEALTHY = {
    "name": "healthy",
    "dataset": {"name": "digits"},
    "model": {"name": "mlp", "params": {"hidden": [32]}},
    "training": {"epochs": 12, "batch_size": 32},
    "optimizer": {"name": "adam", "params": {"lr": 0.003}},
}


@pytest.fixture(scope="module")
def raw(server: Server):
    run = server.launch(RAW)
    server.wait_for_step(run)
    yield run
    server.stop(run)


def panel(page: Page):
    return page.locator("run-diagnosis")


def opened(visit, run: str, **options) -> Page:
    page = visit(f"/runs/{run}", **options)
    expect(panel(page).locator(".chips")).to_contain_text("Dead ReLUs · sure")
    panel(page).locator("summary").click()
    return page


def finding(page: Page, name: str):
    return panel(page).locator(f"[data-finding={name}]")


def test_a_run_is_diagnosed_live_and_a_link_leads_to_the_step_on_the_chart(visit, raw):
    page = opened(visit, raw)
    dead = finding(page, "dead_relus")
    expect(dead).to_contain_text("of the units of dense")
    expect(dead).to_contain_text("counted unit by unit")
    dead.get_by_role("button", name="Where it began").click()
    expect(page.locator("time-slider [data-part=at]")).to_have_text(re.compile(r"^step \d+$"))
    expect(page.locator("[data-panel=dead_units] .chart-title")).to_be_in_viewport()


def test_what_to_try_is_applied_at_a_click_and_confirmed_with_its_step(visit, server, raw):
    page = opened(visit, raw, name="Kim")
    norm = finding(page, "dead_relus").locator("diagnosis-try", has_text="batch normalization")
    norm.get_by_role("button", name="Apply now").click()
    expect(norm.locator("output")).to_contain_text("changed at step")
    knobs = server.ask("GET", f"/api/runs/{raw}")["state"]["knobs"]["regularizers.batch_norm"]
    assert (knobs["enabled"]["value"], knobs["enabled"]["by"]) == (True, "Kim")


def test_what_only_a_new_run_can_have_is_filled_into_its_form(visit, raw):
    page = visit(f"/runs/{raw}")
    panel(page).locator("summary").click()
    page.locator("diagnosis-try", has_text="Standardize the inputs").first.get_by_role("link").click()
    expect(page.locator("[name='dataset.scaling']:enabled")).to_have_value("standard")
    expect(page.locator("[name='optimizer.lr']:enabled")).to_have_value("0.1")


def test_a_run_with_nothing_the_matter_says_so(visit, server):
    run = server.launch(HEALTHY)
    server.wait(run, "finished")
    page = visit(f"/runs/{run}")
    expect(panel(page).locator(".chips")).to_have_text("Nothing is the matter so far.")
    panel(page).locator("summary").click()
    expect(panel(page)).to_contain_text("Looked for, and not found so far")
    expect(panel(page).locator("[data-part=numbers]")).to_contain_text("Validation error")


def test_a_level_is_drawn_on_the_chart_of_every_browser_and_a_wrong_one_is_refused_where_it_was_typed(visit, server):
    run = server.launch(QUICK | {"name": "levelled"})
    server.wait(run, "finished")
    here, there = visit(f"/runs/{run}"), visit(f"/runs/{run}")
    panel(here).locator("summary").click()
    box = panel(here).get_by_label("Human or best possible level")
    box.fill("980")
    box.press("Enter")
    expect(panel(here).get_by_role("alert")).to_contain_text("“980” is no accuracy")
    expect(box).to_have_value("980")
    box.fill("98")
    box.press("Enter")
    expect(panel(here).locator("[data-part=level-problem]")).to_be_empty()
    for page in (here, there):
        page.locator("[data-panel='metric.accuracy']").scroll_into_view_if_needed()  # charts out of sight are not drawn
        expect(page.locator("[data-panel='metric.accuracy'] .chart-level")).to_have_text("level 98.0 %")
    expect(panel(here).locator("[data-part=numbers]")).to_contain_text("2.0 %")


def test_the_list_of_runs_has_a_chip_for_what_is_serious(visit, raw):
    page = visit("/")
    expect(page.locator(f"[data-run='{raw}'] [data-part=finding]")).to_have_text(
        re.compile("Dead ReLUs|Stuck at chance")
    )


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1440)])
def test_the_opened_panel_has_no_fault_that_axe_finds_and_nothing_moves(visit, raw, scheme, width):
    page = visit(f"/runs/{raw}", viewport={"width": width, "height": 900}, color_scheme=scheme)
    expect(panel(page).locator(".chips")).not_to_be_empty()
    panel(page).locator("summary").click()
    expect(finding(page, "dead_relus")).to_be_attached()
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    heights = page.evaluate(
        """() => { const panel = document.querySelector("run-diagnosis"); const before = panel.offsetHeight
           panel.querySelector("[data-part=findings]").replaceChildren(); return [before, panel.offsetHeight] }"""
    )
    assert heights[0] == heights[1], "its height does not depend on what was found"
