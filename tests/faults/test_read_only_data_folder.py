"""Read-only data folder: pages and history go on, what cannot be done says why, and all goes on when it is mended."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.verify import verify
from tests.faults.disks import read_only, small_disk
from tests.page_socket import Browser
from tests.server import ENDLESS, QUICK, Server
from tests.waiting import wait_for
from trainer.protocol import Marked
from trainer.runlog import LogWriter, NotWritten, read_all

SAVES = ENDLESS | {"name": "saves", "training": ENDLESS["training"] | {"checkpoint_every": 0.5}}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with (
        small_disk(tmp_path / "disk", "64m") as disk,
        Server(disk / "data", "--max-running", "2", LIVEFIT_STOP_WITHIN_S="1") as running,
    ):
        yield running
        for card in running.ask("GET", "/api/runs")["runs"]:
            running.stop(card["id"])


def test_read_only_pages_and_history_go_on_and_what_cannot_be_done_says_why(server):
    run = server.launch(QUICK)
    server.wait(run, "finished")
    before = server.ask("GET", f"/api/runs/{run}/series?names=loss.data&width=20000")
    with Browser(server) as page:
        with read_only(server.folder.parent):
            assert page.hear("disk")["read_only"] is True
            for path in ("/", "/new", "/storage", "/docs", f"/runs/{run}", f"/api/runs/{run}/events", "/api/storage"):
                assert server.http.get(path).status_code == 200, path
            assert server.ask("GET", f"/api/runs/{run}/series?names=loss.data&width=20000") == before
            page.watch(run)
            launch = server.ask("POST", "/api/runs", QUICK, expect=503)
            assert launch["title"] == "The data folder cannot be written"
            assert "read-only" in launch["detail"]
            delete = server.ask("DELETE", f"/api/runs/{run}", expect=503)
            assert (delete["title"], server.status(run)) == ("The data folder cannot be written", "finished")
            freed = server.ask("POST", "/api/storage/free", {"runs": [run], "checkpoints": "all"})
            assert freed["frees"] == 0
            assert "Read-only file system" in freed["what"][0]["refused"]
        assert page.hear("disk")["read_only"] is False
    server.ask("DELETE", f"/api/runs/{run}")
    server.wait(server.launch(QUICK), "finished")
    assert verify(server.folder / "runs" / run).said == []


def test_read_only_a_trainer_goes_on_and_says_that_it_cannot_save(server):
    run = server.launch(SAVES)
    server.wait_for_step(run, 20)
    with read_only(server.folder.parent):
        marks = wait_for(lambda: [one for one in state(server, run)["marks"] if one["kind"] == "disk"])
        assert marks[0]["text"].startswith("No checkpoint could be written: Read-only file system.")
        server.wait_for_step(run, server.card(run)["step"] + 20)
        refused = server.http.post(f"/api/runs/{run}/commands", json={"type": "pause"})
        assert (refused.status_code, refused.json()["title"]) == (503, "The data folder cannot be written")
    wait_for(lambda: [one for one in state(server, run)["checkpoints"] if one["step"] > marks[0]["step"]])
    server.stop(run)
    assert verify(server.folder / "runs" / run).said == []


def state(server: Server, run: str) -> dict:
    return server.ask("GET", f"/api/runs/{run}")["state"]


def test_read_only_a_log_that_can_be_neither_written_nor_cut_goes_on_where_it_stood(tmp_path, monkeypatch):
    log = LogWriter(tmp_path / "events-1.log")
    log.append([Marked(kind="best", text="before")])
    with monkeypatch.context() as read_only_disk:
        really = os.write
        taken = iter([100])

        def write(file: int, data: bytes) -> int:
            if (some := next(taken, 0)) == 0:
                raise OSError(errno.EROFS, os.strerror(errno.EROFS))
            return really(file, data[:some])

        def ftruncate(file: int, size: int) -> None:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))

        read_only_disk.setattr(os, "write", write)
        read_only_disk.setattr(os, "ftruncate", ftruncate)
        for _ in range(2):
            with pytest.raises(NotWritten, match="Read-only file system"):
                log.append([Marked(kind="best", text="x" * 1000)])
    log.append([Marked(kind="best", text="after")])
    log.close()
    assert [(entry.seq, entry.said.text) for entry, _ in read_all(log.path)] == [(1, "before"), (2, "after")]
