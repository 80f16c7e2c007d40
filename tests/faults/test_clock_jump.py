"""Clock jump: no state changes, order is by position and never by time stamp, and durations are never negative."""

import os
import signal
from pathlib import Path

import pytest

from tests.ill import STEADY, assert_sound, points, state
from tests.server import Server
from tests.waiting import wait_for

# a clock that stands `offset` seconds from the real one, in the server and in every trainer
SITE = """
import time
from pathlib import Path

_real = time.time


def _jumped():
    try:
        return _real() + float(Path({offset!r}).read_text())
    except (OSError, ValueError):
        return _real()


time.time = _jumped
"""
DAY_S = 24 * 3600.0


@pytest.fixture
def jump(tmp_path: Path):
    """Set the clock by so many seconds from the real time."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(SITE.format(offset=str(tmp_path / "offset")))

    def by(seconds: float) -> None:
        partial = tmp_path / "offset.partial"
        partial.write_text(str(seconds))
        partial.replace(tmp_path / "offset")

    by(0.0)
    by.path = str(tmp_path / "site")
    return by


def test_a_clock_that_jumps_changes_no_state_and_no_order(folder, jump):
    endless = STEADY | {"training": STEADY["training"] | {"epochs": 100_000}}
    with Server(folder, PYTHONPATH=jump.path, LIVEFIT_STALLED_AFTER_S="5") as server:
        waits = server.launch(endless | {"name": "waits"})
        server.wait_for_step(waits)
        server.command(waits, type="pause")
        server.wait(waits, "paused")
        run = server.launch(endless)
        server.wait_for_step(run, 20)
        for offset in (-DAY_S, 300 * DAY_S, -DAY_S):
            jump(offset)
            now = server.card(run)["step"]
            assert server.wait_for_step(run, now + 50)["status"]["name"] == "running"
            # commands are heard whatever the time, and answered in the order in which they came
            server.command(run, type="change", target="optimizer", field="lr", value=0.02)
            server.command(run, type="pause")
            server.wait(run, "paused", within_s=5)
            server.command(run, type="resume")
            server.wait(run, "running", within_s=5)
            assert server.status(waits) == "paused"
        # set back by more than the run is old, and then an attempt that goes on
        jump(-10 * DAY_S)
        os.kill(server.trainer(run), signal.SIGKILL)
        wait_for(lambda: state(server, run)["attempt"] == 2)
        server.wait(run, "running")
        command = server.command(run, type="pause")
        server.wait(run, "paused", within_s=5)
        said = server.ask("GET", f"/api/runs/{run}/events?after=2.0&limit=1000")["events"]
        assert [one["type"] for one in said if one.get("command") == command] == ["paused"]
        assert not [one for one in said if one["type"] == "rejected"]
        overheads = [one for one in said if one["type"] == "overhead"]
        assert all(one["share"] >= 0 and one["steps_per_second"] >= 0 for one in overheads)
        assert (server.card(run)["eta_s"] or 0) >= 0
        steps = [step for step, _ in points(server, run)]
        assert steps == list(range(1, len(steps) + 1))
        assert "stalled" not in server.errors()
        server.stop(run)
        server.stop(waits)
    jump(5 * DAY_S)
    with Server(folder, PYTHONPATH=jump.path) as server:
        assert server.status(run) == "stopped"
        assert server.card(run)["name"] == "steady"
    assert_sound(folder, run)
