"""A run's checkpoints on its page: what each is, and what can be done with it."""

import re

from playwright.sync_api import Page, expect
from safetensors.numpy import load_file

from tests.browser.conftest import READY, SLOW
from tests.browser.test_accessibility import faults
from tests.server import Server
from tests.waiting import wait_for

SMALL = SLOW | {"name": "to and fro", "training": SLOW["training"] | {"checkpoint_every": 0.0}}
SOUND = {
    "id": "step-400", "step": 400, "epoch": 20, "name": "auto", "time": 1_700_000_000.0, "size": 34_000,
    "sha256": "0" * 64, "metrics": {"validation.accuracy": 0.971, "validation.loss": 0.12, "train.loss": "NaN"},
    "attempt": 1, "sound": True, "superseded": False,
}  # fmt: skip
LISTED = [
    SOUND | {"id": "step-900", "step": 900, "name": "best", "attempt": 2},
    SOUND | {"id": "step-800", "step": 800, "sound": False, "sha256": ""},
    SOUND | {"id": "step-600", "step": 600, "name": "before lunch", "superseded": True},
    SOUND,
]


def look(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector(READY, state="attached")


def chip(page: Page):
    return page.locator(".run-head .chip")


def row(page: Page, checkpoint: str):
    return page.locator(f'save-list [data-id="{checkpoint}"]')


def saved(server: Server, run: str) -> dict:
    """Ask for a checkpoint and return it as soon as it is listed."""
    ids = {one["id"] for one in listed(server, run)}
    server.command(run, type="save", name="mine")
    found = wait_for(lambda: [one for one in listed(server, run) if one["id"] not in ids])
    return found[0]


def listed(server: Server, run: str) -> list[dict]:
    return server.ask("GET", f"/api/runs/{run}/checkpoints")["checkpoints"]


def test_each_checkpoint_says_what_it_is_and_only_sound_ones_can_be_used(visit, server: Server, endless):
    page = visit("/")
    page.route("**/checkpoints", lambda route: route.fulfill(json={"checkpoints": LISTED}))
    look(page, f"{server.address}/runs/{endless}")
    expect(row(page, "step-400")).to_contain_text("step 400")
    expect(row(page, "step-400")).to_contain_text("by itself")
    expect(row(page, "step-400")).to_contain_text("epoch 20 · attempt 1 · 34.0 kB · validation accuracy 97.1 %")
    expect(row(page, "step-900")).to_contain_text("best so far")
    expect(row(page, "step-600")).to_contain_text("before lunch")
    expect(row(page, "step-600")).to_contain_text("Superseded: the run went on from an earlier step.")
    expect(row(page, "step-800")).to_contain_text("Damaged: its files are not what was written.")
    expect(row(page, "step-800").get_by_role("link")).to_have_count(0)
    expect(row(page, "step-800").get_by_role("button")).to_have_count(0)
    weights = f"/api/runs/{endless}/checkpoints/step-400/network.safetensors"
    expect(row(page, "step-400").get_by_role("link", name="Download")).to_have_attribute("href", weights)
    expect(row(page, "step-400").get_by_role("button", name="Continue from here")).to_be_disabled()  # it trains
    ids = page.locator("save-list li").evaluate_all("all => all.map(one => one.dataset.id)")
    assert ids == [one["id"] for one in LISTED]
    assert faults(page) == []


def test_a_new_checkpoint_appears_at_once_and_one_that_was_removed_goes(visit, server: Server):
    training = SMALL["training"] | {"checkpoint_steps": 100, "checkpoints_kept": 2}
    run = server.launch(SMALL | {"training": training})
    server.wait_for_step(run)
    server.command(run, type="pause")
    step = server.wait(run, "paused")["step"]
    first, second, third = (f"step-{(step // 100 + more) * 100}" for more in (1, 2, 3))
    page = visit(f"/runs/{run}")
    expect(chip(page)).to_have_text("Paused")
    for one in (first, second, third):
        server.command(run, type="step", count=100)
        expect(row(page, one)).to_be_attached()
    expect(row(page, second)).to_be_attached()
    expect(row(page, first)).to_have_count(0)
    page.locator("[data-ask=save]").click()
    expect(page.locator("save-list")).to_contain_text("asked for")
    server.stop(run)
    expect(page.locator("save-list")).to_contain_text("at the end")


def test_the_weights_of_a_checkpoint_can_be_taken_away(visit, server: Server, endless, tmp_path):
    checkpoint = saved(server, endless)
    page = visit(f"/runs/{endless}")
    with page.expect_download() as download:
        row(page, checkpoint["id"]).get_by_role("link", name="Download").click()
    download.value.save_as(tmp_path / "network.safetensors")
    tensors = load_file(tmp_path / "network.safetensors")
    assert sum(one.size for one in tensors.values()) > 0


def test_a_run_goes_on_from_the_checkpoint_that_was_chosen(visit, server: Server):
    run = server.launch(SMALL)
    server.wait_for_step(run, 20)
    chosen = saved(server, run)
    server.command(run, type="change", target="optimizer", field="lr", value=0.01)
    server.wait_for_step(run, chosen["step"] + 100)
    page = visit(f"/runs/{run}")
    expect(row(page, chosen["id"]).get_by_role("button", name="Continue from here")).to_be_disabled()
    server.stop(run)
    last = server.card(run)["step"]
    row(page, chosen["id"]).get_by_role("button", name="Continue from here").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"Continue from step {chosen['step']:,}?")
    expect(dialog).to_contain_text(f"goes back from step {last:,} to step {chosen['step']:,}")
    expect(dialog).to_contain_text("Every knob is as it was then")
    assert faults(page) == []
    dialog.get_by_role("button", name="Cancel").click()
    expect(chip(page)).to_have_text("Stopped")
    row(page, chosen["id"]).get_by_role("button", name="Continue from here").click()
    page.get_by_role("dialog").get_by_role("button", name="Continue from here").click()
    expect(chip(page)).to_have_text("Training", timeout=20_000)
    lr = page.locator('live-knob[data-target="optimizer"][data-field="lr"]:visible')
    expect(lr.get_by_role("textbox")).to_have_value("0.05")  # as it was then
    expect(page.locator("save-list [data-superseded]").first).to_contain_text("Superseded")
    server.stop(run)


def test_a_new_run_begins_with_the_weights_of_a_checkpoint(visit, server: Server, endless):
    checkpoint = saved(server, endless)
    page = visit(f"/runs/{endless}")
    row(page, checkpoint["id"]).get_by_role("link", name="New run with these weights").click()
    page.wait_for_selector(READY, state="attached")
    expect(page.locator("start-line")).to_contain_text("Begins with the weights of watched")
    expect(page.locator("start-line").get_by_role("textbox")).to_have_value(checkpoint["id"])
    expect(page.locator("#model")).to_have_value("mlp")
    expect(page.locator("plan-view [data-part=plan]")).to_be_visible()
    assert faults(page) == []
    page.locator("#name").fill("second life")
    expect(page).to_have_url(re.compile(rf"start\.checkpoint={checkpoint['id']}"))
    page.reload()
    page.wait_for_selector(READY, state="attached")
    expect(page.locator("start-line").get_by_role("textbox")).to_have_value(checkpoint["id"])
    page.get_by_role("button", name="Start training").click()
    expect(page.locator("[data-part=start]")).to_have_text(
        f"Began with the weights of watched · {checkpoint['id']}", use_inner_text=True
    )
    second = page.url.rpartition("/")[2]
    assert server.ask("GET", f"/api/runs/{second}")["state"]["spec"]["start"]["checkpoint"] == checkpoint["id"]
    server.stop(second)


def test_what_does_not_fit_is_said_at_the_line_and_the_line_can_be_taken_away(visit, server: Server, endless):
    checkpoint = saved(server, endless)
    start = f"start.run={endless}&start.checkpoint={checkpoint['id']}"
    page = visit("/")
    page.expected = ("422",)
    look(page, f"{server.address}/new?dataset=circle&model=mlp&model.hidden=9,9&{start}")
    line = page.locator("start-line")
    expect(line.locator(".problem")).to_contain_text("dense")
    expect(line.get_by_role("textbox")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[data-start]")).to_be_disabled()
    look(page, f"{server.address}/new?dataset=circle&start.run={endless}&start.checkpoint=step-7777")
    expect(line.locator(".problem")).to_contain_text("step-7777")
    line.get_by_role("button", name="Begin with fresh weights").click()
    expect(line).to_have_count(0)
    expect(page).not_to_have_url(re.compile("start"))
    expect(page.locator("[data-start]")).to_be_enabled()
