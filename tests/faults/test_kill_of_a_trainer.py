"""kill -9 of a trainer at any step: interrupted within 2 s with the cause; the curve has no gap and no duplicate."""

import os
import random
import signal

import pytest

from app.workers.process import Process
from tests.ill import STEADY, assert_sound, points, stands, state, uninterrupted
from tests.server import Server
from tests.waiting import wait_for


@pytest.mark.parametrize("seed", [1, 2])
def test_a_trainer_that_is_killed_at_random_steps_trains_the_same_curve_bit_for_bit(server, seed):
    plain = server.launch(uninterrupted(STEADY))
    server.wait(plain, "finished")
    chance = random.Random(seed)
    run, last = server.launch(STEADY), 0
    for kills in (1, 2):
        last = max(last + chance.randint(15, 70), state(server, run)["step"] + 1)
        card = server.wait_for_step(run, last)
        attempt = wait_for(lambda: state(server, run)["attempt"])
        os.kill(server.trainer(run), signal.SIGKILL)
        card = server.wait(run, "interrupted", within_s=2)
        assert card["status"]["reason"] == "killed, signal 9 (SIGKILL)"
        assert card["status"]["again_at"] > card["status"]["since"]
        assert attempt == kills
        wait_for(lambda now=kills: state(server, run)["attempt"] == now + 1)
    server.wait(run, "finished")
    steps = [step for step, _ in points(server, run)]
    assert steps == list(range(1, len(steps) + 1))
    assert points(server, run) == points(server, plain)
    assert server.card(run)["metrics"] == server.card(plain)["metrics"]
    assert_sound(server.folder, run)


def test_an_attempt_that_catches_up_is_resuming_until_it_has_come_to_where_the_one_before_was(server):
    run = server.launch(STEADY | {"training": STEADY["training"] | {"checkpoint_steps": 0, "epochs": 200}})
    server.wait_for_step(run, 120)
    os.kill(server.trainer(run), signal.SIGKILL)
    before = server.wait(run, "interrupted")["step"]
    status = server.wait(run, "resuming")["status"]
    assert "pause" in status["actions"]
    wait_for(lambda: stands(server, run)["reason"] == f"catches up to step {before:,}")
    assert server.wait(run, "running")["step"] >= before
    server.stop(run)
    assert_sound(server.folder, run)


def test_a_run_that_dies_again_and_again_without_getting_further_is_left_alone_also_across_servers(folder):
    never_saves = STEADY | {"training": STEADY["training"] | {"checkpoint_steps": 0, "epochs": 2000}}

    def die(server: Server) -> dict:
        process = wait_for(lambda: Process.read(folder / "runs" / run), lambda found: found and found.alive())
        process.send(signal.SIGKILL)
        return wait_for(lambda: stands(server, run), lambda now: now["name"] == "interrupted")

    with Server(folder) as server:
        run = server.launch(never_saves)
        assert "time 1 of 5" in die(server)["hint"]
        assert "time 2 of 5" in die(server)["hint"]
        server.end(signal.SIGKILL)
    with Server(folder) as server:
        assert "time 3 of 5" in die(server)["hint"]
        assert "time 4 of 5" in die(server)["hint"]
        assert "time 5 of 5" in die(server)["hint"]
        assert "It died 6 times without getting further" in die(server)["hint"]
        assert stands(server, run)["again_at"] is None
        server.ask("POST", f"/api/runs/{run}/restart")
        assert "time 1 of 5" in die(server)["hint"]
        server.stop(run)
    assert_sound(folder, run)
