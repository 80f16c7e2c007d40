"""Arrays: the newest of each tensor, a history that thins itself, and the exact one at a step from the log."""

import pytest

from app.captures import MAX_HISTORY
from app.followed import Followed
from tests.telling import captured, measured, started, write
from trainer.runlog import LogDamaged


def captures_of(folder, *events):
    write(folder, started(), *events)
    followed = Followed(folder)
    followed.catch_up()
    return followed.captures


def steps(captures):
    return [one.step for one in captures]


def test_the_newest_of_each_tensor_is_at_hand(tmp_path):
    captures = captures_of(tmp_path, captured(1), captured(1, "b"), captured(4), captured(9, "c", probe="gradients"))
    assert {(one.name, one.step) for one in captures.newest()} == {("dense 1.weight", 4), ("b", 1), ("c", 9)}
    assert captures.probes == ["weights", "gradients"]


def test_the_129th_capture_drops_every_second_of_the_older(tmp_path):
    captures = captures_of(tmp_path, *(captured(step) for step in range(1, MAX_HISTORY + 2)))
    assert steps(captures.history("weights")) == [*range(1, MAX_HISTORY, 2), MAX_HISTORY + 1]


def test_however_many_come_the_first_and_the_newest_are_kept(tmp_path):
    captures = captures_of(tmp_path, *(captured(step) for step in range(1, 2_000)))
    kept = steps(captures.history("weights"))
    assert len(kept) <= MAX_HISTORY
    assert (kept[0], kept[-1]) == (1, 1_999)


def test_every_capture_can_be_had_by_its_step_however_thin_the_history(tmp_path):
    events = []
    for step in range(10, 5_000, 10):
        events += [captured(step, fill=step), measured([step], x=[step]), captured(step, "dense 1.bias", fill=step + 1)]
    captures = captures_of(tmp_path, *events)
    for asked in (10, 777, 2_345, 4_990, 99_999):
        right = min(asked // 10 * 10, 4_990)
        found = {one.name: one for one in captures.at("weights", asked)}
        assert {name: one.step for name, one in found.items()} == {"dense 1.weight": right, "dense 1.bias": right}
        assert found["dense 1.bias"].data[:4] == (right + 1).to_bytes(4, "little")
    assert captures.at("weights", 9) == []
    assert captures.at("unknown") == []
    assert steps(captures.at("weights")) == [4_990, 4_990]


def test_an_attempt_that_goes_on_from_an_earlier_step_replaces_later_captures(tmp_path):
    captures_of(tmp_path, captured(10, fill=1), captured(20, fill=1))
    write(tmp_path, started(2, step=15), captured(20, fill=2), attempt=2)
    followed = Followed(tmp_path)
    followed.catch_up()
    assert steps(followed.captures.history("weights")) == [10, 20]
    assert [one.data[0] for one in followed.captures.at("weights", 20)] == [2]
    assert [one.data[0] for one in followed.captures.at("weights", 15)] == [1]


def test_a_capture_that_was_damaged_since_is_not_read_as_data(tmp_path):
    captures = captures_of(tmp_path, captured(10))
    path = tmp_path / "events-1.log"
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)
    with pytest.raises(LogDamaged, match="damaged at byte"):
        captures.at("weights", 10)
