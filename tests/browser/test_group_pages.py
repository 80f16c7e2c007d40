"""Several runs in a browser: launched from the form, watched over one another, folded in the list, compared."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.server import QUICK, Server
from tests.waiting import wait_for

FORM = "/new?name=rates&dataset=circle&model.hidden=4&training.epochs=3"
VARY = [{"path": "optimizer.lr", "values": [0.01, 0.1]}, {"path": "seed", "values": [1, 2]}]


@pytest.fixture(scope="module", autouse=True)
def catalog(server: Server) -> None:
    """The first page with a form waits for torch, longer than a browser does on a machine that is busy."""
    server.ask("GET", "/api/catalog")


@pytest.fixture(scope="module")
def group(server: Server) -> str:
    made = server.ask("POST", "/api/groups", {"name": "folded away", "spec": QUICK, "vary": VARY})
    for run in made["runs"]:
        server.wait(run, "finished")
    return made["id"]


def values(page: Page):
    return page.get_by_role("textbox", name="Values")


def legend(page: Page):
    return page.locator("group-chart").first.locator(".chart-legend button")


def test_several_are_launched_from_the_form_and_come_to_a_mean_with_a_spread(visit, server: Server):
    page = visit(FORM)
    page.get_by_role("switch", name="Launch several").check()
    page.get_by_label("Seeds").fill("2")
    page.get_by_role("button", name="Vary a field").click()
    page.get_by_label("Field that varies").select_option(label="SGD: Learning rate")
    page.get_by_text("Make values from a range").click()
    for name, value in {"from": "0.01", "to": "1", "how many": "3"}.items():
        page.get_by_label(name, exact=True).fill(value)
    page.get_by_role("button", name="Fill in").click()
    expect(values(page)).to_have_value("0.01, 0.1, 1")
    expect(page.locator("[data-part=several-sum]")).to_contain_text("6 runs,")
    expect(page.locator("[data-part=several-sum]")).to_contain_text("lr 0.01 · lr 0.1 · lr 1")
    expect(page).to_have_url(re.compile(r"vary\.optimizer\.lr=0\.01"))
    page.get_by_role("button", name="Start 6 runs").click()
    page.wait_for_url(re.compile("/groups/"))
    expect(page.locator("group-head [data-part=told]")).to_contain_text("6 finished", timeout=60_000)
    expect(page.locator("outcome-table tbody tr")).to_have_count(3)
    expect(page.locator("outcome-table tbody tr").first).to_contain_text(re.compile(r"lr 0\.01.*2/2.*±"))
    page.get_by_role("link", name="Launch again with changes").click()
    expect(values(page)).to_have_value("0.01, 0.1, 1")
    expect(page.get_by_label("Seeds")).to_have_value("2")


def test_what_is_wrong_with_a_value_is_said_at_the_list_that_it_stands_in(visit):
    page = visit("/docs")
    page.expected = ("422",)
    page.goto(
        page.url.replace("/docs", f"{FORM}&vary.training.batch_size=16,many&several.seeds=1&vary.optimizer=sgd,adam")
    )
    problem = page.locator("[data-vary] > .problem").first
    expect(problem).to_contain_text("batch size many")
    expect(problem).to_contain_text("is not a whole number")
    expect(values(page)).to_have_attribute("aria-invalid", "true")
    page.locator("[data-part=problems] a").click()
    expect(values(page)).to_be_focused()
    values(page).fill("16, 32")
    expect(page.get_by_role("button", name="Start 4 runs")).to_be_enabled()
    expect(problem).to_be_hidden()


def test_curves_lie_over_one_another_and_one_variant_can_be_looked_at_alone(visit, group):
    page = visit(f"/groups/{group}")
    expect(legend(page)).to_have_count(2)
    expect(legend(page).first).to_contain_text(re.compile(r"lr 0\.01.*×2.*±"))
    legend(page).nth(1).click()
    other = page.locator("group-chart").nth(1).locator(".chart-legend button")
    expect(other.nth(1)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(other.nth(1)).to_have_attribute("aria-pressed", "false")
    page.get_by_label("Axis").select_option("epoch")
    page.locator(".series-choice").get_by_label("loss", exact=True).check()
    expect(page.locator("group-chart")).to_have_count(3)
    page.reload()
    expect(page.locator("group-chart")).to_have_count(3)
    chart = page.locator("group-chart").first.get_by_role("slider")
    expect(chart).to_have_attribute("aria-valuemax", "3")
    expect(chart).to_have_attribute("aria-valuetext", re.compile("epoch 3"))


def test_the_table_says_what_differs_first_and_sorts_by_any_column(visit, group):
    page = visit(f"/groups/{group}")
    heads = page.locator("compare-table thead button")
    expect(heads.first).to_be_visible()
    assert heads.all_inner_texts()[:4] == ["Run", "Learning rate", "seed", "Status"]
    rate = page.locator("compare-table").get_by_role("button", name="Learning rate", exact=True)
    rate.click()
    rate.click()
    expect(page.locator("compare-table tbody tr").first.locator("td").first).to_have_text("0.1")
    expect(page.locator("compare-table th[aria-sort=descending]")).to_have_text("Learning rate")
    assert page.locator("compare-table .best").count() >= 1
    page.locator("compare-table").get_by_role("button", name="Seconds per epoch, without pauses").click()
    shown = [float(one) for one in page.locator("compare-table tbody td:nth-child(6)").all_inner_texts()]
    assert shown == sorted(shown)
    assert shown[0] > 0


def test_a_group_is_one_row_whose_runs_unfold_and_two_of_them_are_compared(visit, server: Server, group):
    page = visit("/")
    row = page.locator(f'[data-group="{group}"]')
    page.get_by_role("searchbox").fill("folded away")
    expect(page.locator("[data-part=list] > li")).to_have_count(1)
    expect(row.locator("[data-run]").first).to_be_hidden()
    row.get_by_role("button", name="Show its runs").click()
    expect(row.locator("[data-run] [data-part=name]").first).to_have_text("lr 0.01 · seed 1")
    for at in (0, 3):
        row.locator("[data-pick]").nth(at).check()
    expect(page.locator("[data-part=picked-text]")).to_have_text("2 runs selected")
    page.get_by_role("link", name="Compare").click()
    page.wait_for_url(re.compile("/compare"))
    expect(legend(page)).to_have_count(2)
    expect(page.locator("compare-table tbody tr")).to_have_count(2)


def test_a_group_that_trains_is_stopped_as_one_and_comes_back_after_it_was_deleted(visit, server: Server):
    slow = QUICK | {"training": {"epochs": 100_000, "batch_size": 64, "speed": 100.0}}
    made = server.ask("POST", "/api/groups", {"name": "to be stopped", "spec": slow, "vary": VARY[1:]})
    page = visit(f"/groups/{made['id']}")
    expect(page.locator("group-head [data-part=told]")).to_contain_text("2 training", timeout=60_000)
    value = legend(page).first.locator(".chart-value")
    expect(value).to_contain_text("±")
    before = value.inner_text()
    wait_for(value.inner_text, lambda now: now != before)
    expect(page.get_by_role("button", name="Delete")).to_be_disabled()
    page.get_by_role("button", name="Stop all").click()
    expect(page.locator("group-head [data-part=told]")).to_contain_text("2 stopped", timeout=60_000)
    page.get_by_role("button", name="Delete").click()
    page.wait_for_url(re.compile(r"/$|deleted_group"))
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(f'[data-group="{made["id"]}"]')).to_be_visible()
