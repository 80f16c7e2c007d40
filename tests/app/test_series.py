"""Numbers at any zoom: extremes are those of the raw numbers, whatever the batches, the zoom and the attempts."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.buckets import MAX_OVERVIEW, Overview, cells_of, grouped
from app.followed import Followed
from app.series import Series
from tests.telling import epoch, measured, started, write
from trainer.protocol import Finished

floats = st.floats(width=32) | st.sampled_from([float("nan"), float("inf"), float("-inf"), 0.0])
curves = st.lists(st.tuples(st.integers(1, 400), floats), min_size=1, max_size=120)
quick = settings(max_examples=60, deadline=None)


def series_of(folder, steps, values, frames=5):
    parts = [part for part in np.array_split(np.arange(len(steps)), frames) if len(part)]
    write(folder, started(), *(measured(np.take(steps, part), x=np.take(values, part)) for part in parts))
    followed = Followed(folder)
    followed.catch_up()
    return followed.series


def points(jumps):
    steps = np.cumsum([jump for jump, _ in jumps]).astype(np.int64)
    return steps, np.array([value for _, value in jumps], np.float32)


def extremes(values):
    finite = values[np.isfinite(values)]
    return (finite.min(), finite.max()) if len(finite) else (None, None)


@quick
@given(jumps=curves, frames=st.integers(1, 9), width=st.integers(1, 50), data=st.data())
def test_every_window_has_the_extremes_and_the_counts_of_the_raw_numbers(tmp_path_factory, jumps, frames, width, data):
    steps, values = points(jumps)
    series = series_of(tmp_path_factory.mktemp("run"), steps, values, frames)
    first = data.draw(st.integers(0, int(steps[-1])))
    last = data.draw(st.integers(first, int(steps[-1]) + 5))
    window = series.window(["x"], first, last, width)
    cells, bucket = window.cells["x"], window.bucket
    low, high = first // bucket * bucket, min(last, steps[-1]) // bucket * bucket + bucket - 1
    assert len(cells.start) <= width
    raw = values[(steps >= low) & (steps <= high)]
    assert int(cells.count.sum()) == np.isfinite(raw).sum()
    assert int(cells.bad.sum()) == (~np.isfinite(raw)).sum()
    for start, least, most, mean, final in zip(cells.start, cells.low, cells.high, cells.mean, cells.last, strict=True):
        inside = values[(steps >= start) & (steps < start + bucket)]
        assert (None if np.isnan(least) else least, None if np.isnan(most) else most) == extremes(inside)
        finite = inside[np.isfinite(inside)].astype(np.float64)
        if len(finite):
            assert final == np.float32(finite[-1])
            assert mean == pytest.approx(finite.mean(), rel=1e-5, abs=1e-30)


@quick
@given(jumps=curves, data=st.data())
def test_an_attempt_that_goes_on_from_an_earlier_step_replaces_what_lay_after_it(tmp_path_factory, jumps, data):
    steps, values = points(jumps)
    folder = tmp_path_factory.mktemp("run")
    cut = data.draw(st.integers(0, int(steps[-1])))
    again = np.arange(cut + 1, cut + 40)
    write(folder, started(), *(measured(steps[i : i + 7], x=values[i : i + 7]) for i in range(0, len(steps), 7)))
    write(folder, started(attempt=2, step=cut), measured(again, x=again), attempt=2)
    kept = steps <= cut
    expected_steps, expected = np.append(steps[kept], again), np.append(values[kept], again.astype(np.float32))

    followed = Followed(folder)
    followed.catch_up()
    seen_steps, seen = followed.series.points("x")
    assert seen_steps.tolist() == expected_steps.tolist()
    assert np.array_equal(seen, expected, equal_nan=True)
    for width in (1, 3, 20, 2_000):
        window = followed.series.window(["x"], width=width)
        right = grouped(cells_of(expected_steps, expected), window.bucket)
        for column, wanted in zip(window.cells["x"], right, strict=True):
            np.testing.assert_allclose(column, wanted, rtol=1e-6)
    bucket, overview = followed.series.overviews()["x"]
    np.testing.assert_allclose(overview.low, grouped(cells_of(expected_steps, expected), bucket).low)


@quick
@given(jumps=curves, cuts=st.lists(st.integers(0, 120), max_size=6))
def test_an_overview_does_not_depend_on_how_its_points_arrive(jumps, cuts):
    steps, values = points(jumps * 20)
    steps = np.cumsum(np.diff(steps, prepend=0).clip(1))
    whole, pieces = Overview(), Overview()
    whole.append(cells_of(steps, values))
    for part in np.split(np.arange(len(steps)), sorted(cuts)):
        if len(part):
            pieces.append(cells_of(steps[part], values[part]))
    assert whole.width == pieces.width
    assert whole.size <= MAX_OVERVIEW
    for one, other in zip(whole.cells, pieces.cells, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def test_a_spike_of_one_step_in_a_million_shows_at_every_zoom(tmp_path):
    steps = np.arange(1, 1_000_001)
    values = np.zeros(1_000_000, np.float32)
    values[412_345] = 99
    series = series_of(tmp_path, steps, values, frames=2_000)
    for width in (1, 10, 100, 1_000, 2_000):
        assert series.window(["x"], width=width).cells["x"].high.max() == 99
    assert series.overviews()["x"][1].high.max() == 99
    near = series.window(["x"], 412_000, 413_000, 2_000)
    assert near.bucket == 1
    assert near.cells["x"].start[near.cells["x"].high.argmax()] == 412_346


def test_the_finest_level_that_fits_is_given(tmp_path):
    series = series_of(tmp_path, np.arange(1, 10_001), np.arange(10_000), frames=50)
    assert series.window(["x"], 1, 1_000, 2_000).bucket == 1
    assert series.window(["x"], 1, 10_000, 5_100).bucket == 2
    assert series.window(["x"], 1, 10_000, 650).bucket == 16
    assert series.window(["x"], 1, 10_000, 100).bucket == 128


def test_infinities_and_nan_are_null_in_json_and_counted(tmp_path):
    values = [1, np.nan, np.inf, -np.inf, 2]
    shown = series_of(tmp_path, np.arange(1, 6), values, 1).window(["x"], width=1).as_json()
    assert shown["series"]["x"]["bad"] == [3]
    assert shown["series"]["x"]["min"] == [1.0]
    raw = series_of(tmp_path / "raw", np.arange(1, 6), values, 1).window(["x"]).as_json()["series"]["x"]
    assert raw["min"] == [1.0, None, None, None, 2.0]
    assert raw["bad"] == [0, 1, 1, 1, 0]


def test_metrics_of_epochs_are_series_and_the_test_part_comes_at_the_end(tmp_path):
    end = Finished(step=40, reason="completed", epoch=2, metrics={"validation.loss": 9.0, "test.loss": 0.5})
    write(tmp_path, started(), epoch(1, validation__loss=0.7), epoch(2, validation__loss=float("nan")), end)
    followed = Followed(tmp_path)
    followed.catch_up()
    steps, values = followed.series.points("validation.loss")
    assert steps.tolist() == [20, 40]
    assert np.isnan(values[1])
    assert followed.series.points("test.loss")[0].tolist() == [40]
    assert followed.series.window(["validation.loss"]).cells["validation.loss"].bad.tolist() == [0, 1]


def test_where_the_log_was_damaged_since_the_folded_buckets_still_stand(tmp_path):
    series = series_of(tmp_path, np.arange(1, 101), np.arange(100), frames=10)
    path = tmp_path / "events-1.log"
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)
    assert series.window(["x"], 1, 50).bucket == 1
    coarse = series.window(["x"])
    assert coarse.bucket == 16
    assert coarse.cells["x"].high.max() == 99


def test_a_spark_is_short_and_follows_the_means(tmp_path):
    series = series_of(tmp_path, np.arange(1, 5_001), np.linspace(1, 0, 5_000), frames=9)
    spark = series.spark("x")
    assert 20 <= len(spark) <= 60
    assert spark == sorted(spark, reverse=True)
    assert series.spark("unknown") == []


def test_nothing_measured_is_nothing_shown(tmp_path):
    series = Series(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert series.window(["x"]).as_json() == {"bucket": 1, "series": {}}
    assert series.overviews() == {}


def test_the_last_bucket_of_a_window_counts_although_its_points_lie_beyond(tmp_path):
    series = series_of(tmp_path, *points([(1, 0.0), (15, 0.0), (32, 0.0)]), frames=1)
    assert len(series.window(["x"], 0, 32, 1).cells["x"].start) == 1
