"""Disk full: the server lives, nothing is torn, a banner says it, launches are refused, and all goes on by itself.

On a real file system of 8 MB. Where none may be mounted these tests are skipped, and one still runs: a short write
made by RLIMIT_FSIZE.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.verify import verify
from tests.faults.disks import Filler, small_disk
from tests.page_socket import Browser
from tests.server import ENDLESS, QUICK, ROOT, Server
from tests.waiting import wait_for
from trainer.protocol import Change, Marked, Measured
from trainer.runlog import LogWriter, NotWritten, read_all

SAVES = ENDLESS | {"name": "saves", "training": ENDLESS["training"] | {"checkpoint_every": 0.5}}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk") as mounted:
        yield mounted


@pytest.fixture
def server(disk: Path) -> Iterator[Server]:
    with Server(disk / "data", "--max-running", "1", LIVEFIT_STOP_WITHIN_S="1") as running:
        yield running
        for card in running.ask("GET", "/api/runs")["runs"]:
            if card["status"]["name"] == "queued":
                running.stop(card["id"])
        for card in running.ask("GET", "/api/runs")["runs"]:
            running.stop(card["id"])


def log_of(server: Server, run: str) -> Path:
    return server.folder / "runs" / run / "events-1.log"


def waits(server: Server, run: str, filler: Filler) -> None:
    """Return once the trainer has met the full disk: its log grows no more, and its last frame is whole."""
    before = -1
    while (size := log_of(server, run).stat().st_size) != before:
        before = size
        filler.fill()
        wait_for(lambda: server.card(run)["step"], within_s=5)
        server.http.get("/healthz")
        _pass(1.0)
    ends = [one.end for _, one in read_all(log_of(server, run))]
    assert ends[-1] == size, "the log ends in the middle of a frame"


def _pass(seconds: float) -> None:
    # there is nothing to wait for: that nothing happens is what is looked at
    subprocess.run(["sleep", str(seconds)], check=True)


def fork_server(server: Server) -> list[str]:
    """Return the server's children; its threads start them."""
    tasks = Path(f"/proc/{server.process.pid}/task").glob("*/children")
    return [pid for one in tasks for pid in one.read_text().split()]


def state(server: Server, run: str) -> dict:
    return server.ask("GET", f"/api/runs/{run}")["state"]


def test_disk_full_the_training_waits_and_goes_on_by_itself_when_space_returns(disk, server):
    run = server.launch(SAVES)
    server.wait_for_step(run, 100)
    pid = server.trainer(run)
    with Filler(disk) as filler:
        waits(server, run, filler)
        stood = server.card(run)["step"]
        _pass(3.0)
        assert server.card(run)["step"] == stood
        assert server.status(run) in ("running", "stalled")
    server.wait_for_step(run, stood + 100)
    assert server.trainer(run) == pid
    told = wait_for(lambda: [one["text"] for one in state(server, run)["marks"] if one["kind"] == "disk"])
    assert any("The disk took nothing for" in text and "nothing was lost" in text for text in told)
    server.stop(run)
    steps = [step for entry, _ in read_all(log_of(server, run)) if isinstance(entry.said, Measured)
             if entry.said.probe == "loss" for step in memoryview(entry.said.steps).cast("q")]  # fmt: skip
    assert steps == list(range(1, len(steps) + 1))
    assert verify(server.folder / "runs" / run).said == []


def test_disk_full_the_server_lives_says_so_and_refuses_launches(disk, server):
    run = server.launch(ENDLESS)
    rests = server.wait_for_step(run, 100)["id"]
    with Browser(server) as page:
        with Filler(disk) as filler:
            waits(server, run, filler)
            assert page.hear("disk")["free"] == 0
            for path in ("/", "/new", f"/runs/{rests}", "/storage", "/api/storage", "/healthz"):
                assert server.http.get(path).status_code == 200, path
            refused = server.ask("POST", "/api/runs", QUICK, expect=507)
            assert "0 MiB are free" in refused["detail"]
            assert "queued runs go on by themselves" in refused["hint"]
        assert page.hear("disk", until=lambda told: told["free"] is None)
    assert server.launch(QUICK)


def test_disk_full_a_launch_is_refused_while_less_than_a_twentieth_is_free(disk, server):
    with Filler(disk, leave=300_000):  # of 8 MB 5 % are 419,430
        refused = server.ask("POST", "/api/runs", QUICK, expect=507)
        assert refused["title"] == "The disk is nearly full"
        assert not list((server.folder / "runs").iterdir())
    server.wait(server.launch(QUICK), "finished")


def test_disk_full_queued_runs_wait_and_start_by_themselves(disk, server):
    first, second = server.launch(ENDLESS), server.launch(QUICK)
    server.wait_for_step(first)
    forks = fork_server(server)
    with Filler(disk) as filler:
        waits(server, first, filler)
        server.http.post(f"/api/runs/{first}/commands", json={"type": "stop"})
        server.wait(first, "stopped")  # although neither command nor checkpoint could be written
        assert server.status(second) == "queued"
    server.wait(second, "finished", within_s=30)
    assert fork_server(server) == forks, "the fork server died of what it could not write down"


def test_disk_full_a_command_that_cannot_be_written_is_refused_in_a_sentence(disk, server):
    run = server.launch(ENDLESS)
    server.wait_for_step(run)
    change = {"type": "change", "target": "optimizer", "field": "lr", "value": 0.01}
    with Filler(disk) as filler:
        waits(server, run, filler)
        refused = server.ask("POST", f"/api/runs/{run}/commands", change, expect=507)
        assert refused["detail"] == "The command cannot be written: No space left on device."
        with Browser(server) as page:
            page.say(type="command", run=run, ref="c1", command=change)
            assert page.hear("problem")["detail"] == refused["detail"]
    server.command(run, **change)
    changed = wait_for(lambda: [one for one in state(server, run)["marks"] if one["kind"] == "change"])
    assert [(one["field"], one["new"]) for one in changed] == [("lr", 0.01)]
    commands = [entry.said for entry, _ in read_all(server.folder / "runs" / run / "commands.log")]
    assert [type(one) for one in commands] == [Change]


def test_disk_full_a_checkpoint_that_cannot_be_written_is_marked_and_the_next_one_is_tried(disk, server):
    run = server.launch(SAVES)
    wait_for(lambda: state(server, run)["checkpoints"])
    checkpoints = server.folder / "runs" / run / "checkpoints"
    with Filler(disk) as filler:
        # room for the log, and for no checkpoint
        os.truncate(filler.path, filler.path.stat().st_size - 24 * 1024)
        there = set(checkpoints.glob("step-*"))
        told = wait_for(lambda: [one for one in state(server, run)["marks"] if one["kind"] == "disk"])
        assert told[0]["text"].startswith("No checkpoint could be written: No space left on device.")
        assert there & set(checkpoints.glob("step-*")), "those that were there are gone"
        assert server.status(run) == "running"
    failed_at = told[0]["step"]
    wait_for(lambda: [one for one in state(server, run)["checkpoints"] if one["step"] > failed_at])
    server.stop(run)
    assert not list(checkpoints.glob(".*"))
    assert verify(server.folder / "runs" / run).said == []


def test_disk_full_a_run_that_ends_waits_with_its_last_checkpoint(disk, server):
    run = server.launch(QUICK | {"training": QUICK["training"] | {"epochs": 8, "speed": 20.0}})
    server.wait_for_step(run, 5)
    with Filler(disk) as filler:
        os.truncate(filler.path, filler.path.stat().st_size - 24 * 1024)
        (told,) = wait_for(lambda: [one for one in state(server, run)["marks"] if one["kind"] == "disk"])
        assert told["text"].startswith("The last checkpoint could not be written: No space left on device.")
        assert server.status(run) == "running"
    server.wait(run, "finished")
    assert verify(server.folder / "runs" / run).sound == 1


def test_disk_full_the_trash_can_be_emptied(disk, server):
    gone, stays = server.launch(QUICK), server.launch(QUICK)
    for run in (gone, stays):
        server.wait(run, "finished")
    server.ask("DELETE", f"/api/runs/{gone}")
    with Filler(disk):
        refused = server.ask("DELETE", f"/api/runs/{stays}", expect=507)
        assert "disk is full" in refused["detail"]
        assert server.status(stays) == "finished"
        freed = server.ask("POST", "/api/storage/free", {"trash": True})
        assert freed["frees"] > 50_000
        assert not (server.folder / "runs" / gone).exists()
        server.ask("DELETE", f"/api/runs/{stays}")
    assert [one["id"] for one in server.ask("GET", "/api/storage")["trash"]] == [stays]


def test_disk_full_the_short_write_leaves_no_torn_middle(disk, monkeypatch):
    written, really = [], os.write
    log = LogWriter(disk / "events-1.log")
    frame_of = len(_frame_with(0))
    log.append([Marked(kind="best", text="x" * (4096 - 544 - frame_of))])
    assert log.path.stat().st_size == 4096 - 544  # a page of the disk holds 544 bytes more
    with Filler(disk):
        monkeypatch.setattr(os, "write", lambda file, data: written.append(really(file, data)) or written[-1])
        with pytest.raises(NotWritten) as error:
            log.append([Marked(kind="best", text="y" * (1016 - frame_of))])
        assert written == [544]
        assert error.value.written == 0
        assert log.path.stat().st_size == 4096 - 544
        monkeypatch.undo()
    log.append([Marked(kind="best", text="y" * (1016 - frame_of))])
    log.close()
    assert [(entry.seq, entry.said.text[0]) for entry, _ in read_all(log.path)] == [(1, "x"), (2, "y")]


def _frame_with(letters: int) -> bytes:
    from trainer.protocol import Entry, encode
    from trainer.runlog import frame

    # from 256 letters on a text says its length in two bytes more than an empty one
    return frame(encode(Entry(1, 1.5, Marked(kind="best", text="x" * letters)))) + bytes(2)


SHORT_BY_LIMIT = """
import os, resource, sys
from pathlib import Path
from trainer.protocol import Marked
from trainer.runlog import LogWriter, NotWritten
log = LogWriter(Path(sys.argv[1]))
log.append([Marked(kind="best", text="x")])
size = log.path.stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 544, resource.RLIM_INFINITY))
try:
    log.append([Marked(kind="best", text="y" * 980)])
except NotWritten as error:
    print(error.errno, error.written, log.path.stat().st_size - size)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
log.append([Marked(kind="best", text="z")])
log.close()
"""


def test_disk_full_the_short_write_where_nothing_may_be_mounted(tmp_path):
    log = tmp_path / "events-1.log"
    told = subprocess.run(
        [sys.executable, "-c", SHORT_BY_LIMIT, str(log)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["27", "0", "0"]  # EFBIG, nothing of it in the log for good
    assert [(entry.seq, entry.said.text) for entry, _ in read_all(log)] == [(1, "x"), (2, "z")]
