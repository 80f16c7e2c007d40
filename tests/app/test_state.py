"""What events add up to: knobs with their dates, marks, metrics, the log, and how a run ended."""

import json

import pytest

from app.state import MAX_CHECKPOINTS, MAX_LOG, MAX_MARKS, RunState, as_event
from tests.telling import PLAN, SPEC, captured, epoch, measured, started
from trainer.protocol import (
    Changed,
    Entry,
    Failed,
    Finished,
    Marked,
    Overhead,
    Paused,
    Rejected,
    Resumed,
    Saved,
)


def folded(*events):
    state = RunState("r1", SPEC)
    for seq, event in enumerate(events, 1):
        state.apply(Entry(seq, 1_700_000_000.0 + seq, event))
    shown = state.as_json()
    json.dumps(shown, allow_nan=False)
    return shown


def change(step, field, new, target="optimizer", old=0.05, **more):
    return Changed(step=step, target=target, field=field, old=old, new=new, by="Kim", command="c", **more)


def saved(step, name="auto"):
    return Saved(step=step, name=name, path=f"checkpoints/step-{step}", sha256="0" * 64, size=9)


def test_before_it_starts_a_run_has_the_knobs_of_its_spec():
    state = RunState("r1", SPEC).as_json()
    assert state["knobs"]["optimizer"]["lr"] == {"value": 0.05, "since": 0, "by": ""}
    assert state["knobs"]["optimizer"]["name"]["value"] == "sgd"
    assert state["knobs"]["regularizers.l2"]["enabled"]["value"] is False
    assert state["knobs"]["training"]["epochs"]["value"] == 5
    assert state["attempt"] == 0


def test_a_started_run_knows_its_plan_and_how_far_it_goes():
    state = folded(started())
    assert (state["attempt"], state["steps"], state["epochs"], state["steps_per_epoch"]) == (1, 100, 5, 20)
    assert state["plan"] == PLAN
    assert state["marks"] == []


def test_a_turned_knob_is_dated_and_marked():
    state = folded(started(), measured([7], x=[1]), change(7, "lr", 0.01))
    assert state["knobs"]["optimizer"]["lr"] == {"value": 0.01, "since": 7, "by": "Kim"}
    assert state["marks"] == [
        {"step": 7, "kind": "change", "text": "optimizer lr: 0.05 → 0.01, by Kim.", "target": "optimizer",
         "field": "lr", "old": 0.05, "new": 0.01, "by": "Kim"}
    ]  # fmt: skip


def test_of_the_checkpoints_saved_by_themselves_the_newest_two_are_there():
    names = ["auto", "saved", "auto", "auto", "mine"]
    state = folded(started(), *(saved(step, name) for step, name in enumerate(names, 1)))
    assert [(one["step"], one["name"]) for one in state["checkpoints"]] == [
        (2, "saved"), (3, "auto"), (4, "auto"), (5, "mine")
    ]  # fmt: skip


def test_a_swap_replaces_all_fields_of_its_target():
    new = {"name": "adam", "params": {"lr": 0.001, "beta1": 0.9}}
    state = folded(started(), change(9, "name", new, old={"name": "sgd", "params": {}}, note="moments reset"))
    assert {field: knob["value"] for field, knob in state["knobs"]["optimizer"].items()} == {
        "name": "adam",
        **new["params"],
    }
    assert state["marks"][0]["kind"] == "swap"
    assert state["marks"][0]["text"] == "optimizer name: sgd → adam, by Kim. moments reset"


def test_more_epochs_are_more_steps():
    state = folded(started(), change(3, "epochs", 9, target="training", old=5))
    assert (state["epochs"], state["steps"]) == (9, 180)


def test_numbers_are_the_last_of_their_series_and_what_is_not_finite_is_a_text():
    state = folded(started(), measured([1, 2], a=[1, 2.5], b=[1, float("nan")], c=[0, float("-inf")]))
    assert state["metrics"] == {"a": 2.5, "b": "NaN", "c": "-Infinity"}
    assert state["step"] == 2


def test_epochs_count_and_the_best_is_kept():
    state = folded(started(), epoch(1, best=True, validation__loss=0.5), epoch(2, validation__loss=0.6))
    assert (state["epoch"], state["step"]) == (2, 40)
    assert state["best"] == {"epoch": 1, "step": 20, "metrics": {"validation.loss": 0.5}}
    assert state["metrics"]["validation.loss"] == 0.6


def test_paused_and_resumed():
    assert folded(started(), Paused(step=1))["paused"] is True
    assert folded(started(), Paused(step=1), Resumed(step=1))["paused"] is False


def test_a_refusal_stands_in_the_log_and_marks_nothing():
    refused = Rejected(step=3, reason="lr = -1 is outside 0 to 10.", target="optimizer", field="lr", by="Kim")
    state = folded(started(), refused)
    assert state["marks"] == []
    assert state["log"][-1]["text"] == "Refused, by Kim (optimizer lr): lr = -1 is outside 0 to 10."


@pytest.mark.parametrize(
    ("event", "kind", "reason"),
    [
        (Finished(step=9, reason="completed", epoch=1, metrics={"test.loss": 0.25}), "finished", "completed"),
        (Failed(step=9, reason="out of memory", hint="Make it smaller."), "failed", "out of memory"),
    ],
)
def test_an_end_is_told_and_marked(event, kind, reason):
    state = folded(started(), event)
    assert state["ended"] == {"kind": kind, "reason": reason, "hint": getattr(event, "hint", ""), "suggests": {}}
    assert state["marks"][-1]["kind"] == "stop"


def test_a_new_attempt_takes_back_what_it_goes_before():
    later = started(2, step=40, optimizer={"name": "sgd", "params": {"lr": 0.01, "momentum": 0.9}})
    story = [
        *(started(), change(10, "lr", 0.01), epoch(1, best=True, validation__loss=0.5), saved(40)),
        *(change(50, "momentum", 0.5, old=0.9), epoch(3, best=True, validation__loss=0.4), saved(60), later),
    ]
    state = folded(*story)
    assert (state["step"], state["epoch"], state["attempt"]) == (40, 2, 2)
    assert state["knobs"]["optimizer"]["lr"] == {"value": 0.01, "since": 10, "by": "Kim"}
    assert state["knobs"]["optimizer"]["momentum"] == {"value": 0.9, "since": 0, "by": ""}
    assert [one["kind"] for one in state["marks"]] == ["change", "best", "saved", "attempt"]
    assert state["best"]["epoch"] == 1
    assert [one["step"] for one in state["checkpoints"]] == [40]
    assert state["metrics"] == {}
    assert len(state["log"]) == len(story)


def test_what_was_captured_is_listed_once():
    state = folded(started(), captured(1), captured(1, "dense 2.weight"), captured(5))
    assert state["captured"] == {"weights": ["dense 1.weight", "dense 2.weight"]}
    assert state["step"] == 5


def test_log_marks_and_checkpoints_are_bounded_and_changes_outlive_ticks():
    many = [one for step in range(600) for one in (saved(step, "mine"), Marked(step=step, kind="lr", text="reduced"))]
    state = folded(started(), change(0, "lr", 0.01), *many)
    assert len(state["log"]) == MAX_LOG
    assert len(state["marks"]) == MAX_MARKS
    assert len(state["checkpoints"]) == MAX_CHECKPOINTS
    assert state["marks"][0]["kind"] == "change"


def test_overhead_is_the_last_and_not_in_the_log():
    state = folded(started(), Overhead(step=5, share=0.02, probes={"weights": 0.01}, steps_per_second=100.0))
    assert state["overhead"] == {"share": 0.02, "probes": {"weights": 0.01}, "steps_per_second": 100.0}
    assert [one["type"] for one in state["log"]] == ["started"]


def test_a_state_that_was_handed_out_does_not_change_any_more():
    state = RunState("r1", SPEC)
    state.apply(Entry(1, 0.0, started()))
    before = state.as_json()
    copy = json.dumps(before)
    for seq, event in enumerate((change(1, "lr", 1.0), captured(2), measured([3], x=[1]), saved(3)), 2):
        state.apply(Entry(seq, 0.0, event))
    assert json.dumps(before) == copy


def test_an_event_as_json_has_position_time_and_words():
    event = as_event(Entry(7, 12.5, Marked(step=3, kind="nan", text="The loss is not finite at step 3.")))
    assert event == {"type": "marked", "step": 3, "kind": "nan", "text": "The loss is not finite at step 3.",
                     "command": "", "seq": 7, "time": 12.5}  # fmt: skip
