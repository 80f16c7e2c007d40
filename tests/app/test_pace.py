"""How long a run's epochs took: from end to end, without pauses, and only those that were trained whole."""

import pytest

from app.pace import epoch_seconds
from app.state import RunState
from tests.telling import SPEC, epoch, measured, started
from trainer.protocol import Entry, Finished, Paused, Resumed


def pace_of(*told):
    """Return the pace after events, each with the second at which it was said."""
    state = RunState("r1", SPEC)
    for seq, (second, event) in enumerate(told, 1):
        state.apply(Entry(seq, 1_700_000_000.0 + second, event))
    return state["pace"]


def test_what_an_epoch_takes_is_the_mean_over_those_that_have_ended():
    story = [(0, started()), (1, measured([1], x=[1])), (4, epoch(1)), (6, epoch(2)), (9, measured([45], x=[1]))]
    pace = pace_of(*story, (11, Finished(step=45, epoch=2, reason="stopped")))
    assert (pace["epochs"], pace["seconds"]) == (2, 6.0)
    assert epoch_seconds(pace) == 3.0


def test_before_the_first_epoch_has_ended_nothing_is_known_of_it():
    assert epoch_seconds(RunState("r1", SPEC)["pace"]) is None
    assert epoch_seconds(pace_of((0, started()), (9, measured([19], x=[1])))) is None


def test_a_pause_is_not_training():
    held = [(3, Paused(step=10)), (103, Resumed(step=10, until=11)), (104, Paused(step=11)), (205, Resumed(step=11))]
    pace = pace_of((0, started()), *held, (207, epoch(1)), (212, epoch(2)))
    assert pace["seconds"] == 3 + 1 + 2 + 5


def test_a_pause_in_which_an_attempt_died_ends_with_it():
    killed = [(0, started()), (5, epoch(1)), (6, Paused(step=20))]
    pace = pace_of(*killed, (500, started(2, step=20)), (507, epoch(2)))
    assert (pace["epochs"], pace["seconds"]) == (2, 12.0)


@pytest.mark.parametrize(("step", "epochs", "seconds"), [(20, 3, 5 + 3 + 2), (31, 2, 5 + 2)])
def test_an_epoch_within_which_an_attempt_went_on_is_not_timed(step, epochs, seconds):
    killed = [(0, started()), (5, epoch(1))]
    pace = pace_of(*killed, (100, started(2, step=step)), (103, epoch(2)), (105, epoch(3)))
    assert (pace["epochs"], pace["seconds"]) == (epochs, seconds)


def test_a_clock_that_was_set_back_takes_nothing_away():
    pace = pace_of((0, started()), (5, epoch(1)), (-3600, epoch(2)), (-3598, epoch(3)))
    assert (pace["epochs"], pace["seconds"]) == (3, 7.0)
