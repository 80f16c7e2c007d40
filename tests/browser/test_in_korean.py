"""A reader of Korean finds components, refusals and what a trainer says in Korean, on the form and while it trains."""

import re

from playwright.sync_api import expect

from tests.app.test_uploads import bring
from tests.browser.conftest import SLOW
from tests.server import QUICK, Server

KOREAN = {"locale": "ko-KR"}


def test_the_form_its_plan_and_its_refusals_are_in_korean(visit):
    page = visit("/new?regularizers.dropout=on", **KOREAN)
    page.expected = ("422",)
    expect(page.get_by_role("switch", name="드롭아웃", exact=True)).to_be_checked()
    expect(page.locator("plan-view .why")).to_contain_text("소프트맥스가 출력을 합이 1인 확률로 바꿉니다")
    expect(page.locator("[name='training.on_nan'] option:checked")).to_have_text("계속")
    page.locator("[name='optimizer.lr']:visible").fill("ten")
    problem = page.locator(".field[data-path='optimizer.lr']:visible .problem")
    expect(problem).to_have_text("lr = 'ten': 수여야 합니다.")
    # what is chosen travels by its name, not by its word
    page.locator("[name='optimizer.lr']:visible").fill("0.1")
    page.locator("[name='training.on_nan']").select_option("정지")
    page.wait_for_url(re.compile(r"training\.on_nan=stop"))


def test_what_a_trainer_answers_is_said_in_korean(visit, server: Server):
    run = server.launch(SLOW)
    server.wait_for_step(run)
    page = visit(f"/runs/{run}", **KOREAN)
    knob = page.locator("live-knob[data-target=optimizer][data-field=lr]")
    expect(knob.locator("label")).to_have_text("학습률")
    knob.get_by_role("textbox").fill("5000")
    knob.get_by_role("textbox").press("Enter")
    expect(knob.locator("output")).to_have_text("거절됨: lr = 5000.0: 0 ~ 100 범위를 벗어났습니다.")
    page.locator("live-knob[data-target='regularizers.batch_norm'][data-field=enabled] input").check()
    log = page.locator("run-log")
    expect(log).to_contain_text("꺼짐 → 켜짐")
    expect(log).to_contain_text("2개 층을 정규화했습니다.")
    server.stop(run)


def test_folds_are_called_after_what_varies_and_not_after_the_first(visit, server: Server):
    wine = {"dataset": {"name": "wine", "params": {"folds": 3}}, "training": {"epochs": 1}}
    vary = [{"path": "dataset.params.fold", "values": [1, 2, 3]}]
    group = server.ask("POST", "/api/groups", {"spec": wine, "vary": vary}, expect=201)
    for run in group["runs"]:
        server.wait(run, "finished")
    told = server.ask("GET", f"/api/groups/{group['id']}/table")
    assert [one["label"] for one in told["variants"]] == ["3 folds"]
    page = visit(f"/groups/{group['id']}", **KOREAN)
    expect(page.locator("outcome-table tbody th")).to_have_text("폴드 3개")
    expect(page.locator(".chart-name").first).to_have_text("폴드 3개")


def test_what_is_measured_of_each_layer_is_called_in_korean(visit, server: Server):
    group = server.ask("POST", "/api/groups", {"spec": QUICK, "vary": [{"path": "seed", "values": [1, 2]}]}, expect=201)
    for run in group["runs"]:
        server.wait(run, "finished")
    page = visit(f"/groups/{group['id']}", **KOREAN)
    more = page.get_by_role("combobox", name="다른 지표")
    expect(more).to_contain_text("층별 죽은 유닛 비율: dense 1")
    assert [one for one in more.locator("option").all_text_contents() if not re.search("[가-힣]", one)] == []


def test_columns_without_a_name_are_numbered_in_korean(visit, server: Server):
    text = "\n".join(f"{n},{n % 4},{n % 2}" for n in range(30))
    page = visit(f"/data/new?upload={bring(server, text, 'bare.csv')}", **KOREAN)
    expect(page.locator("[data-part=columns] th").first).to_have_text("1열")
    expect(page.locator("[data-part=heads] th").first).to_have_text("1열")
    expect(page.get_by_label("예측할 값").locator("option").last).to_have_text("3열")
