"""kill -9 of the server in mid-run: training does not notice, and the next server adopts it within 5 s."""

import signal
import time

import pytest

from app.workers.process import Process
from tests.ill import STEADY, assert_sound, points, stands, state, uninterrupted
from tests.server import ENDLESS, Server
from tests.waiting import wait_for


def test_training_does_not_notice_and_the_next_server_has_every_step(folder):
    server = Server(folder).start()
    plain = server.launch(uninterrupted(STEADY))
    server.wait(plain, "finished")
    run = server.launch(STEADY | {"training": STEADY["training"] | {"speed": 25.0}})
    server.wait_for_step(run, 30)
    trainer = server.trainer(run)
    server.end(signal.SIGKILL)
    began = time.monotonic()
    server = Server(folder).start()
    assert server.status(run) == "running"  # its very first answer
    assert time.monotonic() - began < 5
    assert server.trainer(run) == trainer
    server.wait(run, "finished")
    assert state(server, run)["attempt"] == 1
    assert points(server, run) == points(server, plain)
    server.end()
    assert_sound(folder, run)


def test_a_paused_run_is_adopted_as_paused(folder):
    server = Server(folder).start()
    run = server.launch(ENDLESS)
    server.wait_for_step(run)
    server.command(run, type="pause")
    server.wait(run, "paused")
    server.end(signal.SIGKILL)
    with Server(folder) as server:
        assert server.status(run) == "paused"
        server.command(run, type="resume")
        server.wait(run, "running")
        server.stop(run)
    assert_sound(folder, run)


@pytest.mark.parametrize("asked", ["stop", "kill"])
def test_no_run_stands_as_running_whose_trainer_ended_while_no_server_looked(folder, asked):
    server = Server(folder).start()
    run = server.launch(STEADY | {"training": STEADY["training"] | {"epochs": 100}})
    server.wait_for_step(run, 25)
    process = Process.read(folder / "runs" / run)
    if asked == "stop":
        server.command(run, type="stop")
    server.end(signal.SIGKILL)
    if asked == "kill":
        process.send(signal.SIGKILL)
    wait_for(lambda: not process.alive())
    with Server(folder) as server:
        status = stands(server, run)  # the very first answer
        if asked == "stop":
            assert status["name"] == "stopped"
        else:
            assert status["name"] in ("interrupted", "queued", "resuming")
            assert "signal 9" in status["reason"] or status["name"] == "resuming"
            wait_for(lambda: state(server, run)["attempt"] == 2)
            server.stop(run)
    assert_sound(folder, run)


def test_a_stop_that_the_killed_server_had_passed_on_is_seen_through_by_the_next(folder):
    server = Server(folder, LIVEFIT_STOP_WITHIN_S="1").start()
    run = server.launch(ENDLESS)
    server.wait_for_step(run)
    process = Process.read(folder / "runs" / run)
    process.send(signal.SIGSTOP)
    server.command(run, type="stop")
    server.end(signal.SIGKILL)
    with Server(folder, LIVEFIT_STOP_WITHIN_S="1") as server:
        server.wait(run, "stopped", within_s=10)
        assert not process.alive()
    assert_sound(folder, run)
