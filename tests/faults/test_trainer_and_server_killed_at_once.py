"""Trainer and server killed at once: nothing that was shown is lost, and the run goes on by itself."""

import os
import signal
from pathlib import Path

from tests.ill import STEADY, assert_sound, points, state, uninterrupted
from tests.server import Server


def test_nothing_that_was_shown_is_lost_and_the_curve_is_the_same(folder):
    server = Server(folder).start()
    plain = server.launch(uninterrupted(STEADY))
    server.wait(plain, "finished")
    run = server.launch(STEADY)
    server.wait_for_step(run, 50)
    trainer = server.trainer(run)
    keeper = int(Path(f"/proc/{trainer}/stat").read_text().rpartition(")")[2].split()[1])
    shown = points(server, run)
    for pid in (trainer, keeper, server.process.pid):  # the fork server too: nobody is left to say how it ended
        os.kill(pid, signal.SIGKILL)
    server.end(signal.SIGKILL)
    with Server(folder) as server:
        assert server.status(run) == "interrupted"
        assert points(server, run)[: len(shown)] == shown
        assert server.wait(run, "finished")["status"]["reason"]
        assert state(server, run)["attempt"] == 2
        assert points(server, run) == points(server, plain)
    assert_sound(folder, run)
