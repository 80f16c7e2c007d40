"""The present line of a run: what it goes on from, by itself and when somebody chose."""

import json

import pytest

from tests.hard_life import KILLED_WHILE_PAUSED, Fate, ask, attempt, check_equal, fault, kill, live, make
from tests.test_law_of_resuming import TRAINING, WINE, turn
from tests.training import curve, of_kind, said, with_fields
from trainer.attempts import event_logs
from trainer.checkpoint_read import newest_valid
from trainer.manifest import Line, newest_first, read_manifest, seal
from trainer.protocol import Changed, Failed, Finished, Marked, Pause, Rejected, Save, Saved, Started

SAVING = with_fields(WINE, training=TRAINING | {"checkpoint_steps": 10, "checkpoints_kept": 100})
LR = {25: [turn("lr", "optimizer", "lr", 0.01)]}


@pytest.fixture
def run(tmp_path):
    """A run that was steered at 25 and killed at 35."""
    folder = make(tmp_path / "run", SAVING)
    attempt(folder, LR, kill(35))
    return folder


@pytest.fixture
def whole(tmp_path):
    folder = make(tmp_path / "whole", SAVING)
    live(folder, {})
    return folder


def choose(folder, checkpoint):
    """Choose as the server does."""
    asked = {"checkpoint": checkpoint, "attempt": len(event_logs(folder)) + 1}
    (folder / "chosen.json").write_text(json.dumps(asked | {"commands": (folder / "commands.log").stat().st_size}))


def begun(folder):
    return [(one.attempt, one.step, one.checkpoint, one.chosen) for one in of_kind(said(folder), Started)]


def present(folder):
    line = Line(folder)
    return [path.name for path in newest_first(folder / "checkpoints") if not line.superseded(read_manifest(path))]


def test_an_attempt_goes_on_from_the_newest_and_says_from_which(run):
    attempt(run, fate=kill(38))
    assert begun(run) == [(1, 0, "", False), (2, 30, "step-30", False)]
    assert [one.step for one in of_kind(said(run, event_logs(run)[1]), Saved)] == []


def test_the_knobs_are_as_they_were_at_the_chosen_checkpoint_and_later_commands_are_not_taken_again(run, whole):
    choose(run, "step-20")
    events = live(run, {})
    assert begun(run) == [(1, 0, "", False), (2, 20, "step-20", True)]
    assert len(of_kind(events, Changed)) == 1, "it was not taken again"
    check_equal(run, whole)


def test_a_command_before_the_chosen_checkpoint_stays(run, tmp_path):
    choose(run, "step-30")
    live(run, {})
    steered = make(tmp_path / "steered", SAVING)
    live(steered, LR)
    check_equal(run, steered)


def test_what_was_left_is_superseded_and_never_gone_on_from(run):
    choose(run, "step-10")
    attempt(run, fate=kill(12))
    assert present(run) == ["step-10"]
    assert newest_valid(run).path.name == "step-10"
    attempt(run, fate=kill(25))
    assert begun(run)[2] == (3, 10, "step-10", False)
    assert present(run) == ["step-20.2", "step-10"]
    attempt(run, fate=kill(26))
    assert begun(run)[3] == (4, 20, "step-20.2", False)


@pytest.mark.parametrize("site", ["trainer.begin", "events.append", "events.appended", "events.sync"])
def test_a_choice_holds_although_the_attempt_is_killed_at_once(run, whole, site):
    choose(run, "step-20")
    attempt(run, fate=fault(f"{site}:kill@1"))
    live(run, {})
    assert [one[1] for one in begun(run)][-1] == 20
    check_equal(run, whole)


def test_a_choice_is_made_once(run):
    choose(run, "step-10")
    attempt(run, fate=kill(35))
    attempt(run, fate=kill(36))
    assert [(step, chosen) for _, step, _, chosen in begun(run)] == [(0, False), (10, True), (30, False)]


def test_a_second_choice_forgets_what_came_after_the_first(run, whole):
    choose(run, "step-10")
    attempt(run, {15: [turn("l2", "regularizers.l2", "enabled", True)]}, kill(25))
    choose(run, "step-10")
    live(run, {})
    check_equal(run, whole)


def test_steered_after_a_choice_and_killed_it_is_steered_again_alike(run, tmp_path):
    l2 = {15: [turn("l2", "regularizers.l2", "enabled", True)]}
    choose(run, "step-10")
    attempt(run, l2, kill(18))
    live(run, {})
    steered = make(tmp_path / "steered", SAVING)
    live(steered, l2)
    check_equal(run, steered)


def test_of_several_at_one_step_the_chosen_one_is_gone_on_from(tmp_path):
    folder = make(tmp_path / "run", WINE)
    commands = [Save(id="a", name="before"), turn("lr", "optimizer", "lr", 0.5), Save(id="b", name="after")]
    attempt(folder, {20: commands}, kill(25))
    choose(folder, "step-20")
    attempt(folder, fate=kill(22))
    events = live(folder, {})
    assert begun(folder)[1:] == [(2, 20, "step-20", True), (3, 20, "step-20", False)]
    assert of_kind(events, Started)[-1].spec["optimizer"]["params"]["lr"] == 0.05


def test_what_was_asked_and_never_heard_before_a_choice_is_not_taken_after_it(run, whole):
    ask(run, [turn("late", "optimizer", "lr", 9.0), Pause(id="pause")])
    choose(run, "step-20")
    events = live(run, {})
    assert not [one for one in of_kind(events, Changed) if one.command == "late"]
    assert not of_kind(events, Rejected)
    check_equal(run, whole)


def test_a_run_that_stood_paused_goes_on_when_somebody_continues_it(tmp_path):
    folder = make(tmp_path / "run", SAVING)
    attempt(folder, {22: [Pause(id="p")]}, KILLED_WHILE_PAUSED)
    choose(folder, "step-10")
    assert attempt(folder, fate=KILLED_WHILE_PAUSED) == 0, "it did not pause again"


def test_a_finished_run_goes_on_from_an_older_one(whole):
    before = curve(said(whole))
    choose(whole, "step-20")
    events = live(whole, {})
    assert len(of_kind(events, Finished)) == 2
    assert curve(events) == before


def test_an_attempt_that_comes_back_writes_nothing_more(tmp_path):
    folder = make(tmp_path / "run", SAVING)
    # a later attempt begins while it stands at 22: its log is there
    assert attempt(folder, fate=Fate("fenced", 22)) == 75
    assert max(curve(said(folder))) <= 22
    assert [path.name for path in newest_first(folder / "checkpoints")] == ["step-20", "step-10"]
    assert not of_kind(said(folder), Finished)


def test_a_checkpoint_of_the_first_version_is_still_read(run):
    for path in (run / "checkpoints").iterdir():
        manifest = read_manifest(path)
        old = {key: manifest[key] for key in ("name", "step", "time", "files", "metrics")}
        (path / "manifest.json").write_text(json.dumps(old | {"version": 1}))
    assert newest_valid(run).step == 30
    attempt(run, fate=kill(38))
    assert begun(run)[1][1] == 30


def test_a_choice_of_no_use_is_said_and_a_restart_goes_on_from_the_newest(run):
    choose(run, "step-20")
    (run / "checkpoints" / "step-20" / "state.pt").write_bytes(b"")
    assert attempt(run) == 1
    failed = said(run)[-1]
    assert isinstance(failed, Failed)
    assert "step-20/state.pt has 0 bytes of" in failed.reason
    assert "restart the run" in failed.hint
    assert attempt(run) == 0
    assert begun(run)[-1][1] == 30


def test_a_seal_is_over_all_that_a_manifest_says(run):
    manifest = read_manifest(run / "checkpoints" / "step-20")
    assert manifest["seal"] == seal(manifest) != seal(manifest | {"attempt": 9})
    assert (manifest["attempt"], manifest["epochs"]) == (1, 3)
    assert not [one for one in of_kind(said(run), Marked) if one.kind == "damage"]
