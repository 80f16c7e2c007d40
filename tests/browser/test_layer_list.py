"""A network as a list of layers in the form: rows that come, move, turn and go, with what the plan says of each."""

import re

import yaml
from playwright.sync_api import Page, expect

from tests.server import Server
from trainer.plan import answer

SMALL = "/new?model=layers&model.layers.0.conv=4&model.layers.1.pool=2&model.layers.2.dense=8"


def rows(page: Page):
    return page.locator("entry-list:visible li")


def kinds(page: Page) -> list[str]:
    return rows(page).evaluate_all("rows => rows.map(row => row.dataset.entry)")


def box(page: Page, field: str):
    return page.locator(f"[name='model.layers.{field}']:visible")


def told(page: Page, place: int):
    return rows(page).nth(place).locator("[data-part=told]")


def test_each_row_says_what_the_plan_says_of_it_as_one_types(visit):
    page = visit(SMALL)
    expect(told(page, 0)).to_have_text("conv 14 × 8 × 8(8 + 2·1 - 3)/1 + 1 = 84·1·3·3 + 4 = 40 parameters")
    expect(told(page, 1)).to_have_text("pool 14 × 4 × 4(8 - 2)/2 + 1 = 4")
    box(page, "0.kernel").fill("5")
    expect(told(page, 0)).to_contain_text("(8 + 2·1 - 5)/1 + 1 = 6")
    expect(told(page, 1)).to_contain_text("4 × 3 × 3")
    expect(page.locator("network-picture text.shape")).to_have_text(["1 × 8 × 8", "4 × 6 × 6", "4 × 3 × 3", "8", "10"])


def test_an_error_stands_at_the_layer_that_caused_it_and_nothing_typed_is_lost(visit):
    page = visit(SMALL)
    page.expected = ("422",)
    box(page, "0.kernel").fill("11")
    problem = rows(page).nth(0).locator(".problem")
    expect(problem).to_have_text(re.compile("conv 1 gets 8x8, 10x10 with its padding, too small for a kernel of 11"))
    expect(box(page, "0.kernel")).to_have_attribute("aria-invalid", "true")
    box(page, "0.kernel").fill("many")
    expect(problem).to_have_text("kernel = 'many' is not a whole number.")
    page.wait_for_url(re.compile("many"))
    page.reload()
    expect(problem).to_have_text("kernel = 'many' is not a whole number.")
    assert box(page, "0.kernel").input_value() == "many"
    box(page, "0.kernel").fill("3")
    expect(problem).to_be_hidden()
    page.locator("#dataset").select_option("wine")
    expect(problem).to_have_text(re.compile("conv 1 wants images"))
    expect(rows(page).nth(0).locator("select.kind")).to_have_attribute("aria-invalid", "true")


def test_rows_are_added_moved_by_keys_turned_and_removed_and_the_address_follows(visit):
    page = visit(SMALL)
    page.get_by_role("button", name="Dense", exact=True).click()
    expect(box(page, "3.dense")).to_be_focused()
    box(page, "3.dense").fill("5")
    box(page, "3.dense").press("Alt+ArrowUp")
    expect(box(page, "2.dense")).to_be_focused()
    assert [box(page, f"{place}.dense").input_value() for place in (2, 3)] == ["5", "8"]
    rows(page).nth(1).get_by_role("button", name="Remove").click()
    assert kinds(page) == ["conv", "dense", "dense"]
    page.get_by_role("button", name="Undo").click()
    assert kinds(page) == ["conv", "pool", "dense", "dense"]
    rows(page).nth(0).get_by_role("button", name="Move down").click()
    assert kinds(page) == ["pool", "conv", "dense", "dense"]
    turned = rows(page).nth(3).locator("select.kind")
    turned.select_option("dense_residual")
    box(page, "3.dense_residual").fill("6")
    turned.select_option("dense")
    assert box(page, "3.dense").input_value() == "8", "what was typed before waits"
    turned.select_option("dense_residual")
    assert box(page, "3.dense_residual").input_value() == "6"
    page.wait_for_url(
        re.compile(r"model.layers.0.pool=2&model.layers.1.conv=4&model.layers.2.dense=5&model.layers.3.de")
    )
    expect(told(page, 3)).to_contain_text("residual 1")
    address = page.url.partition("/new")[2]
    other = visit(f"/new{address}")
    assert kinds(other) == ["pool", "conv", "dense", "dense_residual"]
    assert box(other, "3.dense_residual").input_value() == "6"


def test_an_example_replaces_the_rows_and_can_be_undone(visit):
    page = visit(SMALL)
    page.get_by_role("button", name="ResNet-like").click()
    assert kinds(page) == ["conv", "conv_residual", "conv_residual", "global_pool"]
    assert box(page, "2.stride").input_value() == "2"
    expect(page.locator("network-picture .sum")).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    assert kinds(page) == ["conv", "pool", "dense"]


def test_without_a_row_the_network_is_its_output_layer(visit):
    page = visit("/new?model=layers&model.layers=")
    assert kinds(page) == []
    expect(page.locator("network-picture text.name")).to_have_text(["input", "output"])
    page.get_by_role("button", name="Flatten").click()
    expect(told(page, 0)).to_contain_text("64")
    page.wait_for_url(re.compile(r"model.layers.0.flatten=on"))


def test_a_run_of_layers_opens_again_with_them_and_is_copied_as_one_would_write_it(visit, server: Server):
    page = visit(
        f"{SMALL}&model.layers.3.flatten=on&training.epochs=1&model.layers.0.kernel=5",
        permissions=["clipboard-read", "clipboard-write"],
    )
    expect(told(page, 0)).to_contain_text("conv 1")
    page.get_by_role("button", name="Copy YAML").click()
    expect(page.get_by_text("YAML copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "- {conv: 4, kernel: 5}\n" in copied
    assert answer(yaml.safe_load(copied))["plan"]["layers"][0]["shape"] == [4, 6, 6]
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url(re.compile("/runs/"))
    run = page.url.rpartition("/")[2]
    server.wait(run, "finished")
    expect(page.locator("network-picture text.shape").first).to_have_text("1 × 8 × 8")
    again = visit(f"/new?from={run}")
    assert kinds(again) == ["conv", "pool", "dense", "flatten"]
    assert box(again, "0.kernel").input_value() == "5"
