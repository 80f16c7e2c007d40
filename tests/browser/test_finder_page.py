"""A learning-rate finder in the browser: its loss stands over learning rates, and the page says which to take."""

import re

from playwright.sync_api import expect

from tests.server import Server

FINDER = {
    "name": "finder",
    "dataset": {"name": "circle"},
    "model": {"name": "mlp", "params": {"hidden": [16, 16]}},
    "optimizer": {"name": "adam"},
    "schedule": {"name": "lr_finder"},
    "training": {"epochs": 30, "batch_size": 32},
}


def test_the_loss_of_a_finder_stands_over_learning_rates(visit, server: Server):
    run = server.launch(FINDER)
    server.wait(run, "finished")
    page = visit(f"/runs/{run}")
    notice = page.locator("run-notice")
    expect(notice).to_contain_text("Learning-rate finder: the loss fell fastest at a learning rate of ")
    expect(notice.get_by_role("link", name=re.compile("^New run with a learning rate of "))).to_be_visible()
    losses = page.locator("[data-panel=loss] curve-chart")
    labels = losses.locator("[data-axis=x] span")
    expect(labels.filter(has_text="0.01")).to_have_count(1)
    losses.locator(".chart-handle").focus()
    page.keyboard.press("ArrowLeft")
    expect(losses.locator(".chart-crosshair")).to_have_text(re.compile(r"^\d+ · lr [\d.]+$"))
    losses.locator("summary[aria-label='More for this chart']").click()
    losses.get_by_label("Learning rate as x axis").uncheck()
    expect(labels.filter(has_text=re.compile("^0$"))).to_have_count(1)
