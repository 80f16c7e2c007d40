"""The fork server as a process of its own: what it answers, and that it tells how a trainer ended."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.waiting import wait_for
from trainer.protocol import Measured
from trainer.runlog import read_all

ROOT = Path(__file__).parents[2]
SPEC = {
    "dataset": {"name": "circle"},
    "model": {"name": "mlp", "params": {"hidden": [4]}},
    "training": {"epochs": 100_000, "speed": 200.0},
}


class Asker:
    """The web server's end of the socket."""

    def __init__(self, env: dict[str, str]):
        self.ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "trainer.forkserver", "--fd", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                cwd=ROOT,
                env=os.environ | env,
            )

    def ask(self, **request: object) -> dict:
        reading, writing = os.pipe()
        socket.send_fds(self.ours, [json.dumps(request).encode()], [writing])
        os.close(writing)
        with os.fdopen(reading) as answer:
            return json.loads(answer.read().rpartition("\n")[2])


@pytest.fixture(scope="module")
def server():
    asker = Asker({})
    assert asker.ask(do="ready") == {"ready": True}
    yield asker
    asker.ours.close()
    assert asker.process.wait(10) == 0


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "spec.json").write_text(json.dumps(SPEC))
    return tmp_path


def exit_of(folder: Path) -> dict:
    wait_for(lambda: (folder / "exit.json").exists())
    return json.loads((folder / "exit.json").read_text())


def trains(folder: Path) -> bool:
    log = folder / "events-1.log"
    return log.exists() and any(isinstance(entry.said, Measured) for entry, _ in read_all(log))


def test_the_catalogue_is_described(server):
    schemas = server.ask(do="describe")
    assert {"sgd", "adam"} <= schemas["optimizers"].keys()
    assert "epochs" in schemas["training"]["properties"]


def test_a_plan_is_made_in_a_child(server):
    assert server.ask(do="plan", spec=SPEC)["plan"]["parameters"] > 0


def test_a_wrong_spec_is_answered_with_its_problems(server):
    problems = server.ask(do="plan", spec={"optimizer": {"name": "sgdd"}})["problems"]
    assert problems[0]["path"] == "optimizer.name"
    assert "'sgd'" in problems[0]["message"]


def test_a_killed_trainer_leaves_its_signal(server, folder):
    known = server.ask(do="train", run=str(folder), attempt=1)
    assert json.loads((folder / "trainer.json").read_text()) == known
    wait_for(lambda: trains(folder))
    os.kill(known["pid"], signal.SIGKILL)
    how = exit_of(folder)
    assert (how["code"], how["signal"], how["attempt"], how["out_of_memory"]) == (None, signal.SIGKILL, 1, False)


def test_a_trainer_that_is_asked_to_go_leaves_code_0(server, folder):
    known = server.ask(do="train", run=str(folder), attempt=1)
    wait_for(lambda: trains(folder))
    os.kill(known["pid"], signal.SIGTERM)
    assert exit_of(folder)["code"] == 0


def test_a_trainer_that_could_not_be_found_again_is_not_left_alone(server, folder):
    (folder / "trainer.partial").mkdir()
    told = server.ask(do="train", run=str(folder), attempt=1)
    assert "trainer.json cannot be written" in told["problems"][0]["message"]
    assert exit_of(folder)["signal"] == signal.SIGKILL
    assert server.ask(do="ready") == {"ready": True}


def test_a_request_whose_pipe_did_not_arrive_harms_nothing(server):
    server.ours.send(json.dumps({"do": "ready"}).encode())
    assert server.ask(do="ready") == {"ready": True}


def test_a_trainer_leads_a_session_of_its_own(server, folder):
    pid = server.ask(do="train", run=str(folder), attempt=1)["pid"]
    wait_for(lambda: trains(folder))
    assert os.getsid(pid) == os.getpgid(pid) == pid
    os.kill(pid, signal.SIGKILL)
    exit_of(folder)


def test_a_folder_without_a_spec_ends_with_code_2(server, tmp_path):
    server.ask(do="train", run=str(tmp_path), attempt=1)
    assert exit_of(tmp_path)["code"] == 2
    assert "spec.json" in (tmp_path / "output.txt").read_text()


def test_it_stays_until_its_last_trainer_has_ended(folder):
    asker = Asker({})
    known = asker.ask(do="train", run=str(folder), attempt=3)
    wait_for(lambda: trains(folder))
    asker.ours.close()
    with pytest.raises(subprocess.TimeoutExpired):
        asker.process.wait(0.2)
    os.kill(known["pid"], signal.SIGTERM)
    assert asker.process.wait(10) == 0
    assert exit_of(folder)["attempt"] == 3
