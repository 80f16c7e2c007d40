"""What was changed in a run by hand, written down so that it is repeated."""

import json

import pytest

from app.steered import changes_of, lines
from tests.hard_life import check_equal, kill, live, make
from tests.server import ENDLESS
from tests.test_law_of_resuming import OFTEN, TRAINING, WINE, turn
from tests.training import go_on, of_kind, said, train, with_fields
from tests.waiting import wait_for
from trainer import plan
from trainer.protocol import Changed, Pause, Swap

OWN = {"epoch": 1, "target": "regularizers.l2", "field": "enabled", "value": True}
LATER = {"step": 50, "target": "optimizer", "field": "lr", "value": 0.001}
BY_HAND = {
    9: [turn("a", "regularizers.batch_norm", "enabled", True), turn("slow", "training", "speed", 5000.0)],
    18: [turn("", "optimizer", "lr", 0.02), turn("never", "optimizer", "lr", -1)],
    20: [Swap(id="b", target="optimizer", name="adam", params={"lr": 0.01}, state="transfer")],
    22: [turn("c", "training", "epochs", 4), Pause(id="there")],
}


@pytest.mark.parametrize("fates", [(), (kill(19), kill(21), kill(40))])
def test_a_run_that_was_steered_is_repeated_bit_for_bit(tmp_path, fates):
    spec = with_fields(WINE, changes=[OWN, LATER], training=TRAINING | OFTEN)
    steered = make(tmp_path / "steered", spec)
    live(steered, BY_HAND, fates)
    found = changes_of(steered, [OWN, LATER])
    repeated = make(tmp_path / "repeated", plan.make(with_fields(WINE, changes=found))[1])
    live(repeated, {})
    check_equal(repeated, steered)
    assert [(one.get("step"), one["target"]) for one in found] == [
        (9, "regularizers.batch_norm"), (None, "regularizers.l2"), (18, "optimizer"), (20, "optimizer"),
        (22, "training"), (50, "optimizer")
    ]  # fmt: skip


def test_what_a_choice_left_behind_is_not_carried_and_what_its_checkpoint_has_is(tmp_path):
    spec = with_fields(WINE, training=TRAINING | OFTEN | {"checkpoints_kept": 20})
    live(
        make(tmp_path / "run", spec),
        {18: [turn("kept", "optimizer", "lr", 0.02)], 30: [turn("left", "optimizer", "lr", 1.0)]},
    )
    size = (tmp_path / "run" / "commands.log").stat().st_size
    choice = {"checkpoint": "step-20", "attempt": 2, "commands": size}
    (tmp_path / "run" / "chosen.json").write_text(json.dumps(choice))
    go_on(tmp_path / "run")
    found = changes_of(tmp_path / "run", [])
    assert [(one["step"], one["value"]) for one in found] == [(18, 0.02)]
    live(make(tmp_path / "again", with_fields(WINE, changes=found)), {})
    check_equal(tmp_path / "again", tmp_path / "run")


def test_what_a_run_has_yet_to_take_is_carried_with_it(tmp_path):
    train(tmp_path, with_fields(WINE, training=TRAINING | {"epochs": 1}, changes=[LATER]))
    assert not of_kind(said(tmp_path), Changed)
    assert changes_of(tmp_path, [LATER]) == [LATER]


def test_a_change_is_listed_in_words_that_its_log_has_too():
    swap = {"step": 3, "target": "optimizer", "name": "adam", "params": {"lr": 0.01}}
    told = [(one["key"], one["count"], one["what"], one["becomes"]) for one in lines([OWN, LATER, swap, "oops"])]
    assert told == [
        ("epoch", 1, "regularizers.l2", "on"), ("step", 50, "optimizer.lr", "0.001"),
        ("step", 3, "optimizer", "adam, lr: 0.01"), ("", 0, "oops", ""),
    ]  # fmt: skip


def test_a_form_offers_to_carry_what_was_changed_and_lists_it(server):
    run = server.launch(ENDLESS)
    server.command(run, type="change", target="optimizer", field="lr", value=0.25)
    wait_for(lambda: "steered=1" in server.http.get(f"/new?from={run}").text)
    server.stop(run)
    page = server.http.get(f"/new?from={run}").text
    assert f'href="/new?from={run}&amp;steered=1"' in page
    assert "<change-list" not in page
    carried = server.http.get(f"/new?from={run}&steered=1").text
    assert 'name="changes.0"' in carried
    assert "optimizer.lr → 0.25" in carried
    assert "Take these changes along" not in carried


def test_a_form_keeps_changes_that_its_address_has_whatever_they_are(server):
    page = server.http.get("/new", params={"changes.0": json.dumps(OWN), "changes.1": '"><b>'}).text
    assert "After epoch 1" in page
    assert "regularizers.l2 → on" in page
    assert "&lt;b&gt;" in page
    assert '"><b>' not in page
