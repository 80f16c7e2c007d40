"""The table of a run's life: what each status allows, and which evidence moves a run where."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from app.errors import NotNow
from app.life import (
    ACTIONS,
    GONE,
    LIFE,
    OVER,
    TRAINS,
    Evidence,
    Status,
    cause_of_death,
    check,
    check_action,
    moved,
    pause_before_resume,
    smaller,
    told_by,
)
from trainer.protocol import (
    Change,
    Epoch,
    Failed,
    Finished,
    Interrupted,
    Marked,
    Measure,
    Pause,
    Paused,
    Rejected,
    Resume,
    Resumed,
    Save,
    Saved,
    Started,
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
EVIDENCE = sorted({kind for stage in LIFE.values() for kind in stage.moves})
BEATS = ["trains", "behind", "paused", "late"]
TIMES = st.floats(-1e12, 1e12)


def started(step: int = 0) -> Started:
    return Started(step=step, attempt=1 if step == 0 else 2, spec={}, plan={}, pid=1, device="cpu")


@pytest.mark.parametrize(
    ("event", "before", "name"),
    [
        (started(), "starting", "running"),
        (started(7), "resuming", "running"),
        (Paused(), "running", "paused"),
        (Resumed(), "paused", "running"),
        (Finished(reason="completed", epoch=1), "running", "finished"),
        (Finished(reason="stopped", epoch=1), "paused", "stopped"),
        (Interrupted(reason="asked to"), "running", "interrupted"),
        (Failed(reason="no memory"), "starting", "failed"),
    ],
)
def test_an_event_leads_to_a_status_from_when_it_happened(event, before, name):
    status = moved(Status(before), told_by(event, 12.5))
    assert (status.name, status.since) == (name, 12.5)


def test_an_attempt_is_resuming_until_it_has_come_to_where_the_one_before_was():
    status = moved(Status("resuming"), told_by(started(40), 1.0, reached=99))
    assert (status.name, status.reason) == ("resuming", "catches up to step 99")
    assert moved(Status("resuming"), told_by(started(99), 1.0, reached=99)).name == "running"


@pytest.mark.parametrize("name", list(LIFE))
def test_only_a_run_that_begins_prepares_anything(name):
    status = moved(Status(name), Evidence("prepares", "MNIST: 3.2 / 11.6 MB"))
    assert status.name == name
    assert bool(status.reason) == (name in ("starting", "resuming"))


@pytest.mark.parametrize(
    ("exit", "same_boot", "words", "name"),
    [
        ({"code": None, "signal": 9}, True, "killed, signal 9 (SIGKILL)", "interrupted"),
        ({"signal": 9, "out_of_memory": True}, True, "out of memory: the kernel killed the trainer", "failed"),
        ({"code": 70, "signal": None}, True, "ended with code 70", "interrupted"),
        (None, True, "not known", "interrupted"),
        ({"code": 0}, False, "reboot", "interrupted"),
    ],
)
def test_a_death_without_a_word_is_explained_by_what_is_left(exit, same_boot, words, name):
    status = moved(Status("running"), cause_of_death(exit, same_boot=same_boot))
    assert status.name == name
    assert words in status.reason


def test_a_kill_for_want_of_memory_says_how_much_there_was_and_suggests_half_the_batch():
    exit = {"signal": 9, "out_of_memory": True, "peak_bytes": 3 * 2**30, "memory_bytes": 4 * 2**30}
    death = cause_of_death(exit, same_boot=True, batch_size=64)
    assert "held 3.0 GiB of the 4.0 GiB there are" in death.reason
    assert "The batch size is 64 now: try 32" in death.hint
    assert "the batch" in smaller(1)


def passes(name: str, command) -> bool:
    try:
        check(Status(name), command)
    except NotNow as refusal:
        return not all(action in refusal.hint for action in ACTIONS[name])
    return True


ALWAYS_HEARD = {"change", "stop", "save", "measure"}


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("queued", {"stop"}),
        ("starting", ALWAYS_HEARD),
        ("resuming", ALWAYS_HEARD | {"pause", "step"}),
        ("running", ALWAYS_HEARD | {"pause", "step"}),
        ("paused", ALWAYS_HEARD | {"resume", "step"}),
        ("stalled", ALWAYS_HEARD | {"pause"}),
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


# -- laws of the table


def test_every_status_can_be_reached_and_has_a_way_out_to_every_other():
    for name in LIFE:
        reached = {name}
        while more := {to for one in reached for to in LIFE[one].moves.values()} - reached:
            reached |= more
        assert reached == set(LIFE), f"from {name} there is no way to {set(LIFE) - reached}"
        assert ACTIONS[name], f"nothing can be done with a run that is {name}"


def test_whatever_has_a_trainer_can_end_in_every_way_and_nothing_else_can():
    for name, stage in LIFE.items():
        ends = {kind: to for kind, to in stage.moves.items() if kind in GONE}
        assert ends == (GONE if name in TRAINS else {}), name
        assert all(to in OVER | {"interrupted"} for to in ends.values())


def test_only_what_is_awaited_can_be_stalled_and_only_a_beat_or_an_end_leads_out():
    assert {name for name, stage in LIFE.items() if "stalled" in stage.moves.values()} == TRAINS - {"stalled"}
    assert set(LIFE["stalled"].moves) == GONE.keys() | {"trains", "behind", "paused"}


class LivesOfRuns(RuleBasedStateMachine):
    """Any evidence in any order, with any time stamp."""

    def __init__(self):
        super().__init__()
        self.status = Status("queued")

    def _see(self, kind: str, when: float) -> None:
        before = self.status
        self.status = moved(before, Evidence(kind, since=when))
        # the time stamp moves nothing: the same evidence at any other time leads to the same status
        assert moved(before, Evidence(kind, since=-when)).name == self.status.name
        if before.name in OVER:
            assert self.status is before or kind == "asked", f"{kind} overturned {before.name}"
        if before.name not in TRAINS and kind in BEATS:
            assert self.status is before, f"a beat moved a run that was {before.name}"
        if self.status.name == "stalled" and before.name != "stalled":
            assert before.name in TRAINS
        if before.name not in TRAINS:
            assert self.status.name not in ("running", "paused", "stalled"), "it trains and nothing was started"

    @rule(kind=st.sampled_from(EVIDENCE), when=TIMES)
    def anything(self, kind, when):
        self._see(kind, when)

    @rule(beats=st.lists(st.sampled_from(BEATS), max_size=5), when=TIMES)
    def beats(self, beats, when):
        for one in beats:
            self._see(one, when)

    @rule(step=st.integers(0, 100), reached=st.integers(0, 100), when=TIMES)
    def an_attempt_begins(self, step, reached, when):
        self._see(told_by(started(step), when, reached=reached).kind, when)

    @rule(
        event=st.sampled_from(
            [Epoch(epoch=1, metrics={}), Marked(kind="nan", text=""), Rejected(reason="no"),
             Saved(name="a", path="", sha256="", size=1)]
        )
    )  # fmt: skip
    def an_event_that_says_nothing_of_the_life(self, event):
        assert told_by(event, 1.0) is None

    @invariant()
    def the_page_can_show_it(self):
        shown = self.status.as_json()
        assert shown["actions"]
        assert shown["name"] in LIFE


TestLivesOfRuns = LivesOfRuns.TestCase
