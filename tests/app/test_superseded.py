"""What earlier attempts left behind: found again, with every extreme, and nothing of what still holds."""

from types import SimpleNamespace

import numpy as np
import pytest

from app.followed import Followed
from app.superseded import MAX_SEGMENTS, segments
from tests.server import QUICK
from tests.telling import epoch, measured, started, write


def run_of(folder):
    followed = Followed(folder)
    followed.catch_up()
    return SimpleNamespace(folder=folder, followed=followed, series=followed.series)


def told(folder, *names, width=500):
    return [one.as_json() for one in segments(run_of(folder), list(names), width)]


def test_points_beyond_the_step_from_which_a_later_attempt_goes_on_are_superseded(tmp_path):
    write(tmp_path, started(), measured(range(1, 101), loss__data=range(1, 101)), epoch(5, validation__loss=0.5))
    write(tmp_path, started(2, step=60), measured(range(61, 81), loss__data=range(20)), attempt=2)
    (one,) = told(tmp_path)
    assert (one["attempt"], one["from"], one["to"], one["bucket"]) == (1, 60, 100, 1)
    assert one["series"]["loss.data"] == [[step, step, step, step] for step in range(60, 101)]
    assert one["series"]["validation.loss"] == [[100, 0.5, 0.5, 0.5]]


def test_an_attempt_that_lost_nothing_leaves_nothing(tmp_path):
    write(tmp_path, started(), measured(range(1, 51), loss__data=range(50)))
    write(tmp_path, started(2, step=50), measured(range(51, 60), loss__data=range(9)), attempt=2)
    assert told(tmp_path) == []


def test_an_attempt_is_left_where_the_furthest_back_of_the_later_ones_goes_on(tmp_path):
    write(tmp_path, started(), measured(range(1, 101), loss__data=range(100)))
    write(tmp_path, started(2, step=80), measured(range(81, 91), loss__data=range(10)), attempt=2)
    write(tmp_path, started(3, step=30), measured(range(31, 36), loss__data=range(5)), attempt=3)
    assert [(one["attempt"], one["from"], one["to"]) for one in told(tmp_path)] == [(1, 30, 100), (2, 30, 90)]


@pytest.mark.parametrize("width", [1, 7, 500])
def test_extremes_survive_however_few_buckets_there_are(tmp_path, width):
    chance = np.random.default_rng(width)
    values = chance.normal(size=50_000).astype(np.float32)
    values[chance.integers(0, 50_000, 40)] = 1e6 * chance.normal(size=40)
    frames = [measured(range(at + 1, at + 51), loss__data=values[at : at + 50]) for at in range(0, 50_000, 50)]
    write(tmp_path, started(), *frames)
    write(tmp_path, started(2, step=20_000), attempt=2)
    (one,) = told(tmp_path, "loss.data", width=width)
    rows = one["series"]["loss.data"]
    assert len(rows) <= width
    left = values[19_999:]
    for start, low, high, _ in rows:
        part = left[max(0, start - 20_000) : start + one["bucket"] - 20_000]
        assert (low, high) == (part.min(), part.max())
    assert min(row[1] for row in rows) == left.min()
    assert max(row[2] for row in rows) == left.max()


def test_a_long_log_is_not_read_from_its_beginning(tmp_path, monkeypatch):
    frames = [measured([step], loss__data=[step]) for step in range(1, 20_001)]
    log = write(tmp_path, started(), *frames, batch=1_000)
    write(tmp_path, started(2, step=19_900), attempt=2)
    run = run_of(tmp_path)
    data = bytearray(log.read_bytes())
    data[len(data) // 2] ^= 1  # whoever reads over the middle is stopped there
    log.write_bytes(data)
    (one,) = segments(run, [], 500)
    assert (one.first, one.last) == (19_900, 20_000)


def test_only_the_series_asked_for_come_and_what_is_not_finite_is_null(tmp_path):
    values = [1.0, np.nan, np.inf]
    write(tmp_path, started(), measured([1, 2, 3], loss__data=values, penalty__l2=values))
    write(tmp_path, started(2, step=0), attempt=2)
    (one,) = told(tmp_path, "loss.data", "no.such")
    assert one["series"] == {"loss.data": [[1, 1, 1, 1], [2, None, None, None], [3, None, None, None]]}


def test_a_damaged_log_is_read_up_to_the_damage(tmp_path):
    log = write(tmp_path, started(), *(measured([step], loss__data=[1]) for step in range(1, 101)))
    write(tmp_path, started(2, step=0), attempt=2)
    data = bytearray(log.read_bytes())
    data[-20] ^= 1
    log.write_bytes(data)
    (one,) = told(tmp_path)
    assert one["to"] == 99


def test_an_answer_stays_small_however_many_attempts_there_were(tmp_path):
    for attempt in range(1, 30):
        points = {f"gradient_norm__{layer}": range(600) for layer in range(60)}
        write(tmp_path, started(attempt), measured(range(1, 601), **points), attempt=attempt)
    found = told(tmp_path)
    assert [one["attempt"] for one in found] == list(range(29 - MAX_SEGMENTS, 29))
    assert sum(len(rows) for one in found for rows in one["series"].values()) < 150_000


def test_the_route_answers_and_does_not_mind_names_it_does_not_know(server):
    run = server.launch(QUICK)
    server.wait(run, "finished")
    assert server.ask("GET", f"/api/runs/{run}/superseded?names=loss.data,nothing&width=10") == {"segments": []}
