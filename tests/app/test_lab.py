"""The lives of runs, in servers that are killed, stopped and started again around them."""

import asyncio
import json
import os
import shutil
import signal
import time
from pathlib import Path

import pytest

from app.catalog_db import Catalogue
from app.lab import Lab
from app.life import MAX_RESUMES, Status
from app.reconcile import finds_alive, look_back, provisional
from app.run import Run
from app.run_folder import new_folder
from app.workers.local import LocalWorkers
from app.workers.process import Process
from tests.server import ENDLESS, OVER, QUICK, Server
from tests.waiting import wait_for

LONG = ENDLESS["training"] | {"checkpoint_every": 0.2}
SAVES = ENDLESS | {"training": LONG}


@pytest.fixture
def folder(tmp_path: Path):
    data = tmp_path / "data"
    yield data
    for run in (data / "runs").glob("*"):
        if (process := Process.read(run)) and process.alive():
            process.send(signal.SIGKILL)


def state(server: Server, run: str) -> dict:
    return server.ask("GET", f"/api/runs/{run}")["state"]


def steps_of_loss(server: Server, run: str) -> list[int]:
    return server.ask("GET", f"/api/runs/{run}/series?names=loss.data&width=20000")["series"]["loss.data"]["step"]


def test_only_so_many_train_at_once_and_the_rest_has_a_place_in_the_queue(folder):
    with Server(folder, "--max-running", "1") as server:
        first, second, third = (server.launch(ENDLESS) for _ in range(3))
        server.wait(first, "running")
        assert [server.card(one)["status"]["position"] for one in (first, second, third)] == [None, 1, 2]
        server.command(second, type="stop")
        assert server.status(second) == "stopped"
        assert server.card(third)["status"]["position"] == 1
        server.command(first, type="stop")
        server.wait(third, "running")
        assert not (folder / "runs" / second / "trainer.json").exists()


def test_when_the_server_is_killed_trainers_go_on_and_the_next_server_takes_over(folder):
    server = Server(folder).start()
    lives, dies = server.launch(ENDLESS), server.launch(SAVES)
    server.wait_for_step(lives)
    server.wait_for_step(dies)
    trainer, killed = server.trainer(lives), server.trainer(dies)
    server.end(signal.SIGKILL)
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: (folder / "runs" / dies / "exit.json").exists())
    with Server(folder) as server:
        card = server.wait(lives, "running", within_s=5)
        assert server.trainer(lives) == trainer
        server.wait_for_step(lives, card["step"] + 20)
        server.command(lives, type="pause")
        server.wait(lives, "paused")
        server.stop(lives)
        assert state(server, lives)["attempt"] == 1
        wait_for(lambda: state(server, dies)["attempt"] == 2)


def test_a_killed_trainer_is_interrupted_with_the_cause_and_goes_on_from_its_checkpoint(server):
    run = server.launch(SAVES)
    wait_for(lambda: state(server, run)["checkpoints"])
    os.kill(server.trainer(run), signal.SIGKILL)
    card = server.wait(run, "interrupted", within_s=2)
    assert card["status"]["reason"] == "killed, signal 9 (SIGKILL)"
    assert "time 1 of 5" in card["status"]["hint"]
    before = card["step"]
    wait_for(lambda: state(server, run), lambda now: now["attempt"] == 2 and now["step"] > before + 10)
    started = [one for one in state(server, run)["marks"] if one["kind"] == "attempt"]
    assert started[0]["step"] > 0
    server.stop(run)
    steps = steps_of_loss(server, run)
    assert steps == list(range(1, len(steps) + 1))


def left_behind(settings, *, resumes: int = 0, exit_file: str = "") -> Run:
    """Return a run whose trainer is gone, and which was looked back at."""
    settings.runs_dir.mkdir(parents=True)

    async def dies() -> Run:
        catalogue = Catalogue(settings.catalogue_url)
        lab = Lab(settings, catalogue, LocalWorkers(settings.data_dir / "forkserver.txt"))
        folder = new_folder(settings.runs_dir, QUICK)
        known = {"pid": 1, "start_time": 0, "boot_id": "an earlier boot", "attempt": 1, "resumes": resumes}
        (folder / "trainer.json").write_text(json.dumps(known))
        if exit_file:
            (folder / "exit.json").write_text(exit_file)
        row = {"name": "", "by": "", "created": 0.0, "wanted": True, "status": {"name": "running"}}
        run = Run(lab, folder, row)
        assert not finds_alive(run)
        run.standing = provisional(run.standing)
        assert run.standing.name == "interrupted"
        await look_back(lab, run, Status("running"))
        await lab.close()
        catalogue.close()
        return run

    return asyncio.run(dies())


@pytest.mark.parametrize(("resumes", "wanted"), [(0, True), (MAX_RESUMES - 1, True), (MAX_RESUMES, False)])
def test_after_five_resumes_a_run_is_left_alone(settings, resumes, wanted):
    run = left_behind(settings, resumes=resumes)
    assert (run.standing.name, run.wanted) == ("interrupted", wanted)
    assert run.standing.reason == "reboot: the machine was started anew"


@pytest.mark.parametrize("exit_file", ["[]", "3", "null", '"killed"', '{"attempt": 1', '{"attempt": 2}', "{}"])
def test_an_exit_file_that_says_nothing_leaves_the_cause_unknown(settings, exit_file):
    run = left_behind(settings, exit_file=exit_file)
    assert (run.standing.name, run.standing.reason) == ("interrupted", "reboot: the machine was started anew")


def test_a_run_whose_folder_makes_no_sense_is_interrupted_and_never_stands_as_training(settings, monkeypatch):
    monkeypatch.setattr(Process, "same_boot", lambda process: True)
    run = left_behind(settings, exit_file='{"attempt": 1, "out_of_memory": true, "peak_bytes": "many"}')
    assert run.standing.name == "interrupted"
    assert run.standing.reason == "what its trainer left behind cannot be read (TypeError)"
    assert str(run.folder) in run.standing.hint


def test_a_server_that_is_asked_to_end_lets_its_trainers_save_and_they_go_on_at_the_next_start(folder):
    server = Server(folder).start()
    run = server.launch(ENDLESS)
    server.wait_for_step(run, 5)
    assert server.end(signal.SIGTERM) == 0
    assert json.loads((folder / "runs" / run / "exit.json").read_text())["code"] == 0
    assert not Process.read(folder / "runs" / run).alive()
    with Server(folder) as server:
        now = wait_for(lambda: state(server, run), lambda now: now["attempt"] == 2)
        assert next(one for one in now["marks"] if one["kind"] == "attempt")["step"] > 0


def test_a_run_s_folder_that_is_copied_in_appears_and_stays(server, folder):
    run = server.launch(QUICK)
    before = server.wait(run, "finished")
    shutil.copytree(server.folder / "runs" / run, folder / "runs" / run)
    (folder / "runs" / "notes").mkdir()
    for _ in range(2):
        with Server(folder) as other:
            card = other.wait(run, "finished")
            assert {key: card[key] for key in ("name", "metrics", "step", "steps", "spark")} == {
                key: before[key] for key in ("name", "metrics", "step", "steps", "spark")
            }
            assert len(steps_of_loss(other, run)) == before["steps"]


def test_a_stopped_run_can_go_on_as_a_new_attempt(server):
    run = server.launch(ENDLESS)
    server.wait_for_step(run, 5)
    server.stop(run)
    before = server.card(run)["step"]
    server.ask("POST", f"/api/runs/{run}/restart")
    card = wait_for(lambda: server.card(run), lambda card: card["step"] > before + 5)
    assert card["status"]["name"] == "running"
    assert state(server, run)["attempt"] == 2
    server.stop(run)


def test_a_stopped_run_goes_on_when_it_is_asked_to_after_the_server_was_started_anew(folder):
    with Server(folder) as server:
        run = server.launch(ENDLESS)
        server.wait_for_step(run, 5)
        server.stop(run)
        before = server.card(run)["step"]
    with Server(folder) as server:
        server.ask("POST", f"/api/runs/{run}/restart")
        assert server.wait_for_step(run, before + 5)["status"]["name"] == "running"
        assert state(server, run)["attempt"] == 2
        server.stop(run)


def test_a_run_that_waits_in_the_queue_for_its_second_attempt_is_started_by_the_next_server(folder):
    with Server(folder, "--max-running", "1", LIVEFIT_STOP_WITHIN_S="1") as server:
        run = server.launch(ENDLESS)
        server.wait_for_step(run, 5)
        server.stop(run)
        before = server.card(run)["step"]
        other = server.launch(ENDLESS)
        server.wait(other, "running")
        server.ask("POST", f"/api/runs/{run}/restart")
        assert server.status(run) == "queued"
    with Server(folder, "--max-running", "2") as server:
        server.wait_for_step(run, before + 5)
        assert state(server, run)["attempt"] == 2
        server.stop(run)
        server.stop(other)


def test_a_run_that_is_restarted_before_it_goes_on_by_itself_is_started_once(server):
    run = server.launch(SAVES)
    server.wait_for_step(run, 5)
    os.kill(server.trainer(run), signal.SIGKILL)
    before = server.wait(run, "interrupted", within_s=2)["step"]
    server.ask("POST", f"/api/runs/{run}/restart")
    # 400 steps at 200 a second: by then the pause before it goes on by itself is over
    assert server.wait_for_step(run, before + 400)["status"]["name"] == "running"
    server.stop(run)
    assert state(server, run)["attempt"] == 2


def test_a_trainer_that_does_not_hear_is_ended_all_the_same(server):
    run = server.launch(ENDLESS)
    server.wait_for_step(run)
    os.kill(server.trainer(run), signal.SIGSTOP)
    server.command(run, type="stop")
    card = server.wait(run, *OVER)
    assert card["status"]["name"] == "stopped"
    assert "SIGKILL" in card["status"]["reason"]


def test_a_server_ends_in_time_although_a_trainer_does_not_hear(folder):
    server = Server(folder).start()
    run = server.launch(ENDLESS)
    server.wait_for_step(run)
    os.kill(server.trainer(run), signal.SIGSTOP)
    began = time.monotonic()
    assert server.end(signal.SIGTERM) == 0
    assert time.monotonic() - began < 15  # it is 6; 10 are promised, and this machine may be busy
    assert not Process.read(folder / "runs" / run).alive()


def test_two_servers_never_share_a_data_folder(folder):
    with Server(folder) as server:
        second = Server(folder)
        with pytest.raises(AssertionError, match=f"pid {server.process.pid}"):
            second.start()
        assert second.process.wait(5) == 1
        second.process.stdout.close()
        second._log.close()


def test_trainers_outlive_the_fork_server_and_a_new_one_starts(server):
    run = server.launch(ENDLESS)
    server.wait_for_step(run)
    trainer = server.trainer(run)
    parent = int(Path(f"/proc/{trainer}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(parent, signal.SIGKILL)
    server.wait_for_step(run, server.card(run)["step"] + 20)
    second = server.launch(QUICK)
    server.wait(second, "finished")
    assert server.trainer(run) == trainer
    assert "the fork server ended (-9)" in server.errors()
    server.stop(run)
