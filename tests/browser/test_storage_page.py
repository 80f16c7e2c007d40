"""The page of what takes the disk, in a browser: what would be freed is said before, and a deleted run comes back."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import READY
from tests.server import QUICK, Server


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("storage") / "data", LIVEFIT_DISK_BUDGET="20 GB") as server:
        yield server


def rested(server: Server, name: str) -> str:
    run = server.launch(QUICK | {"name": name})
    server.wait(run, "finished")
    return run


def look(page: Page, server: Server) -> Page:
    page.goto(f"{server.address}/storage")
    page.wait_for_selector(READY, state="attached")
    return page


def preview(page: Page):
    return page.locator("[data-part=preview]")


def test_what_runs_take_stands_there_largest_first(visit, lab):
    rested(lab, "counted")
    page = look(visit("/docs"), lab)
    expect(page.locator("[data-part=used]")).to_have_text(re.compile(r"^Runs take .* of their budget of 20.0 GB\."))
    sizes = [one["total"] for one in lab.ask("GET", "/api/storage")["runs"]]
    assert sizes == sorted(sizes, reverse=True)
    expect(page.locator("[data-part=runs] tr")).to_have_count(len(sizes))
    expect(preview(page)).to_have_text("Choose runs, and what to free of them.")
    expect(page.get_by_role("button", name="Free it")).to_be_disabled()


def test_a_deleted_run_goes_to_the_trash_and_comes_back_with_undo(visit, lab):
    rested(lab, "to and fro")
    page = look(visit("/docs"), lab)
    page.get_by_role("checkbox", name="Choose to and fro").check()
    page.get_by_role("checkbox", name="Delete the whole run").check()
    expect(preview(page)).to_have_text(re.compile(r"^Frees 0 B now, and .* kB once the trash is emptied\.$"))
    page.get_by_role("button", name="Free it").click()
    expect(page.locator("[data-part=trash]")).to_contain_text(re.compile(r"to and fro .*, goes for good in 7 days"))
    expect(page.get_by_role("checkbox", name="Choose to and fro")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("checkbox", name="Choose to and fro")).to_be_visible()
    expect(page.locator("[data-part=trash] li")).to_have_count(0)


def test_a_run_of_the_trash_is_restored_and_another_goes_for_good(visit, lab):
    stays, goes = rested(lab, "stays after all"), rested(lab, "goes for good")
    for run in (stays, goes):
        lab.ask("DELETE", f"/api/runs/{run}")
    page = look(visit("/docs"), lab)
    page.get_by_role("button", name="Restore stays after all").click()
    expect(page.get_by_role("link", name="stays after all")).to_be_visible()
    page.get_by_role("button", name="Empty the trash").click()
    expect(page.get_by_role("dialog")).to_contain_text("1 run goes for good")
    page.get_by_role("dialog").get_by_role("button", name="Empty the trash").click()
    expect(page.get_by_text("The trash is empty.")).to_be_visible()
    assert not (lab.folder / "runs" / goes).exists()
    assert lab.status(stays) == "finished"


def test_checkpoints_are_dropped_by_keyboard(visit, lab):
    run = rested(lab, "by keyboard")
    page = look(visit("/docs"), lab)
    page.get_by_role("checkbox", name="Choose by keyboard").focus()
    page.keyboard.press("Space")
    page.get_by_label("Checkpoints", exact=True).focus()
    page.keyboard.press("End")
    expect(preview(page)).to_have_text(re.compile(r"^Frees \d.* kB\.$"))
    page.get_by_role("button", name="Free it").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("were freed.")).to_be_visible()
    assert list((lab.folder / "runs" / run / "checkpoints").iterdir()) == []


def test_what_cannot_be_freed_says_why(visit, server, endless):
    page = visit("/storage")
    page.locator(f'[name=run][value="{endless}"]').check()
    page.get_by_role("checkbox", name="Thin histograms").check()
    expect(page.locator("[data-part=refused]")).to_contain_text("Stop it first.")
    expect(page.get_by_role("button", name="Free it")).to_be_disabled()


def test_the_footer_leads_here_in_korean_too(visit):
    page = visit("/", locale="ko-KR")
    page.get_by_role("contentinfo").get_by_role("link", name="저장 공간").click()
    expect(page.locator("h1")).to_have_text("저장 공간")
