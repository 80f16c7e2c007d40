"""Changes that a run makes by itself, in the form of a new run: listed, refused at their line, left out, carried."""

import json
import re
from urllib.parse import urlencode

from playwright.sync_api import expect

from tests.browser.test_accessibility import faults
from tests.server import Server

DECAY = {"epoch": 1, "target": "regularizers.l2", "field": "enabled", "value": True}
DROP = {"epoch": 2, "target": "optimizer", "field": "lr", "value": 0.01}
WRONG = {"step": 3, "target": "optimizer", "field": "lr", "value": -1}
SHORT = {"dataset": "circle", "model.hidden": "4", "training.epochs": 3}


def address(*changes: dict) -> str:
    planned = {f"changes.{place}": json.dumps(one) for place, one in enumerate(changes)}
    return f"/new?{urlencode(SHORT | planned)}"


def test_changes_in_the_address_are_listed_left_out_and_made_by_the_run(visit, server: Server):
    page = visit(address(DECAY, WRONG, DROP))
    page.expected = ("422",)
    rows = page.locator("change-list li")
    expect(rows).to_have_count(3)
    expect(rows.nth(1).locator(".problem")).to_contain_text("outside 0 to 100")
    assert faults(page) == []
    rows.nth(1).get_by_role("button", name="Leave out").click()
    expect(rows).to_have_count(2)
    expect(rows.nth(1).get_by_role("button")).to_be_focused()
    expect(page.locator("[data-start]")).to_be_enabled()
    expect(page).to_have_url(re.compile(r"changes\.1="))
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url("**/runs/*")
    run = page.url.rpartition("/")[2]
    server.wait(run, "finished")
    assert server.ask("GET", f"/api/runs/{run}")["state"]["spec"]["changes"] == [DECAY, DROP]
    expect(page.locator("run-log")).to_contain_text("regularizers.l2 enabled: off → on, by the spec.")
