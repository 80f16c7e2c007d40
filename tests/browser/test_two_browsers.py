"""Two people on one run: what one does, the other sees, with who did it."""

import re

from playwright.sync_api import expect


def test_what_one_changes_shows_in_the_other_with_who_did_it(visit, endless):
    kim, lee = visit(f"/runs/{endless}", name="김 Kim"), visit(f"/runs/{endless}", name="Lee")
    l2 = 'live-knob[data-target="regularizers.l2"][data-field=enabled]'
    kim.locator(f"{l2} input").click()
    expect(lee.locator(f"{l2} input")).to_be_checked()
    expect(lee.locator(f"{l2} output")).to_have_text(re.compile("since step .* · 김 Kim"))
    assert lee.locator(f"{l2} output").inner_text() == kim.locator(f"{l2} output").inner_text()


def test_a_swap_by_one_turns_the_panel_of_the_other(visit, endless):
    one, other = visit(f"/runs/{endless}"), visit(f"/runs/{endless}")
    one.locator("#knob-optimizer").select_option("rmsprop")
    one.get_by_role("button", name="Change now").click()
    expect(other.locator("#knob-optimizer")).to_have_value("rmsprop")
    expect(other.locator('[data-variant="rmsprop"] live-knob').first).to_be_visible()


def test_a_refusal_bothers_only_the_one_who_asked(visit, endless):
    one, other = visit(f"/runs/{endless}"), visit(f"/runs/{endless}")
    lr = 'live-knob[data-target="optimizer"][data-field="lr"]:visible'
    expect(other.locator(f"{lr} input[type=text]")).to_have_value("0.05")
    one.locator(f"{lr} input[type=text]").fill("1000")
    one.locator(f"{lr} input[type=text]").press("Enter")
    expect(one.locator(lr)).to_have_attribute("data-state", "refused")
    expect(other.locator(".log")).to_contain_text("Refused")
    assert other.locator(lr).get_attribute("data-state") != "refused"


def test_both_stand_at_the_same_step_when_it_pauses(visit, endless):
    one, other = visit(f"/runs/{endless}"), visit(f"/runs/{endless}")
    one.keyboard.press("p")
    expect(other.locator(".run-head .chip")).to_have_text("Paused")
    expect(one.locator(".run-head .chip")).to_have_text("Paused")
    step = "run-transport [data-part=step]"
    assert one.locator(step).inner_text() == other.locator(step).inner_text()
