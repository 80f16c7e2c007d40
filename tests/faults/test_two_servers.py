"""Two servers on one data folder: the second refuses and names the first's pid; nothing is harmed."""

import os
import signal
import subprocess

from tests.ill import assert_sound
from tests.server import ENDLESS, ROOT, Server


def test_the_second_refuses_names_the_first_and_harms_nothing(folder):
    with Server(folder) as server:
        run = server.launch(ENDLESS)
        server.wait_for_step(run)
        trainer = server.trainer(run)
        second = Server(folder)
        tried = subprocess.run(second._command, cwd=ROOT, env=second._env, capture_output=True, text=True, timeout=30)
        assert tried.returncode == 1
        assert f"Another Livefit (pid {server.process.pid}) already works on the data folder {folder}" in tried.stderr
        assert "Traceback" not in tried.stderr
        server.wait_for_step(run, server.card(run)["step"] + 20)
        assert server.trainer(run) == trainer
        server.stop(run)
    assert_sound(folder, run)


def test_the_lock_of_a_killed_server_holds_nobody_up_though_its_fork_server_and_trainer_live_on(folder):
    server = Server(folder).start()
    run = server.launch(ENDLESS)
    server.wait_for_step(run)
    server.end(signal.SIGKILL)
    os.kill(server.trainer(run), 0)
    with Server(folder) as server:
        server.wait(run, "running")
        server.stop(run)
    assert_sound(folder, run)
