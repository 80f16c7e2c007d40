"""What was folded is kept in derived/: opening takes it from there, and whatever is wrong with it, the logs decide."""

import shutil
import struct
import zlib

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import derived
from app.buckets import cells_of, grouped
from app.errors import Damaged
from app.followed import Followed
from tests.telling import captured, epoch, measured, started, write
from trainer.protocol import Finished, Paused
from trainer.runlog import read_entries

STEPS = 40_000


def long_run(folder, steps=STEPS):
    """Write the log of a run whose tables are many blocks long, with a spike and a NaN of one step."""
    values = np.sin(np.arange(1, steps + 1) / 50).astype(np.float32)
    values[1234], values[2345] = 99, np.nan
    events = [started()]
    for at in range(0, steps, 20):
        events.append(measured(np.arange(at + 1, at + 21), x=values[at : at + 20]))
        if at % 200 == 0:
            events.append(captured(at + 20, fill=at))
    write(folder, *events, epoch(1, train__loss=0.5), Paused(step=steps))
    return values


def kept(folder):
    """Fold a run and keep it."""
    followed = Followed(folder, keeps=True)
    followed.catch_up()
    followed.keeper.keep(followed)
    assert (folder / "derived" / "fold.bin").exists()
    return followed


def reopened(folder, monkeypatch, *, from_cache):
    """Open a run again, and say whether its log was read from the begin."""
    begins = []

    def noted(path, offset=0, limit=0):
        begins.append(offset)
        return read_entries(path, offset, limit)

    monkeypatch.setattr("app.followed.read_entries", noted)
    followed = Followed(folder, keeps=True)
    followed.catch_up()
    monkeypatch.undo()
    assert (0 not in begins) is from_cache
    return followed


def same(one, other, names=("x", "train.loss")):
    """Check that two folds of a run show the same."""
    assert one.position == other.position
    assert one.state.as_json() == other.state.as_json()
    assert one.series.names == other.series.names
    for name in names:
        for width in (1, 7, 300, 2_000, 20_000):
            first, second = (each.series.window([name], 0, None, width) for each in (one, other))
            assert first.bucket == second.bucket
            for column, wanted in zip(first.cells[name], second.cells[name], strict=True):
                np.testing.assert_array_equal(column, wanted)
        for column, wanted in zip(one.series.points(name), other.series.points(name), strict=True):
            np.testing.assert_array_equal(column, wanted)
    for (width, cells), (right_width, right) in zip(
        one.series.overviews().values(), other.series.overviews().values(), strict=True
    ):
        assert width == right_width
        for column, wanted in zip(cells, right, strict=True):
            np.testing.assert_array_equal(column, wanted)
    assert [(c.step, c.data) for c in one.captures.history("weights")] == [
        (c.step, c.data) for c in other.captures.history("weights")
    ]
    for step in (20, 4_711, STEPS):
        assert [c.data for c in one.captures.at("weights", step)] == [
            c.data for c in other.captures.at("weights", step)
        ]
    attempt, seq = one.position
    for asked in (0, 300, seq // 2, seq):
        assert one.offset_before(attempt, asked) == other.offset_before(attempt, asked)


def test_a_kept_run_opens_without_reading_its_log_again_and_shows_the_same(tmp_path, monkeypatch):
    long_run(tmp_path)
    before = kept(tmp_path)
    again = reopened(tmp_path, monkeypatch, from_cache=True)
    same(again, before)
    assert [type(one.said).__name__ for one in again.take_news()] == ["Started", "Paused"]


def test_what_came_since_is_folded_after_it(tmp_path, monkeypatch):
    long_run(tmp_path)
    kept(tmp_path)
    more = np.arange(STEPS + 1, STEPS + 5_001)
    write(tmp_path, measured(more, x=more), captured(STEPS + 5_000), Finished(step=STEPS + 5_000, reason="c", epoch=2))
    again = reopened(tmp_path, monkeypatch, from_cache=True)
    fresh = Followed(tmp_path)
    fresh.catch_up()
    same(again, fresh)
    assert [type(one.said).__name__ for one in again.take_news()] == ["Started", "Paused", "Finished"]


def test_an_attempt_that_sets_back_into_a_block_on_the_disk(tmp_path, monkeypatch):
    long_run(tmp_path)
    kept(tmp_path)
    again = np.arange(1_001, 3_000)
    write(tmp_path, started(2, step=1_000), measured(again, x=-again), captured(2_000, fill=7), attempt=2)
    followed = reopened(tmp_path, monkeypatch, from_cache=False)  # the new attempt's log is read from its begin
    fresh = Followed(tmp_path)
    fresh.catch_up()
    same(followed, fresh)
    followed.keeper.keep(followed)
    same(reopened(tmp_path, monkeypatch, from_cache=True), fresh)


@pytest.mark.parametrize(
    "harm",
    ["deleted", "empty", "torn", "flipped", "blocks gone", "foreign", "other code", "log rewritten", "log changed",
     "log cut", "not ours", "other shape"],
)  # fmt: skip
def test_a_stale_torn_foreign_or_damaged_fold_is_passed_over(tmp_path, monkeypatch, harm):
    folder = tmp_path / "run"
    values = long_run(folder)
    kept(folder)
    fold = folder / "derived" / "fold.bin"
    log = folder / "events-1.log"
    data = fold.read_bytes()
    match harm:
        case "deleted":
            shutil.rmtree(folder / "derived")
        case "empty":
            fold.write_bytes(b"")
        case "torn":
            fold.write_bytes(data[: len(data) // 2])
        case "flipped":
            fold.write_bytes(data[:500] + bytes([data[500] ^ 4]) + data[501:])
        case "blocks gone":
            next(fold.parent.glob("blocks-*.bin")).unlink()
        case "foreign":
            folder = folder.rename(tmp_path / "other")
        case "other code":
            monkeypatch.setattr(derived, "made_by", lambda: "0")
        case "log rewritten":
            whole = log.read_bytes()
            log.unlink()
            log.write_bytes(whole)
        case "log changed":
            whole = bytearray(log.read_bytes())
            log.write_bytes(whole)
        case "log cut":
            whole = log.read_bytes()
            log.write_bytes(whole[:-1])
        case "not ours":
            fold.write_bytes(struct.pack("<I", zlib.crc32(b"\x80")) + b"\x80")
        case "other shape":
            body = msgspec.msgpack.decode(data[4:])
            body[9][1]["x"][3][0][1] = body[9][1]["x"][3][0][1][:-1]  # a column of the finest level is lost
            body = msgspec.msgpack.encode(body)
            fold.write_bytes(struct.pack("<I", zlib.crc32(body)) + body)
    followed = reopened(folder, monkeypatch, from_cache=False)
    fresh = Followed(folder)
    fresh.catch_up()
    same(followed, fresh)
    assert followed.series.window(["x"], 1_000, 1_500).cells["x"].high.max() == values[1234] == 99


def test_a_bit_that_flips_in_the_log_of_a_run_that_rests_is_still_named(tmp_path, monkeypatch):
    long_run(tmp_path)
    kept(tmp_path)
    log = tmp_path / "events-1.log"
    data = bytearray(log.read_bytes())
    data[len(data) // 2] ^= 1
    log.write_bytes(data)
    assert "damaged at byte" in reopened(tmp_path, monkeypatch, from_cache=False).damage
    assert not list((tmp_path / "derived").glob("fold.bin.*"))


@pytest.mark.parametrize("harm", ["flip", "cut"])
def test_a_block_that_is_damaged_while_a_run_is_open_is_made_anew_from_the_logs(tmp_path, harm):
    values = long_run(tmp_path)
    followed = kept(tmp_path)
    fresh = Followed(tmp_path)
    fresh.catch_up()
    blocks = next((tmp_path / "derived").glob("blocks-*.bin"))
    blocks.write_bytes(bytes(blocks.stat().st_size) if harm == "flip" else b"")
    near = followed.series.window(["x"], 0, 20_000, 1_300)
    assert near.bucket == 16
    assert near.cells["x"].high.max() == values[1234]
    same(followed, fresh)
    write(tmp_path, measured([STEPS + 1], x=[5]))
    followed.advance()
    assert followed.series.points("x")[1][-1] == 5
    assert len(followed.series.points("x")[0]) == STEPS + 1


def test_blocks_that_are_damaged_again_and_again_are_said_to_be(tmp_path):
    long_run(tmp_path)
    followed = kept(tmp_path)
    for blocks in (tmp_path / "derived").glob("blocks-*.bin"):
        blocks.write_bytes(b"")
    followed.series.window(["x"], 0, 20_000, 1_300)
    followed.keeper.keep(followed)
    for blocks in (tmp_path / "derived").glob("blocks-*.bin"):
        blocks.write_bytes(b"")
    with pytest.raises(Damaged, match="again and again"):
        followed.series.window(["x"], 0, 20_000, 1_300)


def test_a_set_back_into_a_damaged_block_folds_the_logs_again(tmp_path):
    long_run(tmp_path)
    followed = kept(tmp_path)
    next((tmp_path / "derived").glob("blocks-*.bin")).write_bytes(b"")
    write(tmp_path, started(2, step=1_000), measured([1_001], x=[3]), attempt=2)
    followed.catch_up()
    fresh = Followed(tmp_path)
    fresh.catch_up()
    same(followed, fresh)


def test_a_folder_that_takes_nothing_costs_only_the_cache(tmp_path, caplog):
    long_run(tmp_path)
    (tmp_path / "derived").write_text("a file is in the way")
    followed = Followed(tmp_path, keeps=True)
    followed.catch_up()
    followed.keeper.keep(followed)
    assert "cannot be kept" in caplog.text
    assert len(followed.series.points("x")[0]) == STEPS


def test_who_only_reads_writes_nothing(tmp_path):
    long_run(tmp_path)
    followed = Followed(tmp_path)
    followed.catch_up()
    assert followed.keeper is None
    assert not (tmp_path / "derived").exists()


floats = st.floats(width=32) | st.sampled_from([float("nan"), float("inf"), float("-inf"), 0.0])


@settings(max_examples=40, deadline=None)
@given(
    pieces=st.lists(st.tuples(st.integers(1, 9_000), floats), min_size=1, max_size=5),
    cuts=st.lists(st.floats(0, 1), max_size=3),
    keep_after=st.sets(st.integers(0, 8)),
    data=st.data(),
)
def test_any_window_has_the_extremes_of_the_raw_numbers_across_attempts_and_the_cache(
    tmp_path_factory, pieces, cuts, keep_after, data
):
    folder = tmp_path_factory.mktemp("run")
    steps, values = np.empty(0, np.int64), np.empty(0, np.float32)
    followed, noise = Followed(folder, keeps=True), np.random.default_rng(1)
    for number, (count, odd) in enumerate(pieces):
        attempt = number + 1
        at = int(steps[-1]) if len(steps) else 0
        if number and number <= len(cuts):
            at = int(at * cuts[number - 1])
        kept_rows = steps <= at
        fresh = noise.normal(size=count).astype(np.float32)
        fresh[data.draw(st.integers(0, count - 1))] = odd
        more = np.arange(at + 1, at + count + 1)
        events = [measured(part, x=fresh[part - at - 1]) for part in np.array_split(more, min(count, 40))]
        write(folder, started(attempt, step=at), *events, attempt=attempt)
        steps, values = np.append(steps[kept_rows], more), np.append(values[kept_rows], fresh)
        followed.catch_up()
        if number in keep_after:
            followed.keeper.keep(followed)
            followed = Followed(folder, keeps=True)
            followed.catch_up()
    raw = cells_of(steps, values)
    for _ in range(4):
        first = data.draw(st.integers(0, int(steps[-1])))
        last = data.draw(st.integers(first, int(steps[-1])))
        window = followed.series.window(["x"], first, last, data.draw(st.sampled_from([1, 2, 50, 300, 2_000, 9_000])))
        bucket, cells = window.bucket, window.cells["x"]
        right = grouped(raw.between(first // bucket * bucket, last // bucket * bucket + bucket - 1), bucket)
        for column in ("start", "low", "high", "last", "count", "bad"):
            np.testing.assert_array_equal(getattr(cells, column), getattr(right, column), column)
        np.testing.assert_allclose(cells.total, right.total, rtol=1e-6, atol=1e-6)
