"""The page of a lesson, from the prediction to the grade; and what the list remembers of it."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import READY
from tests.lessons.conftest import ROOT, write_shelf
from tests.server import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server with two lessons, one of which lands, and one of paths."""
    shelf = write_shelf(tmp_path_factory.mktemp("shelf"), lands=0.5, misses=1.5)
    for one in (ROOT / "lessons").glob("optimizer_paths*"):
        (shelf / one.name).write_text(one.read_text())
    with Server(tmp_path_factory.mktemp("lab") / "data", LIVEFIT_LESSONS_DIR=str(shelf)) as teaching:
        yield teaching


def test_a_learner_predicts_runs_and_reads_the_outcome(visit, server):
    page = visit("/lessons/lands")
    start = page.get_by_role("button", name="Start the runs")
    expect(start).to_be_disabled()
    page.get_by_label("not learn").check()
    start.click()
    expect(page.get_by_text("2 of 2 runs have ended")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("It landed.")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("You predicted: not learn. It comes out otherwise.")).to_be_visible()
    expect(page.get_by_text("Landed at")).to_be_visible()
    assert "?group=" in page.url
    page.reload()
    page.wait_for_selector(READY, state="attached")
    expect(page.get_by_label("not learn")).to_be_checked()
    expect(page.get_by_text("It landed.")).to_be_visible(timeout=60_000)
    page.goto(server.address + "/lessons")
    expect(page.locator("[data-lesson=lands] [data-part=mark]")).to_have_text("landed")
    expect(page.get_by_text("1 of 3 landed in this browser")).to_be_visible()
    cards = page.locator(".lesson-card:visible")
    page.get_by_label("Only those that have not landed here").check()
    expect(cards).to_have_count(2)
    search = page.get_by_role("searchbox", name="Find a lesson")
    search.fill("zig-zag PATHS")
    expect(cards).to_have_count(1)
    expect(page.get_by_role("heading", name="Optimization")).to_be_visible()
    search.fill("cake")
    expect(page.get_by_text("No lesson has all of these words.")).to_be_visible()


def test_a_prediction_made_before_the_scripts_ran_counts(visit, server):
    page = visit("/lessons")
    held = []
    page.route("**/pages/lesson.js", lambda route: held.append(route))
    with page.expect_request("**/pages/lesson.js"):
        page.goto(server.address + "/lessons/lands", wait_until="commit")
    page.get_by_label("not learn").check()
    held[0].continue_()
    expect(page.get_by_role("button", name="Start the runs")).to_be_enabled()


def test_a_lesson_that_missed_says_so_and_shows_its_band(visit, server):
    page = visit("/lessons/misses", locale="ko-KR", viewport={"width": 390, "height": 844})
    page.get_by_label("한국어 learn", exact=True).check()
    page.get_by_role("button", name="실행 시작").click()
    expect(page.get_by_text("빗나갔습니다.")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("한국어 Missed at")).to_be_visible()
    expect(page.locator(".band-missed")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_paths_of_a_lesson_are_played_and_graded_at_once(visit, server):
    page = visit("/lessons/optimizer_paths", reduced_motion="reduce")
    page.get_by_label("plain SGD").check()
    page.get_by_role("button", name="Let them set out").click()
    expect(page.get_by_text("It landed.")).to_be_visible(timeout=60_000)
    expect(page.locator("[data-part=at]")).to_have_text("29 / 29")
    row = page.locator("[data-part=results] tr").first
    expect(row).to_contain_text("SGD (0.95)")
    expect(row).to_contain_text("(\u22120.3872, \u22120.0942)")
    page.get_by_role("button", name="One step back").click()
    expect(page.locator("[data-part=at]")).to_have_text("28 / 29")
    address = page.get_by_role("link", name="Open with all its knobs").get_attribute("href")
    assert address.startswith("/paths?surface=bowl&x=-7&y=2&steps=29&o=sgd+lr+0.95")
    page.reload()
    expect(page.get_by_text("It landed.")).to_be_visible(timeout=60_000)
    expect(page.get_by_label("plain SGD")).to_be_checked()
