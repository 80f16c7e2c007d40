"""What a page of several runs hears: everything at first, then only what has changed, and of all runs together."""

import numpy as np
import pytest

from app.groups.curves import Curve, spread, summary
from tests.page_socket import Browser
from tests.server import ENDLESS, OVER, QUICK, Server


def floats(page: Browser, described: dict, columns: int) -> list[np.ndarray]:
    """Return step, epoch and then so many columns of what lies at a place of the last message."""
    at, count = described["at"], described["count"]
    found = []
    for kind in ["<f8", "<f8", *["<f4"] * columns]:
        found.append(np.frombuffer(page.buffers, kind, count, at))
        at += -(-found[-1].nbytes // 8) * 8
    return found


@pytest.fixture(scope="module")
def finished(server: Server) -> tuple[str, list[str]]:
    vary = [{"path": "optimizer.lr", "values": [0.01, 0.1]}, {"path": "seed", "values": [1, 2]}]
    made = server.ask("POST", "/api/groups", {"spec": QUICK, "vary": vary})
    for run in made["runs"]:
        server.wait(run, "finished")
    return made["id"], made["runs"]


def test_a_group_that_rests_is_told_whole_and_as_http_tells_it(server, finished):
    group_id, runs = finished
    with Browser(server) as page:
        page.say(type="watch_group", group=group_id, names=["validation.loss", "nothing"])
        told = page.hear("group")
        assert told["whole"]
        assert [one["runs"] for one in told["variants"]] == [runs[:2], runs[2:]]
        assert told["progress"]["statuses"] == {"finished": 4}
        assert {one["id"] for one in told["cards"]} == set(runs)
        assert "validation.accuracy" in told["names"]
        by_http = server.ask("GET", f"/api/groups/{group_id}/series?names=validation.loss")["variants"]
        for one, right in zip(told["spreads"], by_http, strict=True):
            step, epoch, mean, low, _, _, count = floats(page, one, 5)
            right = right["series"]["validation.loss"]
            assert (step.tolist(), epoch.tolist(), count.tolist()) == (right["step"], right["epoch"], right["count"])
            np.testing.assert_allclose(mean, right["mean"], rtol=1e-6)
            np.testing.assert_allclose(low, right["min"], rtol=1e-6)
        assert [one["run"] for one in told["lines"]] == runs
        page.say(type="watch_group", runs=runs[1:3], names=["loss.data"])
        other = page.hear("group")
        assert [one["label"] for one in other["variants"]] == ["lr 0.01", "lr 0.1"]
        assert other["spreads"][0]["count"] == floats(page, other["lines"][0], 1)[0].size > 10


def test_a_group_that_trains_is_told_as_it_grows_and_only_what_has_changed(server):
    members = [{"label": "a", "spec": ENDLESS}, {"label": "b", "spec": QUICK}]
    made = server.ask("POST", "/api/groups", {"members": members})
    endless, quick = made["runs"]
    server.wait(quick, "finished")
    server.wait_for_step(endless)
    with Browser(server) as page:
        page.say(type="watch_group", group=made["id"], names=["loss.data"])
        first = page.hear("group")
        count = next(one["count"] for one in first["lines"] if one["run"] == endless)
        # once more the one that has ended may come, when its trainer has gone
        later = page.hear("group", until=lambda told: [one["run"] for one in told["lines"]] == [endless])
        assert not later["whole"]
        assert later["lines"][0]["count"] > count
        assert [one["variant"] for one in later["spreads"]] == [0]
        assert later["variants"] is None
        added = server.ask("POST", f"/api/groups/{made['id']}/members", {"members": [{"label": "c", "spec": QUICK}]})
        joined = page.hear("group", until=lambda told: told["variants"])
        assert joined["whole"]
        assert {one["id"] for one in joined["cards"]} == {endless, quick, *added["runs"]}
        server.ask("POST", f"/api/groups/{made['id']}/stop")
        page.hear("group", until=lambda told: set(told["progress"]["statuses"]) <= OVER)
        server.ask("DELETE", f"/api/groups/{made['id']}")
        assert page.hear("gone")["group"] == made["id"]


@pytest.mark.parametrize(
    "asked",
    [
        {"group": "0" * 26, "names": []},
        {"runs": ["0" * 26], "names": []},
        {"names": ["a"] * 9},
        {"runs": ["0" * 26] * 101, "names": []},
        {"names": ["a" * 201]},
        {"group": "x", "runs": 1, "names": []},
    ],
)
def test_what_cannot_be_watched_is_said_and_the_socket_lives(server, finished, asked):
    with Browser(server) as page:
        page.say(type="watch_group", **asked)
        assert page.hear("problem", "gone")
        page.say(type="watch_group", group=finished[0], names=[])
        assert page.hear("group")["lines"] == []
        page.say(type="unwatch_group")
        page.say(type="unwatch_group")
        page.say(type="watch_list")
        assert page.hear("runs")


def test_epochs_meet_although_their_steps_do_not():
    curves = [
        Curve(np.array([10, 20, 30]), np.float32([1, 2, 3]), 1, 10),
        Curve(np.array([7, 14]), np.float32([3, 4]), 1, 7),
    ]
    told = spread(curves, "validation.loss")
    assert told.epoch.tolist() == [1, 2, 3]
    assert told.mean.tolist() == [2, 3, 3]
    assert told.count.tolist() == [2, 2, 1]
    assert told.std[:2].tolist() == pytest.approx([2**0.5, 2**0.5])
    assert np.isnan(told.std[2])


def test_steps_meet_in_buckets_of_the_widest_and_what_is_not_finite_is_no_part_of_a_mean():
    fine = Curve(np.arange(0, 8), np.float32([0, 2, 4, 6, np.nan, np.nan, 1, 1]), 1, 4)
    wide = Curve(np.array([0, 4]), np.float32([5, 7]), 4, 4)
    told = spread([fine, wide], "loss.data")
    assert told.step.tolist() == [0, 4]
    assert told.mean.tolist() == [4, 4]
    assert (told.low.tolist(), told.high.tolist()) == ([3, 1], [5, 7])
    assert spread([fine], "loss.data", 2).mean.tolist() == [3, 1]


def test_a_summary_of_one_number_has_no_spread():
    assert summary([1.0, float("nan")]) == {"mean": 1.0, "std": None, "min": 1.0, "max": 1.0, "count": 1}
    assert summary([])["mean"] is None
