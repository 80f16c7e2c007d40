"""Reboot, power cut: shown points survive, at most the last second is recomputed, and no checkpoint is too new.

Every legal state of the disk after each system call of a short run is laid out and read by the real readers.
"""

import os
import random
import time

import pytest

from app.followed import Followed
from tests.crash.power_cut import Moment, Recording, lay_out, states
from tests.training import SMALL, curve, go_on, said, send, with_fields
from trainer import runlog
from trainer.__main__ import main
from trainer.checkpoint_read import newest_valid
from trainer.protocol import Change, Changed, Measured, Saved
from trainer.runlog import read_all

SYNC_EVERY_S = 0.1
SLACK_S = 0.4  # of a thread that shall sync and is not let to
STATES_A_MOMENT = 16
RESUMED = 12
SPEC = with_fields(
    SMALL,
    model={"name": "mlp", "params": {"hidden": [8]}},
    probes={},
    training=SMALL.training | {"epochs": 2, "checkpoint_steps": 6, "speed": 60.0},
)
TURN = Change(id="turn", target="optimizer", field="lr", value=0.01, by="Kim")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A run whose disk was recorded, with a command that took hold; the folder and the moments."""
    return record(tmp_path_factory.mktemp("recorded"))


def record(folder) -> tuple:
    before, runlog.SYNC_EVERY_S = runlog.SYNC_EVERY_S, SYNC_EVERY_S
    try:
        (folder / "spec.json").write_text(SPEC.model_dump_json())
        with Recording(folder) as recording:
            send_unsynced(folder)
            assert main([str(folder)]) == 0
        return folder, recording.moments
    finally:
        runlog.SYNC_EVERY_S = before


def send_unsynced(folder) -> None:
    # the server that wrote the command has had no time to make it durable
    writer = runlog.LogWriter(folder / "commands.log")
    writer.append([TURN])
    os.close(writer._file)


def found_states(moments: list[Moment], folder, at_most: int = STATES_A_MOMENT):
    """Yield (moment, a folder as it may be found), each different state once."""
    chance, seen = random.Random(1), set()
    for number, moment in enumerate(moments):
        for found in states(moment, at_most, chance):
            key = frozenset(found.items())
            if key not in seen:
                seen.add(key)
                yield moment, lay_out(found, folder / f"{number}-{len(seen)}")


def entries_in(log) -> list:
    return [entry for entry, _ in read_all(log)]


def steps_of(entries) -> set[int]:
    steps = set()
    for entry in entries:
        if isinstance(entry.said, Measured) and entry.said.probe == "loss":
            steps |= {int.from_bytes(entry.said.steps[i : i + 8], "little") for i in range(0, len(entry.said.steps), 8)}
    return steps


def faults_of(moment: Moment, folder, whole: list) -> list[str]:
    """Return what a reader of this state would find wrong."""
    found = []
    entries = entries_in(folder / "events-1.log")
    if entries != whole[: len(entries)]:
        found.append("the log reads as something that was never written")
    durable = [one for one in whole if one.time < wall(moment) - SYNC_EVERY_S - SLACK_S]
    if len(entries) < len(durable):
        found.append(f"{len(durable) - len(entries)} entries were older than a second and are gone")
    steps = steps_of(entries)
    kept = newest_valid(folder)
    if kept and kept.step and kept.step not in steps:
        found.append(f"the checkpoint of step {kept.step} is newer than the log, which has {max(steps, default=0)}")
    told = [one.said.step for one in entries if isinstance(one.said, Saved)]
    if told and (kept is None or kept.step < max(told)):
        found.append(f"a checkpoint of step {max(told)} was told of, and the newest whole one is {kept and kept.step}")
    commands = {one.said.id for one in entries_in(folder / "commands.log")}
    if forgotten := [one.said for one in entries if isinstance(one.said, Changed) and one.said.command not in commands]:
        found.append(f"a change took hold at step {forgotten[0].step}, and its command is gone")
    shown = Followed(folder)
    shown.catch_up()
    if steps and set(shown.series.points("loss.total")[0].tolist()) != steps:
        found.append("the page would show other steps than the log has")
    return found


def wall(moment: Moment) -> float:
    return moment.at - time.monotonic() + time.time()


def whole_log(folder) -> list:
    return entries_in(folder / "events-1.log")


def test_after_a_power_cut_at_any_moment_shown_points_survive_and_no_checkpoint_is_too_new(recorded, tmp_path):
    folder, moments = recorded
    whole, count, with_checkpoint = whole_log(folder), 0, 0
    assert [one.said.command for one in whole if isinstance(one.said, Changed)] == [TURN.id]
    for moment, state in found_states(moments, tmp_path):
        count += 1
        with_checkpoint += newest_valid(state) is not None
        assert faults_of(moment, state, whole) == [], f"after {moment.call}, in {state}"
    assert count > 300, "too few states to mean anything"
    assert with_checkpoint > 50


def test_a_run_goes_on_from_any_state_with_the_curve_of_the_uninterrupted_one(recorded, tmp_path):
    folder, moments = recorded
    wanted = curve(said(folder))
    begun = [pair for pair in found_states(moments, tmp_path, 6) if (pair[1] / "events-1.log").exists()]
    for moment, state in random.Random(2).sample(begun, RESUMED):
        if not entries_in(state / "commands.log"):
            (state / "commands.log").unlink(missing_ok=True)
            send(state, [TURN])  # whoever asked sees no answer, and asks again
        go_on(state)
        assert curve(said(state)) == wanted, f"after {moment.call}, in {state}"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (" ".join(f"events.sync:skip@{n}" for n in range(1, 100)), "are gone"),
        ("checkpoint.sync:skip@1 checkpoint.sync:skip@2", "newer than the log"),
        ("inbox.sync:skip@1", "its command is gone"),
    ],
)
def test_a_sync_that_is_left_out_is_noticed(tmp_path, monkeypatch, fault, words):
    """The control: with a planted bug the same reading finds what is wrong."""
    monkeypatch.setenv("LIVEFIT_TESTING", "1")
    monkeypatch.setenv("LIVEFIT_FAULT", fault)
    (tmp_path / "run").mkdir()
    folder, moments = record(tmp_path / "run")
    whole = whole_log(folder)
    there = found_states(moments, tmp_path / "states", 12)
    assert any(words in told for moment, state in there for told in faults_of(moment, state, whole))
