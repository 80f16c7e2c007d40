"""The pages of runs that do not train: queued, failed, interrupted. Each says why, and offers what can be done."""

import json
import os
import signal

from playwright.sync_api import Page, expect

from tests.browser.conftest import READY, SLOW
from tests.server import QUICK, Server
from tests.waiting import wait_for


def look(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector(READY, state="attached")


def notice(page: Page):
    return page.locator("run-notice")


def test_a_queued_run_says_its_place_and_starts_by_itself(visit, tmp_path):
    with Server(tmp_path / "data", "--max-running", "1", LIVEFIT_STOP_WITHIN_S="1") as server:
        first, second, third = (server.launch(SLOW | {"name": name}) for name in ("first", "second", "third"))
        server.wait(first, "running")
        page = visit("/")
        look(page, f"{server.address}/runs/{third}")
        expect(notice(page)).to_contain_text("Waiting for a free place: number 2 in the queue. It starts by itself.")
        expect(page.get_by_role("button", name="Stop")).to_be_enabled()
        expect(page.get_by_role("button", name="Pause")).to_be_disabled()
        expect(page.locator("#knob-optimizer")).to_be_disabled()
        expect(page.get_by_text("the knobs can be turned once it does")).to_be_visible()
        server.stop(second)
        expect(notice(page)).to_contain_text("Next in the queue.")
        server.stop(first)
        expect(page.locator(".run-head .chip")).to_have_text("Training", timeout=20_000)
        expect(notice(page)).to_be_empty()
        expect(page.locator("#knob-optimizer")).to_be_enabled()
        page.goto("about:blank")  # before its server goes
        server.stop(third)


def test_a_failed_run_says_why_and_offers_another_try(visit, tmp_path):
    with Server(tmp_path / "data", "--max-running", "1", LIVEFIT_STOP_WITHIN_S="1") as server:
        server.launch(SLOW)
        damaged = server.launch(SLOW | {"name": "damaged"})
        spec = server.folder / "runs" / damaged / "spec.json"
        spec.write_text(json.dumps(json.loads(spec.read_text()) | {"model": {"name": "mlq", "params": {}}}))
        for run in server.ask("GET", "/api/runs")["runs"]:
            if run["id"] != damaged:
                server.stop(run["id"])
        server.wait(damaged, "failed")
        page = visit("/")
        page.expected = ("422", "500")  # its page is made from the damaged spec
        look(page, server.address)
        expect(page.locator(f'[data-run="{damaged}"] [data-part=status]')).to_have_text("Failed")
        spec.write_text(
            json.dumps(json.loads(spec.read_text()) | {"model": {"name": "mlp", "params": {"hidden": [4]}}})
        )
        look(page, f"{server.address}/runs/{damaged}")
        expect(notice(page)).to_contain_text("This run failed at step 0.")
        expect(notice(page)).to_contain_text("mlq")
        expect(notice(page).get_by_role("link", name="Run again with changes")).to_be_visible()
        expect(page.get_by_role("button", name="Go on")).to_be_enabled()
        page.goto("about:blank")


def test_an_interrupted_run_says_what_happened_and_what_comes_next(visit, server: Server, endless):
    page = visit(f"/runs/{endless}")
    expect(page.locator(".run-head .chip")).to_have_text("Training")
    # it goes on by itself so soon that who looks now and then may miss it: the page remembers what it has said
    page.evaluate("""() => {
        const seen = window.seen = [], notice = document.querySelector("run-notice")
        new MutationObserver(() => seen.push(notice.innerText)).observe(notice, { childList: true, subtree: true })
    }""")
    killed = server.trainer(endless)
    os.kill(killed, signal.SIGKILL)
    seen = wait_for(lambda: page.evaluate("seen"), lambda texts: any("Interrupted at step " in text for text in texts))
    assert any("SIGKILL" in text for text in seen)
    wait_for(lambda: server.trainer(endless), lambda pid: pid != killed)
    expect(page.locator(".run-head .chip")).to_have_text("Training", timeout=20_000)
    expect(notice(page)).to_be_empty()
    expect(page.locator(".log")).to_contain_text("Attempt 2 goes on from step")


def test_a_run_is_deleted_from_its_own_page(visit, server: Server):
    run = server.launch(QUICK | {"name": "to be deleted"})
    server.wait(run, "finished")
    page = visit(f"/runs/{run}")
    page.get_by_role("button", name="Delete").click()
    expect(page.locator("h1")).to_have_text("Runs")
    expect(page.locator(f'[data-run="{run}"]')).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(f'[data-run="{run}"]')).to_be_visible()
