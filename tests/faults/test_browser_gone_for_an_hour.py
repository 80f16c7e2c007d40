"""Browser gone for an hour: on return one snapshot and the tail, complete, within 2 s."""

import time

import numpy as np

from app.feed import LINGER_S
from app.verify import verify
from tests.page_socket import Browser
from tests.server import ENDLESS, Server
from tests.waiting import wait_for

WITHIN_S = 2.0
FAST = ENDLESS | {"name": "fast", "training": {"epochs": 100_000, "batch_size": 64}}


def steps_in(page, snapshot, name):
    """Return how many steps the overview of a series in the snapshot that was heard last counts."""
    one = snapshot["overviews"][name]
    count = one["count"]
    at = one["at"] + count * 8 + -(count * 8) % 8
    column = count * 4 + -(count * 4) % 8
    counted, bad = (np.frombuffer(page.buffers, "<f4", count, at + i * column) for i in (4, 5))
    return int(counted.sum() + bad.sum())


def test_a_browser_gone_for_an_hour_gets_one_snapshot_and_the_tail(tmp_path):
    with Server(tmp_path / "data", "--max-running", "2") as lab:
        run = lab.launch(FAST)
        lab.wait_for_step(run)
        with Browser(lab) as page:
            left_at = page.watch(run)["position"]
        # long enough for the server to have let go of all that it had ready for this page
        gone = time.monotonic()
        wait_for(lambda: time.monotonic() - gone, lambda passed: passed > LINGER_S + 1)
        missed = lab.card(run)["step"]
        with Browser(lab) as page:
            began = time.monotonic()
            snapshot = page.watch(run, left_at)
            snapshot_steps = steps_in(page, snapshot, "loss.data") if snapshot["type"] == "snapshot" else 0
            first = page.hear("delta")
            taken = time.monotonic() - began
            assert snapshot["type"] == "snapshot"
            assert snapshot_steps == snapshot["state"]["step"] >= missed
            assert first["from"] == snapshot["position"]
            assert taken < WITHIN_S
            position, steps = first["position"], sum(t["count"] for t in first["tables"] if t["probe"] == "loss")
            for _ in range(20):
                told = page.hear("delta")
                assert told["from"] == position
                position = told["position"]
                steps += sum(table["count"] for table in told["tables"] if table["probe"] == "loss")
        lab.stop(run)
        shown = lab.ask("GET", f"/api/runs/{run}/series?names=loss.data&to={snapshot_steps + steps - 1}&width=1")
        column = shown["series"]["loss.data"]
        assert column["count"][0] + column["bad"][0] >= snapshot_steps + steps - 1
    assert verify(tmp_path / "data" / "runs" / run).good


def test_a_browser_that_comes_back_at_once_gets_only_what_it_missed(tmp_path):
    with Server(tmp_path / "data", "--max-running", "2") as lab:
        run = lab.launch(ENDLESS)
        lab.wait_for_step(run)
        with Browser(lab) as page:
            left_at = page.watch(run)["position"]
        with Browser(lab) as page:
            told = page.watch(run, left_at)
            assert (told["type"], told["from"]) == ("delta", left_at)
        lab.stop(run)
    assert verify(tmp_path / "data" / "runs" / run).good
