"""How long a trainer may be silent: a minute by default, or 20 of its median steps."""

import pytest

from app.pulse import AWAY, Pulse
from app.settings import Settings

FLOOR_S = 60.0
LOOK_EVERY_S = 1.0


def after(*steps_at, floor_s=FLOOR_S):
    """A pulse that has seen steps at these seconds, looked at every second."""
    pulse = Pulse(0.0, floor_s, LOOK_EVERY_S)
    pulse.look(0.0, [1, 0], 0)
    for second in range(1, int(max(steps_at, default=0)) + 1):
        step = sum(at <= second for at in steps_at)
        pulse.look(float(second), [1, step], step)
    return pulse


def test_the_patience_of_a_server_is_a_minute_unless_it_is_told_otherwise(tmp_path):
    assert Settings(data_dir=tmp_path).stalled_after_s == FLOOR_S


@pytest.mark.parametrize(("step_s", "patience_s"), [(1, 60), (3, 60), (4, 80), (10, 200)])
def test_patience_is_twenty_steps_and_at_least_the_floor(step_s, patience_s):
    assert after(*range(step_s, 20 * step_s, step_s)).patience() == patience_s


def test_patience_goes_by_the_median_step_so_one_long_one_changes_nothing():
    assert after(5, 10, 15, 20, 25, 90).patience() == 100


def test_a_run_that_is_held_to_a_slow_pace_is_given_twenty_of_its_steps():
    assert after(1, 2, 3).patience(speed=0.1) == 200
    assert after(1, 2, 3).patience(speed=0.0) == FLOOR_S


def test_silence_counts_from_the_beginning_and_ends_with_what_is_newly_said():
    pulse = Pulse(0.0, FLOOR_S, LOOK_EVERY_S)
    for second in range(5):
        assert not pulse.look(float(second), [1, 3], 7)  # what was there at the first look is no news
    assert pulse.silence(4.0) == 4.0
    assert pulse.look(5.0, [1, 4], 7)
    assert pulse.silence(6.0) == 1.0
    pulse.beat(8.0)
    assert pulse.silence(8.0) == 0.0


def test_a_server_that_was_held_up_itself_does_not_blame_the_trainer():
    pulse = after(1, 2, 3)
    pulse.look(3.0 + AWAY * LOOK_EVERY_S, [1, 3], 3)
    assert pulse.silence(3.0 + AWAY * LOOK_EVERY_S) == AWAY
    pulse.look(1_000.0, [1, 3], 3)
    assert pulse.silence(1_000.0) == 0.0
