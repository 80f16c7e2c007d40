"""The table of a run's life: statuses from evidence, and what each allows."""

import pytest

from app.errors import NotNow
from app.life import ACTIONS, OVER, TRAINS, Status, after, cause_of_death, check, check_action, pause_before_resume
from trainer.protocol import (
    Change,
    Failed,
    Finished,
    Interrupted,
    Measure,
    Pause,
    Paused,
    Resume,
    Resumed,
    Save,
    Step,
    Stop,
)

COMMANDS = [
    Change(target="training", field="epochs", value=3),
    Pause(),
    Resume(),
    Step(),
    Stop(),
    Save(),
    Measure(probe="x"),
]


@pytest.mark.parametrize(
    ("event", "name"),
    [
        (Paused(), "paused"),
        (Resumed(), "running"),
        (Finished(reason="completed", epoch=1), "finished"),
        (Finished(reason="stopped", epoch=1), "stopped"),
        (Interrupted(reason="asked to"), "interrupted"),
        (Failed(reason="no memory"), "failed"),
    ],
)
def test_an_event_leads_to_a_status_from_when_it_happened(event, name):
    status = after(event, 12.5)
    assert (status.name, status.since) == (name, 12.5)


@pytest.mark.parametrize(
    ("exit", "same_boot", "words"),
    [
        ({"code": None, "signal": 9}, True, "killed, signal 9 (SIGKILL)"),
        ({"code": None, "signal": 9, "out_of_memory": True}, True, "ran out of memory"),
        ({"code": 70, "signal": None}, True, "ended with code 70"),
        (None, True, "not known"),
        ({"code": 0}, False, "started anew"),
    ],
)
def test_a_death_without_a_word_is_explained_by_what_is_left(exit, same_boot, words):
    status = cause_of_death(exit, same_boot=same_boot)
    assert status.name == "interrupted"
    assert words in status.reason


def passes(name: str, command) -> bool:
    try:
        check(Status(name), command)
    except NotNow as refusal:
        return not all(action in refusal.hint for action in ACTIONS[name])
    return True


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("queued", {"stop"}),
        ("starting", {"change", "stop", "save", "measure"}),
        ("running", {"change", "pause", "step", "stop", "save", "measure"}),
        ("paused", {"change", "resume", "step", "stop", "save", "measure"}),
        ("interrupted", {"stop"}),
        ("finished", set()),
        ("stopped", set()),
        ("failed", set()),
    ],
)
def test_a_command_passes_only_where_it_makes_sense(name, taken):
    assert {type(one).__name__.lower() for one in COMMANDS if passes(name, one)} == taken


def test_what_trains_is_stopped_before_it_is_deleted():
    for name in ACTIONS:
        if name in TRAINS:
            with pytest.raises(NotNow):
                check_action(Status(name), "delete")
        else:
            check_action(Status(name), "delete")


def test_only_what_is_over_or_interrupted_is_restarted():
    assert {name for name, actions in ACTIONS.items() if "restart" in actions} == (OVER - {"finished"}) | {
        "interrupted"
    }


def test_resumes_wait_longer_and_longer():
    assert [pause_before_resume(n) for n in range(1, 6)] == [1, 2, 4, 4, 4]
