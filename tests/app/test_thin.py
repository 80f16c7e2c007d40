"""Thinned captures: a shorter log that says the same, and nothing lost when the thinning is killed."""

import hashlib
import json
import os
import shutil
import signal
import sys
from pathlib import Path

import numpy as np
import pytest

from app import thin
from app.followed import Followed
from app.thin import NotThinned, Thinning, spread, thinnable
from tests.telling import captured, epoch, measured, started, write
from trainer.protocol import Captured, Finished, Marked, Thinned
from trainer.runlog import frame, read_all

# what Python tells of before it asks the kernel to change something on the disk
DOORS = {"open", "os.link", "os.mkdir", "os.rename", "os.remove", "os.rmdir"}
TENSORS = ("dense 1.weight", "dense 1.bias")
ID = "01JD0000000000000000000000"


def looks(first: int, last: int) -> list:
    """Each step's numbers, and the arrays of one look at each step."""
    events = []
    for step in range(first, last + 1):
        events.append(measured([step], loss__data=[1.0 / step], loss__total=[2.0 / step]))
        events += [captured(step, name, fill=step % 50 + 1) for name in TENSORS]
        if step % 20 == 0:
            events += [epoch(step // 20, validation__loss=1.0 / step), captured(step, "relu 1", "activations", 3)]
    return events


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run of two attempts: 600 looks, the second attempt goes on from 400 and goes as far as 700."""
    run = tmp_path / ID
    run.mkdir()
    (run / "spec.json").write_text(json.dumps({"name": "thick"}))
    write(run, started(), *looks(1, 600), Marked(step=600, kind="lr", text="halved"))
    write(run, started(2, 400), *looks(401, 700), Finished(step=700, reason="completed", epoch=35), attempt=2)
    return run


def thinned(folder: Path) -> int:
    with Thinning(folder) as thinning:
        thinning.prepare()
        thinning.swap()
        return thinning.frees


def fold(folder: Path) -> Followed:
    followed = Followed(folder)
    followed.catch_up()
    return followed


def told(folder: Path) -> list:
    """What all logs say but for captures: entry by entry, with its place."""
    return [
        (log.name, entry)
        for log in sorted(folder.glob("events-*.log"))
        for entry, _ in read_all(log)
        if not isinstance(entry.said, Captured | Thinned)
    ]


def numbers(followed: Followed) -> dict:
    return {name: [one.tolist() for one in followed.series.points(name)] for name in followed.series.names}


def test_the_fold_before_and_after_is_the_same_but_for_captures(folder):
    before, said, numbers_before = fold(folder), told(folder), numbers(fold(folder))
    size = sum(one.stat().st_size for one in folder.glob("events-*.log"))
    expected = thinnable(folder)
    assert thinned(folder) == expected
    assert sum(one.stat().st_size for one in folder.glob("events-*.log")) == size - expected
    assert expected > size * 0.6
    after = fold(folder)
    assert after.damage == before.damage == ""
    assert after.position == before.position
    assert after.state.as_json() == before.state.as_json()
    assert numbers(after) == numbers_before
    assert told(folder) == said


def test_a_tensor_keeps_its_first_its_newest_and_an_even_history_of_what_a_page_can_show(folder):
    thinned(folder)
    history = fold(folder).captures.history("weights")
    for name in TENSORS:
        steps = [one.step for one in history if one.name == name]
        assert (len(steps), steps[0], steps[-1]) == (127, 1, 700)
        assert max(np.diff(steps)) <= 2 * 700 / 128
    assert all(one.data == captured(one.step, one.name, fill=one.step % 50 + 1).data for one in history)


def test_every_tensor_of_a_probe_is_kept_at_the_same_steps(folder):
    thinned(folder)
    captures = fold(folder).captures
    assert {one.name for one in captures.at("weights", 350)} == set(TENSORS)
    assert len({one.step for one in captures.at("weights", 350)}) == 1


def test_what_was_thinned_is_thinned_no_further(folder):
    thinned(folder)
    logs = {one.name: one.read_bytes() for one in folder.glob("events-*.log")}
    assert thinnable(folder) == 0
    assert thinned(folder) == 0
    assert {one.name: one.read_bytes() for one in folder.glob("events-*.log")} == logs


def test_a_run_that_went_on_after_it_was_thinned_is_thinned_again(folder):
    thinned(folder)
    write(folder, started(3, 700), *looks(701, 1400), attempt=3)
    said = told(folder)
    thinned(folder)
    steps = [one.step for one in fold(folder).captures.history("weights") if one.name == TENSORS[0]]
    assert (len(steps), steps[0], steps[-1]) == (127, 1, 1400)
    assert told(folder) == said


def test_a_few_captures_are_left_as_they_are(tmp_path):
    run = tmp_path / ID
    write(run, started(), *looks(1, 100))
    (run / "spec.json").write_text("{}")
    assert thinnable(run) == 0


def test_a_damaged_log_is_not_touched(folder):
    log = folder / "events-1.log"
    data = bytearray(log.read_bytes())
    data[len(data) // 2] ^= 1
    log.write_bytes(data)
    with pytest.raises(NotThinned, match="damaged at byte"), Thinning(folder) as thinning:
        thinning.prepare()
    assert log.read_bytes() == data
    assert not (folder / thin.FOLDER).exists()


def test_a_torn_tail_stays_as_it_was(folder):
    half = frame(b"x" * 100)[:60]
    with (folder / "events-1.log").open("ab") as log:
        log.write(half)
    before = fold(folder).state.as_json()
    thinned(folder)
    assert (folder / "events-1.log").read_bytes().endswith(half)
    assert fold(folder).state.as_json() == before


def test_a_gap_is_damage_unless_a_thinned_entry_stands_for_it(folder):
    thinned(folder)
    log = folder / "events-1.log"
    data = log.read_bytes()
    gap = next((entry, one) for entry, one in read_all(log) if isinstance(entry.said, Thinned))[1]
    log.write_bytes(data[: gap.offset] + data[gap.end :])
    assert "follows entry" in fold(folder).damage


def test_thinning_that_would_change_the_fold_is_refused(folder, monkeypatch):
    monkeypatch.setattr(thin, "_stand_in", lambda latest, count: b"")
    logs = {one.name: one.read_bytes() for one in folder.glob("events-*.log")}
    with pytest.raises(NotThinned, match="would not read the same"):
        thinned(folder)
    assert {one.name: one.read_bytes() for one in folder.glob("events-*.log")} == logs


def test_evenly_spread_places_hold_the_first_and_the_last():
    assert spread(np.array([5, 6, 7]), 128) == [0, 1, 2]
    steps = np.concatenate((np.arange(1, 1000), np.arange(1000, 100_000, 1000)))
    places = spread(steps, 128)
    assert (places[0], places[-1]) == (0, len(steps) - 1)
    assert len(places) <= 128


def test_thinning_that_is_killed_at_any_step_loses_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(thin, "MAX_HISTORY", 8)
    run = tmp_path / "whole" / ID
    write(run, started(), *looks(1, 60))
    write(run, started(2, 40), *looks(41, 70), attempt=2)
    (run / "spec.json").write_text("{}")
    said, before = told(run), fold(run).state.as_json()
    ends = set()
    for nth in range(1, 100):
        killed = Path(shutil.copytree(run, tmp_path / str(nth) / ID))
        if not killed_at(nth, killed):
            break
        assert told(killed) == said, f"killed at call {nth}"
        assert fold(killed).state.as_json() == before, f"killed at call {nth}"
        ends.add(tuple(digest(killed / name) == digest(run / name) for name in ("events-1.log", "events-2.log")))
        thinned(killed)
        assert thinnable(killed) == 0, f"killed at call {nth}: it could not be done again"
    else:
        pytest.fail("it never came to its end")
    # killed before both were renamed, between the two, and after
    assert ends == {(True, True), (False, True), (False, False)}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def killed_at(nth: int, folder: Path) -> bool:
    """Thin in a child that dies at its nth call of the kernel's doors to the disk; return whether it died."""
    child = os.fork()
    if child == 0:
        calls = iter(range(1, nth))

        def hear(event: str, args: tuple) -> None:
            if event in DOORS and str(folder) in str(args) and next(calls, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hear)
        thinned(folder)
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])
