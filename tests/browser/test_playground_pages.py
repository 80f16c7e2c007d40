"""Optimizer paths and the geometry of penalties in the browser: by hand, by keys, by address, and without a fault."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import SIZES, faults

FORM = "/paths?surface=bowl&x=-7&y=2&steps=29&o=sgd+lr+0.95&o=sgd+lr+0.1+momentum+0.9+nesterov+on"


def cells(page: Page, row: int) -> list[str]:
    page.locator("[data-part=results] tr").nth(row).wait_for(timeout=60_000)
    return page.locator("[data-part=results] tr").nth(row).locator("td").all_inner_texts()


def open_paths(visit, path: str = "/paths", **options) -> Page:
    page = visit(path, **options)
    page.locator("[data-part=results] tr").first.wait_for(timeout=60_000)
    return page


def test_the_books_four_optimizers_end_where_the_book_ends_and_are_played_step_by_step(visit):
    page = open_paths(visit)
    ends = [cells(page, row)[1] for row in range(4)]
    assert ends == ["(−0.3872, −0.0942)", "(0.8141, 0.2729)", "(−0.1362, 0.0000)", "(0.0201, 0.3220)"]
    assert cells(page, 0)[4] == "29"
    at = page.locator("[data-part=at]")
    expect(at).to_have_text("29 / 29")
    page.get_by_role("button", name="One step back").click()
    expect(at).to_have_text("28 / 29")
    page.get_by_role("slider", name="Step", exact=True).focus()
    page.keyboard.press("Home")
    expect(at).to_have_text("0 / 29")
    assert cells(page, 0)[1] == "(−7.0000, 2.0000)"
    page.locator("main").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(at).not_to_have_text("0 / 29")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_what_is_turned_is_in_the_address_and_comes_back_from_it(visit):
    page = open_paths(visit, FORM)
    expect(page.locator("[data-part=results] th").nth(1)).to_have_text("SGD, lr 0.1, momentum 0.9, nesterov")
    assert cells(page, 1)[1] == "(0.6193, 0.0074)"
    rate = page.get_by_label("Learning rate").first
    rate.fill("0.5")
    expect(page).to_have_url(re.compile(r"o=sgd\+lr\+0\.5&o=sgd\+lr\+0\.1\+momentum\+0\.9\+nesterov\+on"))
    page.get_by_label("What they descend").select_option("two_minima")
    expect(page).to_have_url(re.compile("surface=two_minima"))
    expect(page.locator("[data-part=results] tr")).to_have_count(4)
    page.go_back()
    expect(page.locator("[data-part=results] tr")).to_have_count(2)
    expect(page.get_by_label("Learning rate").first).to_have_value("0.5")
    link = page.get_by_role("link", name="KO 한국어")
    expect(link).to_have_attribute("href", re.compile("back=.*surface%3Dbowl"))


def test_the_start_is_taken_by_hand_and_by_keys(visit):
    page = open_paths(visit)
    ring = page.get_by_role("button", name="Start point")
    box, plot = ring.bounding_box(), page.locator("[data-part=plot]").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(plot["x"] + plot["width"] * 0.75, plot["y"] + plot["height"] * 0.25, steps=4)
    page.mouse.up()
    expect(page.get_by_label("Start x")).to_have_value(re.compile(r"^(4\.9|5|5\.0)\d?$"))
    expect(page.get_by_label("Start y")).to_have_value(re.compile(r"^2\.[45]\d?$"))
    page.get_by_label("Start x").fill("1")
    page.get_by_label("Start y").fill("1")
    ring.focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_label("Start x")).to_have_value("-1")
    expect(page.get_by_label("Start y")).to_have_value("1.1")
    expect(page).to_have_url(re.compile(r"x=-1&y=1\.1"))


def test_what_is_wrong_is_said_where_it_was_typed_and_the_picture_stays(visit):
    page = open_paths(visit)
    page.expected = ("422",)
    before = cells(page, 0)
    page.get_by_label("Start x").fill("70")
    problem = page.locator("[data-path='start.x'] .problem")
    expect(problem).to_have_text("x = 70 is outside -10 to 10, the picture.")
    page.get_by_label("Learning rate").nth(2).fill("-1")
    expect(page.locator(".racer").nth(2)).to_contain_text("lr = -1.0 is outside 0 to 100")
    assert cells(page, 0) == before
    page.get_by_label("Start x").fill("-7")
    page.get_by_label("Learning rate").nth(2).fill("1.5")
    expect(problem).to_be_hidden()


def test_the_hint_says_why_sgd_zigzags_and_sets_the_best_two_out(visit):
    page = open_paths(visit)
    card = page.locator("[data-part=tuning]")
    expect(card).to_contain_text("lr 0.95: × 0.905 along, × −0.9 across. The minus sign means the other wall")
    expect(card).to_contain_text("lr 0.9524, then both directions shrink by × 0.905 a step")
    expect(card).to_contain_text("lr 1.336 and momentum 0.4026, × 0.635 a step")
    page.get_by_role("button", name="Let these two set out").click()
    expect(page.locator("[data-part=results] tr")).to_have_count(2)
    page.get_by_role("button", name="Take it away").first.click()
    expect(page.locator("[data-part=results] tr")).to_have_count(1)
    expect(page.get_by_role("button", name="Take it away")).to_be_disabled()
    page.get_by_role("button", name="Add an optimizer").click()
    expect(page.locator("[data-part=results] tr")).to_have_count(2)


def test_a_stronger_l1_slides_to_the_corner_where_a_weight_is_exactly_zero(visit):
    page = visit("/geometry")
    seen, held = page.locator("[data-part=seen]"), page.locator("[data-part=numbers] tr").nth(1).locator("td")
    expect(seen).to_contain_text("touches the diamond on an edge")
    page.get_by_label("λ, strength of the penalty").fill("1.5")
    expect(seen).to_contain_text("w2 is exactly 0, and w1 alone is left")
    expect(held.nth(1)).to_have_text("0")
    page.get_by_role("radio", name="L2 penalty").check()
    expect(seen).to_contain_text("neither becomes exactly 0")
    expect(held.nth(1)).not_to_have_text("0")
    expect(page).to_have_url(re.compile(r"\?kind=disc&strength=1\.5$"))
    page.get_by_role("radio", name="Max-norm").check()
    expect(page.get_by_label("λ, strength of the penalty")).to_be_hidden()
    expect(seen).to_contain_text("The weights stop at the wall")
    page.get_by_role("button", name=re.compile("Optimum of the loss alone")).focus()
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.get_by_label("Optimum w₁")).to_have_value("1.4")
    page.get_by_label("c, the limit").fill("9")
    expect(page.locator("[data-knob=limit] .problem")).to_have_text("9 is no number from 0 to 4.")
    page.reload()
    expect(page.locator("[data-knob=limit] .problem")).to_be_hidden()


def test_the_menu_of_the_bar_opens_by_keys_and_leads_to_both_pages(visit):
    page = visit("/docs")
    menu = page.get_by_role("button", name="More", exact=True)
    menu.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Optimizer paths")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Geometry of penalties")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    expect(page.get_by_role("link", name="Optimizer paths")).to_be_hidden()
    menu.click()
    page.get_by_role("link", name="Geometry of penalties").click()
    expect(page.locator("h1")).to_have_text("Geometry of penalties")


@pytest.mark.parametrize(("size", "scheme", "language"), [("wide", "light", "en-US"), ("phone", "dark", "ko-KR")])
@pytest.mark.parametrize("where", ["/paths?surface=rosenbrock", "/geometry?kind=rounded"])
def test_a_page_has_no_fault_that_axe_finds_and_is_no_wider_than_the_window(visit, where, size, scheme, language):
    page = visit(where, viewport=SIZES[size], color_scheme=scheme, locale=language)
    page.locator("table.results tbody tr").first.wait_for(timeout=60_000)
    for summary in page.locator(".racer summary").all()[:1]:
        summary.click()
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
