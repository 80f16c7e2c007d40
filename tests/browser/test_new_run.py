"""The form of a new run in a browser: it plans as one types, complains at the field, and lives in the address."""

import re

import yaml
from playwright.sync_api import Page, expect

from tests.server import QUICK, Server
from trainer.plan import answer


def field(page: Page, path: str):
    return page.locator(f'.field[data-path="{path}"]:visible')


def plan(page: Page):
    return page.locator("plan-view")


def test_the_plan_follows_what_is_typed(visit):
    page = visit("/new")
    expect(plan(page)).to_contain_text("17,610")
    page.locator("[name='model.hidden']:visible").fill("10")
    expect(plan(page)).to_contain_text("760")  # 64 x 10 + 10, 10 x 10 + 10
    page.locator("[name='training.batch_size']").fill("128")
    expect(plan(page)).to_contain_text("1,257 samples / 128 a step = 10 steps an epoch × 50 epochs = 500 steps")


def test_another_component_brings_its_own_fields_and_its_words(visit):
    page = visit("/new")
    page.locator("#optimizer").select_option("adam")
    expect(field(page, "optimizer.beta1")).to_be_visible()
    expect(field(page, "optimizer.momentum")).to_have_count(0)
    about = page.locator("[data-variant=adam] .about")
    about.get_by_text("More").click()
    expect(about.get_by_role("link", name=re.compile("Kingma"))).to_have_attribute("href", re.compile("arxiv"))


def test_an_error_stands_at_its_field_and_nothing_typed_is_lost(visit):
    page = visit("/new")
    page.expected = ("422",)
    page.locator("[name='optimizer.lr']:visible").fill("ten")
    expect(field(page, "optimizer.lr").locator(".problem")).to_have_text("lr = 'ten' is not a number.")
    expect(page.locator("[name='optimizer.lr']:visible")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("button", name="Start training")).to_be_disabled()
    assert page.locator("[name='optimizer.lr']:visible").input_value() == "ten"
    page.locator("[name='optimizer.lr']:visible").fill("0.1")
    expect(field(page, "optimizer.lr").locator(".problem")).to_be_hidden()
    expect(page.get_by_role("button", name="Start training")).to_be_enabled()


def test_the_whole_form_is_in_the_address(visit):
    page = visit("/new")
    page.locator("[name=name]").fill("from an address")
    page.locator("#optimizer").select_option("adam")
    page.locator("[name='optimizer.lr']:visible").fill("0.02")
    page.get_by_role("switch", name="L2", exact=True).check()
    page.locator("[name='regularizers.l2.strength']").fill("0.5")
    page.wait_for_url(re.compile("strength"))
    other = visit(page.url.partition("//")[2][page.url.partition("//")[2].index("/") :])
    assert other.locator("[name=name]").input_value() == "from an address"
    assert other.locator("[name='optimizer.lr']:visible").input_value() == "0.02"
    assert other.locator("[name='regularizers.l2.strength']").input_value() == "0.5"
    assert "epochs" not in other.url


def test_a_slider_and_its_field_keep_step(visit):
    page = visit("/new")
    box = page.locator("[name='optimizer.lr']:visible")
    box.fill("0.01")
    box.press("ArrowUp")
    assert box.input_value() == "0.015"
    page.locator("number-slider:has([name='optimizer.lr']:visible) input[type=range]").fill("0")
    assert box.input_value() == "0"


def test_a_run_starts_from_the_form_and_opens_again_with_changes(visit, server: Server):
    page = visit("/new?name=born+in+a+form&dataset=circle&model.hidden=4&training.epochs=2&regularizers.l1=on")
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url(re.compile("/runs/"))
    run = page.url.rpartition("/")[2]
    server.wait(run, "finished")
    spec = server.ask("GET", f"/api/runs/{run}")["state"]["spec"]
    assert (spec["name"], spec["training"]["epochs"], spec["regularizers"]["l1"]["enabled"]) == (
        "born in a form",
        2,
        True,
    )
    page.get_by_role("link", name="Run again with changes").click()
    page.wait_for_url(re.compile("/new"))
    assert page.locator("[name='training.epochs']").input_value() == "2"
    expect(page.get_by_role("switch", name="L1", exact=True)).to_be_checked()


def test_what_is_copied_is_a_spec_of_the_same_run(visit, server: Server):
    page = visit(
        "/new?name=a:+b&optimizer=adam&optimizer.lr=1e-3&regularizers.l2=on",
        permissions=["clipboard-read", "clipboard-write"],
    )
    expect(plan(page)).to_contain_text("17,610")
    page.get_by_role("button", name="Copy YAML").click()
    expect(page.get_by_text("YAML copied")).to_be_visible()
    spec = yaml.safe_load(page.evaluate("navigator.clipboard.readText()"))
    complete = answer(spec)["spec"]
    assert complete["name"] == "a: b"
    assert complete["optimizer"] == {"name": "adam", "params": complete["optimizer"]["params"]}
    assert complete["optimizer"]["params"]["lr"] == 0.001
    assert complete["regularizers"]["l2"]["enabled"]


def test_the_form_keeps_what_was_typed_while_the_server_is_away(visit):
    page = visit("/new")
    page.expected = ("ERR_FAILED", "Failed to load")
    page.route("**/api/plans", lambda route: route.abort())
    page.locator("[name=name]").fill("still here")
    expect(page.get_by_text("Nothing you typed is lost")).to_be_visible()
    expect(page.get_by_role("button", name="Start training")).to_be_enabled()
    page.unroute("**/api/plans")
    expect(page.get_by_text("Nothing you typed is lost")).to_be_hidden(timeout=10_000)
    expect(plan(page)).to_contain_text("17,610")
    assert page.locator("[name=name]").input_value() == "still here"


def test_a_start_that_the_server_refuses_can_be_tried_again(visit):
    page = visit("/new?dataset=circle&model.hidden=4&training.epochs=2")
    page.expected = ("507",)
    full = {"title": "There is no room", "detail": "12 MiB are free.", "hint": "Make room.", "status": 507}
    page.route("**/api/runs", lambda route: route.fulfill(status=507, json=full))
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_text("12 MiB are free. Make room.")).to_be_visible()
    page.unroute("**/api/runs")
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url(re.compile("/runs/"))


def test_a_form_of_an_old_run_shows_its_name(visit, server: Server):
    run = server.launch(QUICK | {"name": "the first"})
    page = visit(f"/new?from={run}&seed=9")
    expect(page.get_by_role("link", name="the first")).to_be_visible()
    assert page.locator("#seed").input_value() == "9"


def test_a_layer_of_its_own_strength_is_typed_in_a_row_refused_at_its_field_and_turned_live(visit, server: Server):
    page = visit("/new?dataset=circle&model.hidden=4,3&training.speed=50&regularizers.l2=on")
    page.expected = ("422",)
    mapping = field(page, "regularizers.l2.per_layer")
    expect(mapping.get_by_role("textbox")).to_have_count(3)
    mapping.get_by_label("dense 2").fill("0.5")
    page.wait_for_url(re.compile(r"per_layer=dense\+2%3A\+0.5"))
    page.locator("[name='model.hidden']:visible").fill("4")
    expect(mapping.locator(".problem")).to_contain_text("no layer is called 'dense 2'. Did you mean 'dense 1'?")
    page.locator("[data-part=problems] a").click()
    expect(mapping.get_by_label("dense 1")).to_be_focused()
    page.locator("[name='model.hidden']:visible").fill("4, 3")
    expect(mapping.locator(".problem")).to_be_hidden()
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url(re.compile("/runs/"))
    knob = page.locator("live-knob[data-target='regularizers.l2'][data-field=per_layer]")
    expect(knob.get_by_label("dense 2")).to_have_value("0.5")
    knob.get_by_label("output").fill("2")
    knob.get_by_label("output").press("Enter")
    expect(knob.locator("output")).to_contain_text("since step")
    run = page.url.rpartition("/")[2]
    state = server.ask("GET", f"/api/runs/{run}")["state"]
    assert state["knobs"]["regularizers.l2"]["per_layer"]["value"] == {"dense 2": 0.5, "output": 2.0}
    server.stop(run)


def test_stopping_offers_the_metrics_that_the_problem_has(visit):
    page = visit("/new?dataset=breast_cancer&training.batch_size=16&stopping.early=on")
    page.expected = ("422",)  # a plan that is refused
    menu = page.locator("#stopping-early-monitor-early")
    expect(menu.locator("option[value='validation.rmse']")).to_be_disabled()
    expect(menu.locator("option[value='validation.auc']")).to_be_enabled()
    menu.select_option("validation.f1")
    page.locator("select[name=dataset]").select_option("diabetes")
    line = page.locator("[data-path='stopping.early.monitor'] > .problem")
    expect(line).to_contain_text("no metric of this run is called 'validation.f1'.")
    expect(line).to_contain_text("There are: train.loss, train.mae, train.rmse, validation.loss")
    expect(menu).to_have_value("validation.f1")
    menu.select_option("validation.rmse")
    expect(line).to_be_hidden()
    expect(menu.locator("option[value='validation.auc']")).to_be_disabled()
