"""Fault: NaN or Inf. It is marked where it began; the run goes on or stops by its policy; JSON stays valid."""

import json
import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.followed import Followed
from app.readings import _rows
from app.state import plain
from tests.hard_life import KILLED_WHILE_PAUSED, attempt, check_equal, kill, live, make, term
from tests.ill import assert_sound
from tests.telling import measured, started, write
from tests.test_law_of_resuming import TRAINING, WINE
from tests.training import curve, of_kind, said, with_fields
from trainer.checkpoint_read import newest_valid
from trainer.protocol import Change, Failed, Finished, Marked, Pause

# a rate at which the loss overflows after some steps
STEEP = {"optimizer": {"name": "sgd", "params": {"lr": 30.0}}, "model": {"name": "mlp", "params": {"hidden": [9, 5]}}}
DIVERGING = with_fields(WINE, dataset={"name": "diabetes"}, **STEEP)
STOPPING = with_fields(DIVERGING, training=TRAINING | {"on_nan": "stop", "checkpoint_steps": 2})


def marks(events):
    return [one for one in of_kind(events, Marked) if one.kind == "nan"]


def bad_steps(events):
    return [step for step, bits in curve(events).items() if not math.isfinite(np.frombuffer(bits, "<f4")[0])]


@pytest.fixture(scope="module")
def diverged(tmp_path_factory):
    folder = make(tmp_path_factory.mktemp("nan") / "run", DIVERGING)
    live(folder, {})
    return folder


def test_the_first_step_is_marked_once_with_where_it_began(diverged):
    events = said(diverged)
    (mark,) = marks(events)
    assert mark.step == min(bad_steps(events)) > 1
    assert mark.text.startswith((f"NaN at step {mark.step}, first in ", f"Infinity at step {mark.step}, first in "))
    assert mark.text.rstrip(".").endswith(("weight", "bias", "gives", "the loss"))


def test_by_default_the_run_goes_on_to_its_end(diverged):
    assert of_kind(said(diverged), Finished)[0].reason == "completed"


def test_where_it_is_to_stop_it_fails_with_the_reason_and_what_to_do(tmp_path, diverged):
    folder = make(tmp_path / "run", STOPPING)
    assert attempt(folder) == 1
    failed = said(folder)[-1]
    assert isinstance(failed, Failed)
    (mark,) = marks(said(folder))
    assert (failed.reason, failed.step) == (mark.text, mark.step)
    assert mark.text == marks(said(diverged))[0].text
    assert "smaller learning rate" in failed.hint
    assert "continue from a checkpoint before" in failed.hint


def test_what_diverged_does_not_push_the_last_good_checkpoint_out(tmp_path, diverged):
    folder = make(tmp_path / "run", with_fields(STOPPING, training=STOPPING.training | {"on_nan": "go on"}))
    attempt(folder, fate=kill(40))
    kept = newest_valid(folder)
    # by another run's mark: whether this one wrote its own before it was killed hangs on when it wrote last
    assert 0 < kept.step < marks(said(diverged))[0].step
    assert all(bool(one.isfinite().all()) for one in kept.network.values() if one.is_floating_point())


@pytest.mark.parametrize("policy", ["go on", "stop"])
def test_a_run_that_is_killed_and_resumed_marks_the_same_step_and_ends_alike(tmp_path, policy):
    spec = with_fields(STOPPING, training=STOPPING.training | {"on_nan": policy})
    first = make(tmp_path / "whole", spec)
    attempt(first)
    at = marks(said(first))[0].step
    again = make(tmp_path / "again", spec)
    for fate in (kill(at - 1), KILLED_WHILE_PAUSED, term(at - 1)):
        attempt(again, {1: [Pause(id="p")]}, fate)
    attempt(again)
    assert {one.text for one in marks(said(again))} == {marks(said(first))[0].text}
    assert type(said(again)[-1]) is type(said(first)[-1])
    assert curve(said(again)) == curve(said(first))
    if policy == "go on":
        check_equal(again, first)


def test_a_policy_turned_in_mid_run_holds_from_then_on(tmp_path, diverged):
    at = marks(said(diverged))[0].step
    folder = make(tmp_path / "run", DIVERGING)
    attempt(folder, {at + 5: [Change(id="c", target="training", field="on_nan", value="stop")]})
    assert isinstance(said(folder)[-1], Failed)
    assert said(folder)[-1].step == at + 6


def test_the_pages_and_the_api_speak_json_and_the_export_keeps_the_kinds_apart(server):
    run_id = server.launch(DIVERGING.model_dump())
    server.wait(run_id, "finished")
    answer = server.http.get(f"/api/runs/{run_id}")

    def refuse(name):
        raise AssertionError(f"{name} is no JSON")

    state = json.loads(answer.text, parse_constant=refuse)["state"]
    assert [one for one in state["marks"] if one["kind"] == "nan" and " at step " in one["text"]]
    for path in ("series", "events", "checkpoints"):
        json.loads(server.http.get(f"/api/runs/{run_id}/{path}").text, parse_constant=refuse)
    csv = server.http.get(f"/api/runs/{run_id}/series.csv?names=loss.total").text
    values = {line.rsplit(",", 1)[1] for line in csv.split()[1:]}
    assert "nan" in values
    assert not values & {"", "null", "None"}
    assert_sound(server.folder, run_id)


def test_a_downloaded_curve_keeps_nan_and_the_two_infinities_apart(tmp_path):
    write(tmp_path, started(), measured([1, 2, 3, 4], x=[math.nan, math.inf, -math.inf, 0.5]))
    followed = Followed(tmp_path)
    followed.catch_up()
    (text,) = _rows(SimpleNamespace(series=followed.series), ["x"])
    assert [line.rsplit(",", 1)[1] for line in text.split()[1:]] == ["nan", "inf", "-inf", "0.5"]


@given(st.floats(width=32) | st.sampled_from([math.nan, math.inf, -math.inf, -0.0, 5e-324, 1e308]))
def test_every_class_of_float_is_json_and_stays_what_it_was(value):
    told = json.loads(json.dumps(plain({"x": [value]}), allow_nan=False))["x"][0]
    assert math.isnan(float(told)) if math.isnan(value) else float(told) == value
