"""Reboot: runs end as "interrupted (reboot)" and resume; the number of a dead trainer belongs to somebody else now."""

import json
import os
import signal
import subprocess
import sys

import pytest

from tests.ill import STEADY, assert_sound, points, stands, state
from tests.server import Server
from tests.waiting import wait_for


@pytest.fixture
def somebody():
    """A process that has nothing to do with Livefit, and after the reboot has the trainer's number."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True)
    yield process
    process.communicate(b"\n")


def test_a_run_is_interrupted_by_the_reboot_goes_on_and_nobody_else_is_harmed(folder, somebody):
    server = Server(folder).start()
    run = server.launch(STEADY)
    server.wait_for_step(run, 50)
    shown = points(server, run)
    trainer = server.trainer(run)
    server.process.kill()
    os.kill(trainer, signal.SIGKILL)
    server.end(signal.SIGKILL)
    known = folder / "runs" / run / "trainer.json"
    known.write_text(json.dumps(json.loads(known.read_text()) | {"boot_id": "the last boot", "pid": somebody.pid}))
    (folder / "runs" / run / "exit.json").unlink(missing_ok=True)
    with Server(folder) as server:
        status = stands(server, run)
        assert (status["name"], status["reason"]) == ("interrupted", "reboot: the machine was started anew")
        assert "time 1 of 5" in status["hint"]
        before = points(server, run)[: len(shown)]  # cut back by now, where the next attempt has begun
        assert before == shown[: len(before)]
        wait_for(lambda: state(server, run)["attempt"] == 2)
        server.wait(run, "finished")
        assert [step for step, _ in points(server, run)] == list(range(1, 361))
        assert points(server, run)[: len(shown)] == shown
    assert somebody.poll() is None
    assert_sound(folder, run)
