"""What runs take on the disk, what may be freed of it and what not, and the budget."""

import os
import pkgutil
import signal
import time
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.disk import in_units, read_units
from app.settings import Settings
from app.sizes import Sizes
from app.storage import Storage
from app.trash import TRASH_S
from app.verify import verify
from tests.app.test_run import in_a_lab
from tests.page_socket import Browser
from tests.server import ENDLESS, QUICK, Server
from tests.waiting import wait_for

NOTHING = "01JD0000000000000000000000"
SAVES = ENDLESS | {"name": "saves", "training": ENDLESS["training"] | {"checkpoint_every": 0.2, "checkpoints_kept": 5}}
# looks often enough to have more than 128 captures of each tensor within seconds
WATCHED = ENDLESS | {
    "name": "watched",
    "probes": {"weights": {"enabled": True, "rate": 50}},
    "training": ENDLESS["training"] | {"budget": 0.5},
}


@pytest.fixture
def folder(server: Server) -> Path:
    return server.folder / "runs"


def rested(server: Server, spec: dict = QUICK) -> str:
    run = server.launch(spec)
    server.wait(run, "finished")
    wait_for((server.folder / "runs" / run / "exit.json").exists)  # the last that is written of it
    return run


def row(server: Server, run: str) -> dict:
    return next(one for one in server.ask("GET", "/api/storage")["runs"] if one["id"] == run)


def free(server: Server, **body) -> dict:
    preview = server.ask("POST", "/api/storage/preview", body)
    done = server.ask("POST", "/api/storage/free", body)
    assert done == preview, "what was done is not what was said before"
    return done


def test_a_run_is_counted_by_logs_checkpoints_and_the_rest(server, folder):
    run = rested(server)
    sizes = {one: one.stat().st_size for one in (folder / run).rglob("*") if one.is_file()}
    told = row(server, run)
    assert told["logs"] == sum(size for one, size in sizes.items() if one.suffix == ".log")
    assert told["checkpoints"] == sum(size for one, size in sizes.items() if "checkpoints" in one.parts)
    assert told["total"] == sum(sizes.values())
    report = server.ask("GET", "/api/storage")
    assert report["used"] >= told["total"]
    assert report["budget"] is None
    assert 0 < report["disk"]["floor"] < report["disk"]["total"]


def test_a_folder_that_rests_is_looked_at_once_and_again_when_something_was_added(tmp_path):
    (tmp_path / "events-1.log").write_bytes(bytes(10))
    sizes = Sizes()
    assert sizes.of(tmp_path, grows=False) == (10, 0, 0)
    with (tmp_path / "events-1.log").open("ab") as log:
        log.write(bytes(10))
    assert sizes.of(tmp_path, grows=False).logs == 10
    assert sizes.of(tmp_path, grows=True).logs == 20
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "one").write_bytes(bytes(5))
    assert sizes.of(tmp_path, grows=False) == (20, 5, 0)


def test_a_file_that_goes_while_the_data_folder_is_counted_takes_nothing(settings, monkeypatch):
    async def count(lab, run):
        storage, journal = Storage(lab), settings.data_dir / "catalogue.db-journal"
        (settings.data_dir / "derived").mkdir()
        (settings.data_dir / "derived" / "some.bin").write_bytes(bytes(10))
        await storage.count()
        before = lab.disk.used
        for looks in ("pathlib.Path.is_file", "app.storage.entries_of"):
            journal.write_bytes(bytes(512))
            monkeypatch.setattr(looks, goes_after(looks, journal))
            await storage.count()
        assert lab.disk.used == before
        assert (await storage.report())["used"] == before

    in_a_lab(settings, count)


def goes_after(looks: str, file: Path):
    """Return what `looks` is, but that a file that was seen is gone afterwards, as a journal of SQLite may be."""
    look = pkgutil.resolve_name(looks)

    def and_gone(path):
        found = look(path)
        if path in (file, file.parent):
            file.unlink(missing_ok=True)
        return found

    return and_gone


def test_old_checkpoints_go_and_the_newest_stays_from_which_the_run_goes_on(server, folder):
    run = server.launch(SAVES)
    server.command(run, type="save", name="mine")
    wait_for(lambda: len(list((folder / run / "checkpoints").glob("step-*"))) >= 4)
    os.kill(server.trainer(run), signal.SIGKILL)
    wait_for(lambda: state(server, run)["attempt"] == 2)
    server.wait_for_step(run, 400)
    server.stop(run)
    wait_for(lambda: not free_refused(server, run))
    before = row(server, run)
    done = free(server, runs=[run], checkpoints="old")
    assert done["frees"] > 0
    assert row(server, run)["checkpoints"] == before["checkpoints"] - done["frees"]
    names = [one["name"] for one in server.ask("GET", f"/api/runs/{run}/checkpoints")["checkpoints"]]
    assert sorted(names) == ["final", "mine"]
    assert verify(folder / run).said == []
    stood = server.card(run)["step"]
    server.ask("POST", f"/api/runs/{run}/restart")
    server.wait_for_step(run, stood + 10)
    server.stop(run)
    assert verify(folder / run).said == []


def free_refused(server: Server, run: str) -> list:
    told = server.ask("POST", "/api/storage/preview", {"runs": [run], "checkpoints": "old"})
    return [one for one in told["what"] if one["refused"]]


def state(server: Server, run: str) -> dict:
    return server.ask("GET", f"/api/runs/{run}")["state"]


def test_a_run_that_trains_is_not_touched(server, endless_run):
    told = free(server, runs=[endless_run], checkpoints="all", captures="thin")
    assert told["frees"] == 0
    assert {one["refused"].partition(",")[0] for one in told["what"]} == {"The run is running"}
    told = free(server, runs=[endless_run], delete=True)
    assert "cannot be asked to delete" in told["what"][0]["refused"]
    assert server.status(endless_run) == "running"


@pytest.fixture
def endless_run(server):
    run = server.launch(ENDLESS)
    server.wait_for_step(run)
    yield run
    server.stop(run)


def test_thinned_captures_leave_numbers_and_pages_that_watch_as_they_were(server, folder):
    run = server.launch(WATCHED)
    with Browser(server) as page:
        page.watch(run)
        wait_for(lambda: captures(folder / run) > 1000, within_s=60)
        server.stop(run)
        wait_for(lambda: not free_refused(server, run))
        series = server.ask("GET", f"/api/runs/{run}/series?width=20000")
        known = state(server, run)
        done = free(server, runs=[run], captures="thin")
        assert done["frees"] > 100_000
        assert server.ask("GET", f"/api/runs/{run}/series?width=20000") == series
        assert state(server, run) == known
        assert verify(folder / run).said == []
        assert server.ask("POST", "/api/storage/preview", {"runs": [run], "captures": "thin"})["what"] == []
        # the page that watched all the while hears of the next attempt
        server.ask("POST", f"/api/runs/{run}/restart")
        page.event("started", until=lambda event: event["attempt"] == 2)
        server.stop(run)
    assert verify(folder / run).said == []


def captures(folder: Path) -> int:
    return sum(one.stat().st_size for one in folder.glob("events-*.log")) // 700


def test_a_deleted_run_is_in_the_trash_until_when_and_goes_for_good_when_that_is_emptied(server, folder):
    run = rested(server)
    done = server.ask("POST", "/api/storage/free", {"runs": [run], "delete": True})
    assert (done["frees"], done["later"] > 0) == (0, True)
    in_trash = next(one for one in server.ask("GET", "/api/storage")["trash"] if one["id"] == run)
    assert in_trash["gone_at"] == in_trash["deleted_at"] + TRASH_S
    assert in_trash["total"] == done["later"]
    server.ask("POST", f"/api/runs/{run}/restore")
    server.ask("DELETE", f"/api/runs/{run}")
    free(server, trash=True)
    assert not (folder / run).exists()
    assert not list(folder.glob(".gone-*"))
    server.ask("POST", f"/api/runs/{run}/restore", expect=404)
    assert server.ask("GET", "/api/storage")["trash"] == []


def test_what_has_lain_in_the_trash_for_a_week_goes_by_itself(tmp_path):
    import sqlite3

    with Server(tmp_path / "data") as server:
        old, new = rested(server), rested(server)
        for run in (old, new):
            server.ask("DELETE", f"/api/runs/{run}")
    with sqlite3.connect(tmp_path / "data" / "catalogue.db") as catalogue:
        catalogue.execute("UPDATE runs SET deleted_at = ? WHERE id = ?", [time.time() - TRASH_S - 1, old])
    catalogue.close()
    with Server(tmp_path / "data") as server:
        wait_for(lambda: [one["id"] for one in server.ask("GET", "/api/storage")["trash"]] == [new])
        assert not (tmp_path / "data" / "runs" / old).exists()


def test_a_request_that_makes_no_sense_is_refused_with_words(server):
    assert server.ask("POST", "/api/storage/free", {"runs": [NOTHING]}, expect=404)["title"] == "No such run"
    for body in ({"runs": ["../.."]}, {"checkpoints": "some"}, {"everything": True}, {"runs": [NOTHING] * 1001}):
        assert server.ask("POST", "/api/storage/free", body, expect=422)["detail"]


def test_launches_are_refused_over_the_budget_with_words_that_name_what_could_be_freed(tmp_path):
    with Server(tmp_path / "data", LIVEFIT_DISK_BUDGET="300 kB") as server, Browser(server) as page:
        runs = [rested(server) for _ in range(5)]
        assert server.ask("GET", "/api/storage")["used"] > 300_000
        refused = server.ask("POST", "/api/runs", QUICK, expect=507)
        assert refused["title"] == "Runs take more of the disk than they may"
        assert "the budget is 300 kB. Of that: checkpoints" in refused["detail"]
        assert "/storage" in refused["hint"]
        told = page.hear("disk", until=lambda told: told["over"])
        assert told["budget"] == 300_000
        free(server, runs=runs, checkpoints="all")
        assert page.hear("disk")["over"] == 0
        rested(server)


@pytest.mark.parametrize(
    ("text", "size"),
    [("20 GB", 20_000_000_000), ("500MB", 500_000_000), ("1.5 TiB", 1_649_267_441_664), ("1000", 1000), ("2 k", 2000)],
)
def test_a_budget_is_read_with_its_unit(monkeypatch, text, size):
    assert read_units(text) == size
    monkeypatch.setenv("LIVEFIT_DISK_BUDGET", text)
    assert Settings().disk_budget == size


@pytest.mark.parametrize("text", ["much", "20 XB", "-3 GB", "0", "1e40 GB", "GB"])
def test_a_budget_that_is_none_is_refused_in_a_sentence(monkeypatch, text):
    monkeypatch.setenv("LIVEFIT_DISK_BUDGET", text)
    with pytest.raises(ValidationError, match="is no size"):
        Settings()


def test_bytes_are_told_as_pages_tell_them():
    sizes = (0, 999, 1000, 65_686, 2_147_483_648)
    assert [in_units(one) for one in sizes] == ["0 B", "999 B", "1.00 kB", "65.7 kB", "2.15 GB"]
