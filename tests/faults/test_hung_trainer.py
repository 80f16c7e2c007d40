"""Hung trainer: "stalled: no step for T", its stacks on request, and a stop that ends in SIGKILL of the group."""

import os
import signal
import time

import pytest

from app.workers.process import Process
from tests.ill import assert_sound, stands
from tests.server import ENDLESS, Server
from tests.waiting import wait_for

HANGS = '''"""Hangs at its 20th step."""

import re
import signal
import threading
import time

from trainer.regularizers import Regularizer


def turn_forever_in_c():
    re.match(r"(a+)+$", "a" * 60 + "b")  # takes some thousand years, and gives nobody the interpreter


def wait_for_itself():
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def ignore_who_asks():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(1)


def step_slowly():
    time.sleep(0.5)


class Hangs(Regularizer):
    """Hangs at its 20th step.

    Source: none.
    """

    steps = 0

    def on_gradients(self, model, step):
        self.steps += 1
        if self.steps {when} 20:
            {how}()
'''


def plant(tree, how: str, when: str = "==") -> dict:
    (tree / "trainer" / "regularizers" / "hangs.py").write_text(HANGS.format(how=how, when=when))
    return ENDLESS | {"regularizers": {"hangs": {"enabled": True}}}


@pytest.mark.parametrize("how", ["turn_forever_in_c", "wait_for_itself", "ignore_who_asks"])
def test_a_trainer_that_hangs_is_stalled_shows_its_stacks_and_is_stopped(tree, folder, how):
    spec = plant(tree, how)
    with Server(folder, tree=tree, LIVEFIT_STALLED_AFTER_S="1", LIVEFIT_STOP_WITHIN_S="1") as server:
        run = server.launch(spec)
        status = server.wait(run, "stalled", within_s=30)["status"]
        assert status["reason"].startswith("no step for ")
        assert {"stop", "stacks"} <= set(status["actions"])
        text = server.ask("POST", f"/api/runs/{run}/stacks")["text"]
        assert how in text
        assert "on_gradients" in text
        assert "trainer/loop.py" in text
        process = Process.read(folder / "runs" / run)
        began = time.monotonic()
        server.command(run, type="stop")
        status = server.wait(run, "stopped", within_s=10)["status"]
        assert time.monotonic() - began < 4  # SIGTERM at once, and SIGKILL a second later
        assert "SIGKILL" in status["reason"]
        assert not process.group()
    assert_sound(folder, run)


def test_a_trainer_that_is_stopped_by_a_signal_is_stalled_says_so_and_goes_on_when_it_may(server_of_one_second):
    server = server_of_one_second
    run = server.launch(ENDLESS)
    server.wait_for_step(run)
    trainer = server.trainer(run)
    os.kill(trainer, signal.SIGSTOP)
    server.wait(run, "stalled", within_s=10)
    text = server.ask("POST", f"/api/runs/{run}/stacks")["text"]
    assert f"The trainer (pid {trainer}) is stopped by a signal (SIGSTOP)" in text
    os.kill(trainer, signal.SIGCONT)
    card = server.wait(run, "running", within_s=2)
    server.wait_for_step(run, card["step"] + 10)
    server.stop(run)
    assert_sound(server.folder, run)


def test_a_trainer_that_never_takes_a_first_step_is_stalled_too(tree, folder):
    spec = plant(tree, "wait_for_itself", when="<=")
    with Server(folder, tree=tree, LIVEFIT_STALLED_AFTER_S="1", LIVEFIT_STOP_WITHIN_S="1") as server:
        run = server.launch(spec)
        server.wait(run, "stalled", within_s=30)
        server.command(run, type="stop")
        server.wait(run, "stopped", within_s=10)


def test_a_paused_run_is_not_stalled_until_it_is_asked_something_and_does_not_answer(server_of_one_second):
    server = server_of_one_second
    run = server.launch(ENDLESS)
    server.wait_for_step(run)
    server.command(run, type="pause")
    server.wait(run, "paused")
    time.sleep(2.5)
    assert server.status(run) == "paused"
    trainer = server.trainer(run)
    os.kill(trainer, signal.SIGSTOP)
    time.sleep(1.5)
    assert server.status(run) == "paused"
    server.command(run, type="change", target="optimizer", field="lr", value=0.02)
    assert server.wait(run, "stalled", within_s=10)["status"]["reason"].startswith("no answer for ")
    os.kill(trainer, signal.SIGCONT)
    server.wait(run, "paused", within_s=2)
    server.command(run, type="resume")
    server.wait(run, "running", within_s=2)
    server.stop(run)


def test_a_run_of_long_steps_is_not_stalled_and_neither_is_one_that_is_held_to_a_slow_pace(tree, folder):
    spec = plant(tree, "step_slowly", when="<=")
    with Server(folder, tree=tree, LIVEFIT_STALLED_AFTER_S="1.5") as server:
        slow = server.launch(spec | {"name": "slow"})
        crawls = server.launch(ENDLESS | {"training": ENDLESS["training"] | {"speed": 0.4}})
        server.wait_for_step(slow, 10)
        server.wait_for_step(crawls, 3)
        assert stands(server, slow)["name"] == stands(server, crawls)["name"] == "running"
        os.kill(server.trainer(slow), signal.SIGSTOP)
        wait_for(lambda: stands(server, slow)["name"] == "running")
        time.sleep(4)  # 8 steps' worth: over the 1.5 s, and below 20 steps
        assert stands(server, slow)["name"] == "running"
        os.kill(server.trainer(slow), signal.SIGCONT)
        assert "stalled" not in server.errors()
        server.stop(slow)
        server.stop(crawls)


@pytest.fixture
def server_of_one_second(folder):
    """A server for which a second without a step is too long."""
    with Server(folder, LIVEFIT_STALLED_AFTER_S="1", LIVEFIT_STOP_WITHIN_S="1") as server:
        yield server


def test_a_long_evaluation_is_no_silence(tree, folder):
    for path, now, then in (
        ("evaluate.py", "seen.append(network(inputs))", "seen.append(network(inputs)); __import__('time').sleep(0.4)"),
        ("evaluate.py", "ROWS_AT_ONCE = 4096", "ROWS_AT_ONCE = 32"),
        ("reporter.py", "BEAT_EVERY_S = 5.0", "BEAT_EVERY_S = 0.3"),
    ):
        source = (tree / "trainer" / path).read_text()
        assert now in source
        (tree / "trainer" / path).write_text(source.replace(now, then))
    with Server(folder, tree=tree, LIVEFIT_STALLED_AFTER_S="2") as server:
        run = server.launch(ENDLESS | {"training": ENDLESS["training"] | {"epochs": 1}})
        server.wait(run, "finished")  # 4 s and more between its last step and its end
        assert "stalled" not in server.errors()
    assert_sound(folder, run)
