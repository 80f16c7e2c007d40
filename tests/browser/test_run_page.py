"""The page of a run in a browser: it moves, and what is asked of the trainer is answered on it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.server import QUICK, Server


def knob(page: Page, target: str, field: str):
    return page.locator(f'live-knob[data-target="{target}"][data-field="{field}"]:visible')


def chip(page: Page):
    return page.locator(".run-head .chip")


def step_of(page: Page) -> int:
    return int(page.locator("run-transport [data-part=step]").inner_text().replace(",", ""))


def cursor_note(page: Page):
    return page.locator("time-slider [data-part=at]")


def test_curves_and_counters_move(visit, endless):
    page = visit(f"/runs/{endless}")
    expect(chip(page)).to_have_text("Training")
    expect(page.locator("curve-chart").first).to_contain_text("data loss")
    before = step_of(page)
    expect(page.locator("run-transport [data-part=step]")).not_to_have_text(f"{before:,}")
    expect(page.locator("run-transport [data-part=heard]")).to_contain_text("s ago")
    expect(page.locator("[data-panel='metric.accuracy'] curve-chart")).to_be_attached()


def test_a_turned_knob_is_confirmed_with_the_step_since_which_it_holds(visit, endless):
    page = visit(f"/runs/{endless}", name="Kim")
    box = knob(page, "optimizer", "lr").get_by_role("textbox")
    box.fill("0.02")
    box.press("Enter")
    expect(knob(page, "optimizer", "lr").locator("output")).to_have_text(re.compile(r"^since step [\d,]+ · Kim$"))
    expect(page.locator(".log")).to_contain_text("0.05 → 0.02")


def test_a_knob_is_turned_once(visit, server: Server, endless):
    page = visit(f"/runs/{endless}")
    box = knob(page, "optimizer", "momentum").get_by_role("textbox")
    box.fill("0.5")
    box.press("Enter")
    expect(knob(page, "optimizer", "momentum").locator("output")).to_contain_text("since")
    log = server.ask("GET", f"/api/runs/{endless}")["state"]["log"]
    assert len([one for one in log if one.get("field") == "momentum"]) == 1


@pytest.mark.parametrize(("typed", "why"), [("1000", "is outside 0 to 100."), ("fast", "is not a number.")])
def test_a_refused_knob_goes_back_and_says_why(visit, endless, typed, why):
    page = visit(f"/runs/{endless}")
    box = knob(page, "optimizer", "lr").get_by_role("textbox")
    expect(box).to_have_value("0.05")
    box.fill(typed)
    box.press("Enter")
    expect(knob(page, "optimizer", "lr").locator("output")).to_contain_text(why)
    expect(box).to_have_value("0.05")


def test_a_regularizer_is_switched_and_its_strength_appears(visit, endless):
    page = visit(f"/runs/{endless}")
    expect(knob(page, "regularizers.l2", "strength")).to_have_count(0)
    knob(page, "regularizers.l2", "enabled").get_by_role("switch").click()
    expect(knob(page, "regularizers.l2", "strength")).to_be_visible()
    expect(page.locator("[data-panel=penalty] curve-chart")).to_be_attached()
    expect(page.locator("[data-panel=loss] .chart-legend")).to_contain_text("data loss")


def test_dropout_is_seen_as_the_network_with_units_struck_out(visit, endless):
    page = visit(f"/runs/{endless}")
    struck = page.locator("network-picture .struck")
    expect(page.locator("network-picture text.name")).to_have_text(["input", "dense 1", "dense 2", "output"])
    expect(struck).to_have_count(0)
    for on in (True, False):
        page.get_by_role("switch", name="Dropout").click()
        expect(struck).not_to_have_count(0) if on else expect(struck).to_have_count(0)


def test_another_optimizer_asks_what_becomes_of_the_moments(visit, endless):
    page = visit(f"/runs/{endless}")
    page.locator("#knob-optimizer").select_option("adam")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("What becomes of the running means")
    dialog.get_by_label("Reset").check()
    dialog.get_by_role("button", name="Change now").click()
    expect(page.locator("live-swap[data-target=optimizer] > .field output")).to_contain_text("since step")
    expect(knob(page, "optimizer", "beta1")).to_be_visible()
    expect(knob(page, "optimizer", "momentum")).to_have_count(0)


def test_a_cancelled_change_leaves_the_optimizer_in_use_on_show(visit, endless):
    page = visit(f"/runs/{endless}")
    page.locator("#knob-optimizer").select_option("adam")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#knob-optimizer")).to_have_value("sgd")


def test_pause_step_and_go_on(visit, endless):
    page = visit(f"/runs/{endless}")
    page.get_by_role("button", name="Pause").click()
    expect(chip(page)).to_have_text("Paused")
    before = step_of(page)
    page.locator("[data-count]").select_option("10 steps")
    page.locator("[data-ask=step]").click()
    expect(page.locator("run-transport [data-part=step]")).to_have_text(f"{before + 10:,}")
    page.get_by_role("button", name="Go on").click()
    expect(chip(page)).to_have_text("Training")


def test_a_checkpoint_is_saved_when_asked(visit, endless):
    page = visit(f"/runs/{endless}")
    page.locator("[data-ask=save]").click()
    expect(page.locator(".toast")).to_contain_text("Checkpoint saved at step")
    expect(page.locator("save-list")).to_contain_text("step")


def test_the_time_slider_goes_back_and_escape_returns(visit, endless):
    page = visit(f"/runs/{endless}")
    expect(page.locator("#time")).to_be_enabled()
    page.keyboard.press("[")
    expect(cursor_note(page)).to_contain_text("step")
    page.keyboard.press("Escape")
    expect(cursor_note(page)).to_have_text("now")


def test_keys_set_all_charts_at_once(visit, endless):
    page = visit(f"/runs/{endless}")
    page.keyboard.press("l")
    page.keyboard.press("s")
    chart = page.locator("[data-panel=loss] curve-chart")
    expect(chart).to_have_attribute("y", "log")
    expect(chart).to_have_attribute("smoothing", "0.6")


def test_a_chart_that_is_moved_keeps_its_legend(visit, endless):
    page = visit(f"/runs/{endless}")
    legend = page.locator("[data-panel=loss] .chart-legend")
    expect(legend).to_contain_text("data loss")
    page.locator("[data-panel=loss] curve-chart").evaluate("chart => chart.parentElement.append(chart)")
    expect(legend).to_contain_text("data loss")


def test_distributions_hang_in_tabs(visit, endless):
    page = visit(f"/runs/{endless}")
    page.get_by_role("tab", name="Gradients").click()
    expect(page.locator("spread-chart").first).to_have_attribute("probe", "gradients")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Activations")).to_have_attribute("aria-selected", "true")


def test_a_finished_run_says_so_and_its_knobs_rest(visit, server: Server):
    run = server.launch(QUICK)
    server.wait(run, "finished")
    page = visit(f"/runs/{run}")
    expect(page.locator("run-notice")).to_contain_text("Finished after 18 steps.")
    expect(page.locator("run-notice")).to_contain_text("On the test part, which it never saw: ")
    expect(page.locator("#knob-optimizer")).to_be_disabled()
    expect(page.get_by_text("This run has ended")).to_be_visible()


def test_a_page_whose_run_was_stopped_elsewhere_says_so(visit, server: Server, endless):
    page = visit(f"/runs/{endless}")
    server.command(endless, type="stop")
    expect(chip(page)).to_have_text("Stopped")
    expect(page.locator("run-notice")).to_contain_text("What was learned is kept")


def test_on_a_phone_the_knobs_come_in_a_drawer_over_the_charts(visit, endless):
    page = visit(f"/runs/{endless}", viewport={"width": 390, "height": 844})
    expect(page.locator("#knobs")).to_be_hidden()
    page.get_by_role("button", name="Knobs").click()
    expect(knob(page, "optimizer", "lr")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#knobs")).to_be_hidden()


def test_an_unknown_run_is_a_page_that_says_so(visit):
    page = visit("/new")
    page.expected = ("404",)
    page.goto(page.url.replace("/new", "/runs/01ARZ3NDEKTSV4RRFFQ69G5FAV"))
    expect(page.locator("h1")).to_have_text("No such run")
