"""What is the matter with a run stands on its page in words, with what to do and a control that does it."""

import os
import re
import signal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import READY, SLOW
from tests.browser.runs_by_hand import run_by_hand, serve
from tests.browser.test_accessibility import faults
from tests.server import Server
from tests.telling import SPEC, epoch, measured, started
from trainer.protocol import Failed, Finished, Marked


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def look(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector(READY, state="attached")


def notice(page: Page):
    return page.locator("run-notice")


def test_a_run_that_failed_out_of_memory_offers_half_the_batch(visit, data):
    spec = SPEC | {"training": {"epochs": 5, "batch_size": 96}}
    reason = "out of memory: 12.0 GB were asked for, 10.5 GB are there"
    lost = Failed(step=3, reason=reason, hint="The batch size is 96 now: try 48.")
    run = run_by_hand(data, [started(**spec), measured([1, 2, 3], loss__data=[3, 2, 1]), lost], **spec)
    with serve(data) as server:
        page = visit("/")
        look(page, server.address)
        expect(page.locator(f'[data-run="{run.name}"] [data-part=matter]')).to_have_text(reason)
        look(page, f"{server.address}/runs/{run.name}")
        expect(notice(page)).to_contain_text("This run failed at step 3.")
        expect(notice(page)).to_contain_text(reason)
        expect(notice(page)).to_contain_text("try 48")
        assert faults(page) == []
        notice(page).get_by_role("link", name="Run again with half the batch (48)").click()
        page.wait_for_selector(READY, state="attached")
        expect(page.locator("[name='training.batch_size']")).to_have_value("48")
        expect(page.locator("#dataset")).to_have_value("digits")
        page.goto("about:blank")


def test_a_loss_that_is_no_number_is_named_with_smaller_steps_as_the_way_out(visit, data):
    numbers = measured([1, 2, 3], loss__data=[3, float("nan"), float("nan")])
    mark = Marked(step=2, kind="nan", text="NaN at step 2, first in the gradient of dense 1.weight.")
    run = run_by_hand(data, [started(), numbers, mark, Finished(step=3, reason="completed", epoch=1, metrics={})])
    with serve(data) as server:
        page = visit("/")
        look(page, f"{server.address}/runs/{run.name}")
        expect(notice(page)).to_contain_text("NaN at step 2, first in the gradient of dense 1.weight.")
        again = notice(page).get_by_role("link", name="Run again with learning rate 0.005")
        again.click()
        page.wait_for_selector(READY, state="attached")
        expect(page.locator("[name='optimizer.lr']:enabled")).to_have_value("0.005")
        page.goto("about:blank")


def test_a_damaged_log_is_named_with_its_byte_and_what_can_be_done(visit, data):
    run = run_by_hand(data, [started(), *(measured([step], loss__data=[1 / step]) for step in range(1, 300)), epoch(5)])
    log = run / "events-1.log"
    damaged = bytearray(log.read_bytes())
    damaged[len(damaged) // 2] ^= 4
    log.write_bytes(damaged)
    with serve(data) as server:
        page = visit("/")
        look(page, f"{server.address}/runs/{run.name}")
        expect(notice(page)).to_contain_text("A log of this run is damaged.")
        expect(notice(page)).to_contain_text(re.compile(r"events-1\.log is damaged at byte \d+"))
        expect(notice(page)).to_contain_text(f"livefit verify {run.name}")
        expect(page.locator("[data-panel=loss] .chart-legend")).to_contain_text("data loss")
        expect(notice(page).get_by_role("link", name="Run the same again")).to_be_visible()
        look(page, server.address)
        expect(page.locator(f'[data-run="{run.name}"] [data-part=matter]')).to_have_text("Log damaged")
        page.goto("about:blank")


def test_a_trainer_that_hangs_is_seen_to_and_its_stacks_can_be_asked_for(visit, data):
    with serve(data, LIVEFIT_STALLED_AFTER_S="3", LIVEFIT_STOP_WITHIN_S="1") as server:
        run = server.launch(SLOW)
        server.wait_for_step(run)
        page = visit("/")
        look(page, f"{server.address}/runs/{run}")
        heard = page.locator("run-transport [data-part=heard]")
        expect(heard).to_contain_text("s ago")
        os.kill(server.trainer(run), signal.SIGSTOP)
        expect(heard).to_have_text(re.compile(r"^[2-9]\.\d s ago$"))  # the page says so before the server does
        expect(page.locator(".run-head .chip")).to_have_text("Stalled", timeout=20_000)
        expect(notice(page)).to_contain_text("the trainer does not move")
        expect(page.locator("run-transport .dot")).to_have_attribute("data-kind", "warn")
        assert faults(page) == []
        os.kill(server.trainer(run), signal.SIGCONT)
        expect(page.locator(".run-head .chip")).to_have_text("Training")
        expect(notice(page)).to_be_empty()
        expect(heard).to_have_text(re.compile(r"^0\.\d s ago$"))
        os.kill(server.trainer(run), signal.SIGSTOP)
        notice(page).get_by_role("button", name="Show stacks").click(timeout=20_000)
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Where the trainer stands")
        expect(dialog.locator("pre")).not_to_be_empty()
        dialog.get_by_role("button", name="Close").click()
        notice(page).get_by_role("button", name="Stop").click()
        expect(page.locator(".run-head .chip")).to_have_text("Stopped", timeout=20_000)
        page.goto("about:blank")


def test_a_page_that_comes_to_a_hung_run_does_not_pretend_to_know_when_the_last_value_came(visit, data):
    with serve(data, LIVEFIT_STOP_WITHIN_S="1") as server:
        run = server.launch(SLOW)
        server.wait_for_step(run)
        os.kill(server.trainer(run), signal.SIGSTOP)
        page = visit("/")
        look(page, f"{server.address}/runs/{run}")
        heard = page.locator("run-transport [data-part=heard]")
        expect(heard).to_have_text(re.compile(r"^none for [5-9]"), timeout=15_000)
        expect(page.locator("run-transport .dot")).to_have_attribute("data-kind", "warn")
        page.goto("about:blank")
        os.kill(server.trainer(run), signal.SIGCONT)


def test_the_banner_of_a_full_disk_leads_to_where_room_can_be_made(visit, server: Server):
    page = visit("/")
    page.evaluate(
        """() => document.dispatchEvent(new CustomEvent("banner", {
             detail: {key: "disk", text: "nearly full", kind: "warn",
                      link: {label: "Make room", href: "/storage"}}}))"""
    )
    expect(page.locator("page-banners").get_by_role("link", name="Make room")).to_have_attribute("href", "/storage")
