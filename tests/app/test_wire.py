"""Binary messages: what is put in comes out, aligned for views, and never a bare NaN in the header."""

import json
import struct
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import wire
from app.feed import DELTA_EVERY_S, LINGER_S, LIST_EVERY_S, TROUBLED_S, Cursor, Feed, Feeds, ListFeed
from app.followed import Followed
from tests.telling import captured, epoch, measured, started, write
from trainer.protocol import Entry, Overhead
from trainer.runlog import LogWriter

RUNNING = {"name": "running", "since": 0.0}


def opened(message):
    (length,) = struct.unpack_from("<I", message)
    assert (4 + length) % 8 == 0
    assert len(message) % 8 == 0
    header = json.loads(message[4 : 4 + length], parse_constant=lambda name: pytest.fail(f"bare {name} in JSON"))
    return header, message[4 + length :]


def columns(body, at, *kinds_and_counts):
    for kind, count in kinds_and_counts:
        yield np.frombuffer(body, kind, count, at)
        at += -(-np.dtype(kind).itemsize * count // 8) * 8


def entries(*events):
    return [Entry(seq, 100.0 + seq, event) for seq, event in enumerate(events, 1)]


@settings(max_examples=60, deadline=None)
@given(frames=st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=1, max_size=12), data=st.data())
def test_numbers_survive_the_wire_frame_by_frame(frames, data):
    events, step, right = [], 0, {}
    for count, wide in frames:
        steps = np.arange(step + 1, step + 1 + count)
        step += count
        values = np.array(data.draw(st.lists(st.floats(width=32), min_size=count, max_size=count)), np.float32)
        events.append(measured(steps, a=values, **({"b": -values} if wide else {})))
        for name, column in {"a": values, **({"b": -values} if wide else {})}.items():
            right.setdefault(name, []).append(np.column_stack([steps, column]))
    header, body = opened(wire.delta("r", [1, 0], [1, len(events)], RUNNING, entries(*events)))
    told = {}
    for table in header["tables"]:
        n = table["count"]
        steps, *rest = columns(body, table["at"], ("<f8", n), *(("<f4", n) for _ in table["names"]))
        for name, column in zip(table["names"], rest, strict=True):
            told.setdefault(name, []).append(np.column_stack([steps, column]))
    assert told.keys() == right.keys()
    for name in right:
        assert np.array_equal(np.concatenate(told[name]), np.concatenate(right[name]), equal_nan=True)


def test_a_delta_says_from_where_to_where_and_sends_each_array_once():
    nan = float("nan")
    events = [captured(1, fill=1), captured(2, fill=2, mean=nan), epoch(1, train__loss=nan), measured([2], x=[nan])]
    header, body = opened(wire.delta("r", [1, 4], [1, 8], RUNNING, entries(*events)))
    assert (header["from"], header["position"], header["time"]) == ([1, 4], [1, 8], 104.0)
    assert [one["type"] for one in header["events"]] == ["epoch"]
    assert header["events"][0]["metrics"] == {"train.loss": "NaN"}
    (capture,) = header["captures"]
    assert capture["facts"]["mean"] == "NaN"
    assert np.frombuffer(body, "<u4", 64, capture["at"]).tolist() == [2] * 64


def test_a_snapshot_has_the_state_the_overviews_and_the_newest_arrays(tmp_path):
    write(tmp_path, started(), measured(range(1, 5_001), x=range(5_000)), captured(7), captured(9, fill=3))
    followed = Followed(tmp_path)
    followed.catch_up()
    header, body = opened(wire.snapshot("r", followed, RUNNING, {"findings": []}))
    assert header["position"] == [1, 4]
    assert header["diagnosis"] == {"findings": []}
    assert header["state"]["step"] == 5_000
    one = header["overviews"]["x"]
    assert (one["width"], one["count"]) == (4, 1_251)
    start, low, high, mean, last, count, bad = columns(body, one["at"], ("<f8", 1_251), *[("<f4", 1_251)] * 6)
    assert (start[1], low[1], high[1], mean[1], last[1], count[1], bad[1]) == (4, 3, 6, 4.5, 6, 4, 0)
    assert [(one["step"], body[one["at"]]) for one in header["captures"]] == [(9, 3)]


def test_a_history_has_all_that_is_kept(tmp_path):
    write(tmp_path, started(), *(captured(step, fill=step) for step in (1, 2, 3)))
    followed = Followed(tmp_path)
    followed.catch_up()
    header, body = opened(wire.history("weights", followed.captures.history("weights")))
    assert [(one["step"], body[one["at"]]) for one in header["captures"]] == [(1, 1), (2, 2), (3, 3)]


class Told:
    """A run whose log is written here, with its feed."""

    def __init__(self, folder):
        folder.mkdir(exist_ok=True)
        self.log = LogWriter(folder / "events-1.log")
        self.log.append([started()])
        self.run = SimpleNamespace(id="r", status=RUNNING, level=None)
        self.followed = Followed(folder)
        self.followed.catch_up()
        self.feed = Feed(self.run, self.followed)
        self.woken = 0

    def say(self, *events):
        self.log.append(events)
        self.followed.catch_up()

    def watch(self, after=None):
        return Cursor(self.feed, after, self._wake)

    def _wake(self):
        self.woken += 1


@pytest.fixture
def told(tmp_path):
    return Told(tmp_path)


def kinds(cursor):
    return [opened(one)[0]["type"] for one in cursor.messages()]


def test_a_watcher_gets_a_snapshot_and_then_each_delta_once(told):
    cursor = told.watch()
    assert kinds(cursor) == ["snapshot"]
    assert kinds(cursor) == []
    for step in (1, 2):
        told.say(measured([step], x=[step]))
        told.feed.publish()
    positions = [opened(one)[0] for one in cursor.messages()]
    assert [(one["from"], one["position"]) for one in positions] == [([1, 1], [1, 2]), ([1, 2], [1, 3])]
    assert told.woken == 2


def test_deltas_are_encoded_once_for_all(told):
    cursors = [told.watch() for _ in range(3)]
    for cursor in cursors:
        list(cursor.messages())
    told.say(measured([1], x=[1]))
    told.feed.publish()
    messages = [next(iter(cursor.messages())) for cursor in cursors]
    assert all(one is messages[0] for one in messages)


def test_a_watcher_who_comes_back_goes_on_from_its_position(told):
    list(told.watch().messages())
    told.say(measured([1], x=[1]))
    told.feed.publish()
    assert kinds(told.watch([1, 1])) == ["delta"]
    (still,) = told.watch([1, 2]).messages()
    assert opened(still)[0]["events"] == []
    assert kinds(told.watch([7, 7])) == ["snapshot"]


def test_a_watcher_who_falls_off_the_ring_gets_a_snapshot(told, monkeypatch):
    monkeypatch.setattr("app.feed.RING_DELTAS", 3)
    slow = told.watch()
    list(slow.messages())
    for step in range(1, 6):
        told.say(measured([step], x=[step]))
        told.feed.publish()
    assert kinds(slow) == ["snapshot"]
    assert kinds(slow) == []
    assert kinds(told.watch([1, 1])) == ["snapshot"]


def test_deltas_come_at_once_after_a_silence_and_then_ten_times_a_second(told):
    list(told.watch().messages())
    sent = []
    for tick in range(100):
        told.say(Overhead(step=tick, share=0.0, probes={}, steps_per_second=1.0))
        before = told.feed.number_after(told.followed.position)
        told.feed.tick(10 + tick * 0.02, lambda run_id: None)
        sent.append(told.feed.number_after(told.followed.position) != before)
    assert sent[0]
    assert sum(sent) == pytest.approx(100 * 0.02 / DELTA_EVERY_S, abs=1)


def test_a_status_that_changes_without_an_event_is_sent(told):
    cursor = told.watch()
    list(cursor.messages())
    told.run.status = {"name": "interrupted", "since": 1.0}
    told.feed.tick(50.0, lambda run_id: None)
    (message,) = cursor.messages()
    assert opened(message)[0]["status"]["name"] == "interrupted"


def test_damage_in_the_log_reaches_who_watches(told):
    cursor = told.watch()
    list(cursor.messages())
    with told.log.path.open("ab") as log:
        log.write(b"not a frame at all")
    told.followed.catch_up()
    told.feed.tick(50.0, lambda run_id: None)
    (message,) = cursor.messages()
    assert "events-1.log is damaged at byte" in opened(message)[0]["state"]["damage"]


def test_a_feed_outlives_its_last_watcher_by_a_moment(told):
    feeds = Feeds(find=lambda run_id: None, listing=dict)
    cursor = Cursor(feeds.of(told.run, told.followed), None, lambda: None)
    feeds.tick(100.0)
    cursor.close(100.0)
    feeds.tick(100.0 + LINGER_S - 1)
    assert "r" in feeds
    feeds.tick(100.0 + LINGER_S + 1)
    assert "r" not in feeds


def test_a_feed_that_cannot_be_told_leaves_the_others_told_and_is_tried_again_later(tmp_path, monkeypatch, caplog):
    feeds = Feeds(find=lambda run_id: None, listing=dict)
    ill, sound = Told(tmp_path / "ill"), Told(tmp_path / "sound")
    ill.run.id = "ill"
    ill.feed, sound.feed = feeds.of(ill.run, ill.followed), feeds.of(sound.run, sound.followed)
    cursors = [ill.watch(), sound.watch()]
    for cursor in cursors:
        list(cursor.messages())

    def fail(run_id, *_):
        if run_id == "ill":
            raise ValueError("this cannot be encoded")
        return encode(run_id, *_)

    encode = wire.delta
    with monkeypatch.context() as broken:
        broken.setattr("app.wire.delta", fail)
        for one in (ill, sound):
            one.say(measured([1], x=[1]))
        for tick in range(50):
            feeds.tick(100.0 + tick * 0.02)
        assert kinds(cursors[1]) == ["delta"]
        assert caplog.text.count("run ill cannot be told") == 1
    assert kinds(cursors[0]) == []
    feeds.tick(101.0 + TROUBLED_S)
    assert kinds(cursors[0]) == ["snapshot"]  # what could not be told is in it


def test_a_list_that_cannot_be_told_leaves_the_feeds_told(told, caplog):
    def listing():
        raise ValueError("this cannot be encoded")

    feeds = Feeds(find=lambda run_id: None, listing=listing)
    feeds.list.watchers.add(lambda: None)
    told.feed = feeds.of(told.run, told.followed)
    cursor = told.watch()
    list(cursor.messages())
    told.say(measured([1], x=[1]))
    for tick in range(100):
        feeds.tick(100.0 + tick * 0.02)
    assert kinds(cursor) == ["delta"]
    assert caplog.text.count("the list of runs cannot be told") == 1


def test_a_page_that_opens_while_the_logs_are_replaced_leaves_those_before_it_watching(told, tmp_path):
    feeds = Feeds(find=lambda run_id: None, listing=dict)
    told.feed = feeds.of(told.run, told.followed)
    first = told.watch()
    list(first.messages())
    told.followed = Followed(tmp_path)  # as a second page finds it: the one before is forgotten
    told.followed.catch_up()
    told.feed = feeds.of(told.run, told.followed)
    second = told.watch()
    assert kinds(second) == ["snapshot"]
    feeds.hand_over("r", told.followed)
    told.say(measured([1], x=[1]))
    feeds.tick(100.0)
    assert told.woken == 2
    assert set(kinds(first)) == set(kinds(second)) == {"delta"}


def test_a_fold_that_is_further_than_the_one_before_begins_anew_for_who_watches(told, tmp_path):
    feeds = Feeds(find=lambda run_id: None, listing=dict)
    told.feed = feeds.of(told.run, told.followed)
    cursor = told.watch()
    list(cursor.messages())
    told.log.append([measured([1], x=[1])])
    further = Followed(tmp_path)
    further.catch_up()
    feeds.of(told.run, further)
    feeds.tick(100.0)
    (message,) = cursor.messages()
    header, _ = opened(message)
    assert (header["type"], header["position"]) == ("snapshot", [1, 2])


def test_the_list_of_runs_is_told_when_it_changes_and_at_most_twice_a_second():
    cards, woken = [{"id": "a", "eta_s": float("inf")}], []
    feed = ListFeed(lambda: {"rows": [{"run": one} for one in cards], "count": len(cards)})
    feed.tick(1.0)
    assert feed.text == ""
    feed.watchers.add(lambda: woken.append(feed.text))
    for now in (2.0, 2.0 + LIST_EVERY_S, 2.0 + 2 * LIST_EVERY_S):
        feed.tick(now)
    assert len(woken) == 1
    cards.append({"id": "b"})
    feed.tick(2.1 + 2 * LIST_EVERY_S)
    assert len(woken) == 1
    feed.tick(2.0 + 3 * LIST_EVERY_S)
    assert [one["run"]["id"] for one in json.loads(woken[1])["rows"]] == ["a", "b"]


def test_of_a_long_list_only_the_rows_that_changed_are_encoded_anew():
    cards = [{"id": str(number), "step": 0} for number in range(200)]
    feed = ListFeed(lambda: {"rows": [{"run": dict(one)} for one in cards], "count": 1_000})
    feed.watchers.add(lambda: None)
    feed.tick(1.0)
    before = dict(feed._encoded)
    cards[7]["step"] = 1
    feed.tick(2.0)
    assert [key for key, kept in feed._encoded.items() if kept is not before[key]] == ["7"]
    told = json.loads(feed.text)
    assert (told["count"], told["rows"]) == (1_000, [{"run": one} for one in cards])
