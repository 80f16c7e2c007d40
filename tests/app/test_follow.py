"""Logs as they grow: torn tails wait, damage is named, attempts follow one another, and nothing is read twice."""

import asyncio
import os
import threading
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import NoSuchRun
from app.follow import LOOK_EVERY_S, Follower
from app.followed import Followed
from tests.telling import captured, epoch, measured, started, write
from tests.waiting import wait_for
from trainer.protocol import Finished, Interrupted, Paused, Thinned, encode
from trainer.runlog import LogDamaged, LogWriter, frame, frames, read_all

STORY = [
    started(),
    measured([1, 2, 3], x=[1, 2, 3]),
    captured(3),
    measured([4, 5], x=[4, 5]),
    epoch(1, train__loss=0.5),
]


def steps_of(followed):
    return followed.series.points("x")[0].tolist()


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_a_log_cut_anywhere_is_read_to_its_last_whole_frame_and_goes_on_from_there(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("run")
    path = write(folder, *STORY)
    whole = path.read_bytes()
    ends = [one.end for one in frames(whole, path)]
    cut = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:cut])
    followed = Followed(folder)
    followed.catch_up()
    assert followed.position == [1, sum(end <= cut for end in ends)]
    assert not followed.damage
    path.write_bytes(whole)
    followed.catch_up()
    assert followed.position == [1, len(STORY)]
    assert steps_of(followed) == [1, 2, 3, 4, 5]


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_a_flipped_bit_leaves_what_stands_before_it_and_is_named(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("run")
    path = write(folder, *STORY)
    whole = bytearray(path.read_bytes())
    ends = [one.end for one in frames(bytes(whole), path)]
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(whole)
    followed = Followed(folder)
    followed.catch_up()
    sound = sum(end <= at for end in ends)
    assert followed.position == [1, sound]
    assert f"damaged at byte {ends[sound - 1] if sound else 0}" in followed.damage
    assert steps_of(followed) == [1, 2, 3, 4, 5][: {0: 0, 1: 0, 2: 3, 3: 3}.get(sound, 5)]


def test_an_attempt_after_a_damaged_log_is_heard(tmp_path):
    path = write(tmp_path, *STORY)
    path.write_bytes(path.read_bytes()[:-3] + b"???")
    write(tmp_path, started(2, step=3), measured([4], x=[40]), attempt=2)
    followed = Followed(tmp_path)
    followed.catch_up()
    assert followed.position == [2, 2]
    assert "events-1.log" in followed.damage
    assert followed.series.points("x")[1].tolist() == [1, 2, 3, 40]


def test_a_torn_tail_of_a_dead_attempt_does_not_hold_up_the_next(tmp_path):
    path = write(tmp_path, *STORY)
    with path.open("ab") as log:
        log.write(b"\x10\x00")
    followed = Followed(tmp_path)
    followed.catch_up()
    write(tmp_path, started(2, step=5), measured([6], x=[6]), attempt=2)
    followed.catch_up()
    assert followed.position == [2, 2]
    assert not followed.damage


def test_an_attempt_whose_first_frame_is_still_being_written_is_waited_for(tmp_path):
    write(tmp_path, *STORY)
    second = write(tmp_path, started(2, step=5), attempt=2)
    whole = second.read_bytes()
    second.write_bytes(whole[:-1])
    followed = Followed(tmp_path)
    followed.catch_up()
    assert followed.position == [1, len(STORY)]
    second.write_bytes(whole)
    followed.catch_up()
    assert followed.position == [2, 1]


def test_what_an_old_attempt_says_when_it_comes_back_is_not_heard(tmp_path):
    write(tmp_path, *STORY)
    write(tmp_path, started(2, step=3), measured([4], x=[40]), attempt=2)
    followed = Followed(tmp_path)
    followed.catch_up()
    write(tmp_path, measured([6], x=[6]), attempt=1)
    followed.catch_up()
    assert steps_of(followed) == [1, 2, 3, 4]


def test_a_log_that_became_shorter_is_damage(tmp_path):
    path = write(tmp_path, *STORY)
    followed = Followed(tmp_path)
    followed.catch_up()
    os.truncate(path, 20)
    followed.catch_up()
    assert "the file ends here" in followed.damage
    shown = followed.series.window(["x"]).as_json()
    assert shown["bucket"] == 16
    assert shown["series"]["x"]["max"] == [5.0]


def test_a_missing_entry_is_damage(tmp_path):
    path = write(tmp_path, *STORY)
    whole = path.read_bytes()
    first, second, *_ = frames(whole, path)
    path.write_bytes(whole[: first.end] + whole[second.end :])
    followed = Followed(tmp_path)
    followed.catch_up()
    assert "entry 3 follows entry 1" in followed.damage


def test_what_changes_a_status_is_news_and_only_of_the_last_attempt(tmp_path):
    write(tmp_path, *STORY, Interrupted(step=5, reason="SIGTERM"))
    write(tmp_path, started(2, step=5), measured([6], x=[6]), Paused(step=6), attempt=2)
    followed = Followed(tmp_path)
    followed.catch_up()
    assert [type(one.said).__name__ for one in followed.take_news()] == ["Started", "Paused"]
    assert followed.take_news() == []


def test_entries_are_folded_once_however_they_are_read(tmp_path):
    write(tmp_path, *STORY, *(measured([step], x=[step]) for step in range(6, 3_000)))
    followed = Followed(tmp_path)
    threads = [threading.Thread(target=followed.catch_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert steps_of(followed) == list(range(1, 3_000))


class Bench:
    """The part of a lab that a follower needs: which runs train, and who wants to hear of them."""

    def __init__(self, *runs):
        self.all = {run.id: run for run in runs}
        self.told = []
        self.heard_of = asyncio.Event()
        self.listing = SimpleNamespace(rows=dict)

    def training(self):
        return [run for run in self.all.values() if run.trains]

    def attends(self, run):
        return run.trains

    def run(self, run_id):
        if run_id not in self.all:
            raise NoSuchRun(run_id)
        return self.all[run_id]

    def heard(self, run, entries):
        self.told += [(run.id, type(one.said).__name__) for one in entries]
        self.heard_of.set()


def a_run(folder, trains=True):
    folder.mkdir(exist_ok=True)
    return SimpleNamespace(id=folder.name, folder=folder, trains=trains, status={"name": "running"})


@pytest.mark.anyio
async def test_the_lab_hears_of_what_is_written_while_it_trains(tmp_path):
    run = a_run(tmp_path / "r1")
    lab = Bench(run)
    follower = Follower(lab)
    follower.start()
    try:
        log = LogWriter(run.folder / "events-1.log")
        log.append(STORY)
        await asyncio.wait_for(lab.heard_of.wait(), 5)
        lab.heard_of.clear()
        log.append([Paused(step=5)])
        await asyncio.wait_for(lab.heard_of.wait(), 5)
        log.append([Finished(step=5, reason="completed", epoch=1)])
        await follower.finish(run)
    finally:
        await follower.stop()
    assert lab.told == [("r1", "Started"), ("r1", "Epoch"), ("r1", "Paused"), ("r1", "Finished")]


@pytest.mark.anyio
async def test_what_a_trainer_said_that_is_gone_before_its_log_was_read_is_read_on_a_thread(tmp_path):
    run = a_run(tmp_path / "r1")
    write(run.folder, *STORY, Finished(step=5, reason="completed", epoch=1))
    lab, threads = Bench(run), []
    follower = Follower(lab)
    follower._of(run).listeners.append(lambda heard: threads.append(threading.get_ident()))
    try:
        await asyncio.gather(follower.finish(run), follower.finish(run))
    finally:
        await follower.stop()
    assert lab.told == [("r1", "Started"), ("r1", "Epoch"), ("r1", "Finished")]
    assert threads
    assert threading.get_ident() not in threads


@pytest.mark.anyio
async def test_reading_a_long_log_does_not_hold_up_the_event_loop(tmp_path):
    run = a_run(tmp_path / "r1")
    write(run.folder, started(), *(measured(range(i, i + 50), x=range(50)) for i in range(1, 600_000, 50)), batch=500)
    lab = Bench(run)
    follower = Follower(lab)
    follower.start()
    turns = 0
    try:
        while not lab.heard_of.is_set():
            await asyncio.sleep(0)
            turns += 1
    finally:
        await follower.stop()
    assert follower.followed(run).state["step"] >= 599_950
    assert turns > 20  # of the event loop; two if it did the reading itself


@pytest.mark.anyio
async def test_runs_that_nobody_looks_at_any_more_are_dropped(tmp_path):
    runs = [a_run(tmp_path / f"r{i}", trains=i == 0) for i in range(30)]
    follower = Follower(Bench(*runs))
    first = follower.followed(runs[0])
    old = follower.followed(runs[1])
    for run in runs:
        follower.followed(run)
    assert follower.followed(runs[0]) is first
    assert follower.followed(runs[1]) is not old


@pytest.mark.anyio
async def test_a_run_that_cannot_be_followed_leaves_the_others_heard(tmp_path, caplog):
    broken = SimpleNamespace(id="broken", folder=None, trains=True, status={"name": "running"})
    run = a_run(tmp_path / "r1")
    lab = Bench(broken, run)
    follower = Follower(lab)
    follower.start()
    try:
        write(run.folder, *STORY)
        await asyncio.wait_for(lab.heard_of.wait(), 5)
    finally:
        await follower.stop()
    assert lab.told == [("r1", "Started"), ("r1", "Epoch")]
    assert caplog.text.count("run broken cannot be followed") == 1


@pytest.mark.anyio
async def test_a_run_that_cannot_be_caught_up_with_is_tried_again_only_after_a_while(tmp_path, caplog):
    run = a_run(tmp_path / "r1")
    run.folder.rmdir()
    run.folder.touch()  # what lies in it can be found no more
    lab = Bench(run)
    follower = Follower(lab)
    follower.start()
    try:
        await asyncio.to_thread(wait_for, lambda: "run r1 cannot be followed" in caplog.text)
        await asyncio.sleep(10 * LOOK_EVERY_S)  # looks that were all tries before
        assert caplog.text.count("run r1 cannot be followed") == 1
        follower._troubled.clear()  # the while is over
        run.folder.unlink()
        write(run.folder, *STORY)
        await asyncio.wait_for(lab.heard_of.wait(), 5)
    finally:
        await follower.stop()
    assert lab.told == [("r1", "Started"), ("r1", "Epoch")]


def a_long_log(folder):
    events = [measured(range(i, i + 50), x=range(i, i + 50)) for i in range(1, 100_001, 50)]
    return write(folder, started(), *events, Finished(step=100_000, reason="completed", epoch=1), batch=500)


def test_a_long_run_that_rests_is_kept_behind_and_opened_from_there(tmp_path, monkeypatch):
    run = a_run(tmp_path / "r1", trains=False)
    a_long_log(run.folder)
    before = Follower(Bench(run)).followed(run)
    wait_for((run.folder / "derived" / "fold.bin").exists)
    monkeypatch.setattr("app.followed.read_entries", lambda *_: iter(()))  # nothing more can be read
    again = Follower(Bench(run)).followed(run)
    assert again.position == before.position == [1, 2_002]
    assert again.state.as_json() == before.state.as_json()
    assert again.series.window(["x"], 0, None, 50).cells["x"].high.max() == 100_000


def test_a_log_that_another_file_has_replaced_is_read_anew(tmp_path):
    run = a_run(tmp_path / "r1", trains=False)
    path = write(run.folder, *STORY)
    follower = Follower(Bench(run))
    before = follower.followed(run)
    write(tmp_path / "other", started(), measured([1, 2], x=[7, 8])).replace(path)
    with pytest.raises(LogDamaged, match="another file"):
        before.series.points("x")
    assert follower.followed(run).series.points("x")[1].tolist() == [7, 8]


def test_a_log_out_of_which_captures_were_thinned_is_sound(tmp_path):
    path = write(tmp_path, *STORY)
    entries = [entry for entry, _ in read_all(path)]
    entries[2].said = Thinned(step=3, count=1)
    path.write_bytes(b"".join(frame(encode(one)) for one in entries))
    followed = Followed(tmp_path)
    followed.catch_up()
    assert followed.position == [1, len(STORY)]
    assert not followed.damage
    assert followed.captures.newest() == []


@pytest.fixture
def anyio_backend():
    return "asyncio"
