"""One run of a lab that is not served: what it does when its folder or the catalogue fails it."""

import asyncio
import math
import os
import sqlite3
import threading
import time

import pytest

from app import catalog_db
from app.attend import Attendant
from app.catalog_db import Catalogue
from app.errors import CatalogueBusy, Damaged, NoSuchRun
from app.freeing import Asked, Freeing
from app.groups.group import Group
from app.groups.groups import Groups
from app.groups.vary import Member
from app.lab import Lab
from app.life import Status
from app.readings import captures, events
from app.reconcile import look_back
from app.run import Run
from app.run_folder import has_progressed, new_folder, trained_s
from app.storage import Storage
from app.workers.local import LocalWorkers
from app.workers.process import Process
from tests.server import QUICK
from tests.telling import started, write
from trainer.protocol import Captured, Finished, Marked, Pause
from trainer.runlog import LogWriter, read_all


def in_a_lab(settings, work):
    """Return what `work` says of a lab and a run in it; nothing is started."""

    async def inside():
        settings.runs_dir.mkdir(parents=True)
        catalogue = Catalogue(settings.catalogue_url)
        lab = Lab(settings, catalogue, LocalWorkers(settings.data_dir / "forkserver.txt"))
        run = Run(lab, new_folder(settings.runs_dir, QUICK), {"name": "one", "by": "", "created": 1.0})
        lab._runs[run.id] = run
        try:
            return await work(lab, run)
        finally:
            await lab.close()
            catalogue.close()

    return asyncio.run(inside())


def test_a_command_that_meets_a_damaged_log_is_refused_in_words(settings):
    async def pause(lab, run):
        (run.folder / "commands.log").write_bytes(b"these are not the bytes that were written")
        run.standing = Status("running")
        run.process = Process(1, 0, "", 1)
        with pytest.raises(Damaged, match=r"commands.log is damaged at byte 0"):
            run.send(Pause())

    in_a_lab(settings, pause)


def test_a_capture_in_a_log_that_was_damaged_since_is_refused_in_words(settings):
    async def look(lab, run):
        log = LogWriter(run.folder / "events-1.log")
        log.append([Captured(step=1, probe="weights", name="dense 1", dtype="uint32", shape=[1], data=b"\0" * 4)])
        log.close()
        assert captures(run, "weights")["step"] == 1
        whole = bytearray(log.path.read_bytes())
        whole[-1] ^= 1
        log.path.write_bytes(whole)
        with pytest.raises(Damaged, match=r"events-1.log is damaged"):
            captures(run, "weights")

    in_a_lab(settings, look)


def test_events_after_a_position_are_read_from_there_and_not_from_the_log_s_beginning(settings):
    async def read(lab, run):
        log = LogWriter(run.folder / "events-1.log")
        log.append([Marked(step=step, kind="note", text=str(step)) for step in range(1, 2_001)])
        log.close()
        whole = events(run, "1.0", limit=1_000)["events"]
        assert [one["seq"] for one in whole] == list(range(1, 1_001))
        spoilt = bytearray(log.path.read_bytes())
        spoilt[0] ^= 1  # who reads the beginning again meets this
        log.path.write_bytes(spoilt)
        for seq in (256, 1_500, 1_791, 1_792, 2_000):
            told = events(run, f"1.{seq}", limit=1_000)
            assert told["damaged"] == ""
            assert [one["seq"] for one in told["events"]] == list(range(seq + 1, min(2_001, seq + 1_001)))

    in_a_lab(settings, read)


def test_a_folder_that_cannot_be_written_does_not_end_the_page_that_watches(settings):
    async def watch(lab, run):
        (run.folder / "spec.json").unlink()
        run.folder.rmdir()
        run.watch(+1)
        assert run.watchers == 1
        run.watch(-1)
        assert run.watchers == 0

    in_a_lab(settings, watch)


def test_a_deletion_that_the_catalogue_did_not_take_is_none(settings, monkeypatch):
    monkeypatch.setattr(catalog_db, "BUSY_WAIT_S", 0.05)

    async def delete(lab, run):
        other = sqlite3.connect(settings.data_dir / "catalogue.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(CatalogueBusy):
            await lab.delete(run)
        assert lab.run(run.id) is run
        other.execute("ROLLBACK")
        other.close()
        await lab.delete(run)
        with pytest.raises(NoSuchRun):
            lab.run(run.id)
        assert await lab.trash.restore(run.id) is run

    in_a_lab(settings, delete)


def test_a_run_that_is_brought_back_while_the_trash_is_emptied_stays(settings):
    async def bring_back(lab, run):
        storage, run.deleted_at = Storage(lab), 1.0
        async with storage.freeing:
            emptying = asyncio.create_task(storage.empty_what_is_due(time.time()))
            await asyncio.sleep(0)  # it has seen what is due, and waits for its turn
            assert await lab.trash.restore(run.id) is run
        await emptying
        assert lab.run(run.id) is run
        assert (run.folder / "spec.json").exists()

    in_a_lab(settings, bring_back)


def test_a_run_that_is_due_goes_once_although_two_want_to_remove_it(settings):
    async def empty_twice(lab, run):
        storage, run.deleted_at = Storage(lab), 1.0
        async with storage.freeing:
            both = [asyncio.create_task(storage.empty_what_is_due(time.time())) for _ in range(2)]
            await asyncio.sleep(0)  # both have seen what is due
        await asyncio.gather(*both)
        assert lab.everything() == []
        assert not run.folder.exists()

    in_a_lab(settings, empty_twice)


def test_a_run_that_waits_waits_on_when_its_deletion_is_refused(settings, monkeypatch):
    monkeypatch.setattr(catalog_db, "BUSY_WAIT_S", 0.05)

    async def delete(lab, run):
        run.standing, launched = Status("stopped"), []
        lab.go_on(run, "restarted by somebody")
        monkeypatch.setattr(lab, "_spawn", lambda work: (work.close(), launched.append(run.id)))
        other = sqlite3.connect(settings.data_dir / "catalogue.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        refused = asyncio.create_task(lab.delete(run))
        await asyncio.sleep(0)
        lab._opened = True
        lab.fill()
        assert launched == []  # nobody starts it while it is not known whether it goes
        with pytest.raises(CatalogueBusy):
            await refused
        other.execute("ROLLBACK")
        other.close()
        assert (run.standing.name, run.wanted, launched) == ("starting", True, [run.id])
        lab._attended.clear()

    in_a_lab(settings, delete)


def test_a_run_that_waits_and_is_deleted_is_stopped_also_when_it_comes_back(settings):
    async def delete(lab, run):
        run.standing = Status("stopped")
        lab.go_on(run, "restarted by somebody")
        waiting = run.row()
        await lab.delete(run)
        assert (run.standing.name, run.wanted, bool(lab._queue)) == ("stopped", False, False)
        # as when the server was killed between the two that are written: that it is deleted, and that it is called off
        again = Run(lab, run.folder, waiting | {"deleted_at": time.time()})
        lab._add(again)
        assert (again.standing.name, again.wanted) == ("stopped", False)

    in_a_lab(settings, delete)


@pytest.mark.parametrize("removed", [False, True])
def test_a_run_that_is_deleted_meanwhile_does_not_go_on(settings, removed):
    async def go_on(lab, run):
        run.standing = Status("stopped")
        await lab.delete(run)
        if removed:
            await lab.trash.remove(run)
        with pytest.raises(NoSuchRun, match="deleted meanwhile"):
            lab.go_on(run, "continued from step 5 by somebody")
        assert (run.standing.name, run.wanted, bool(lab._queue)) == ("stopped", False, False)

    in_a_lab(settings, go_on)


def held(numbers, begun, ended):
    """Return what measures `numbers`, and is held up from when it has begun until the run has ended."""

    def measure(*_):
        begun.set()
        ended.wait()
        return numbers

    return measure


def test_a_page_that_began_before_a_run_ended_does_not_take_back_what_it_came_to(settings, monkeypatch):
    async def look(lab, run):
        begun, ended = threading.Event(), threading.Event()
        run.standing, lab._attended[run.id] = Status("running"), Attendant(lab, run)
        monkeypatch.setattr("app.lab.measure", lambda *_: {"step": 100})
        monkeypatch.setattr("app.run.measure", held({"step": 50}, begun, ended))
        run.followed.catch_up()
        looking = asyncio.create_task(asyncio.to_thread(run.card))
        await asyncio.to_thread(begun.wait)
        lab.settle(run, Status("finished"))
        lab.done(run)
        ended.set()
        assert (await looking)["step"] == 50
        assert run.card()["step"] == 100

    in_a_lab(settings, look)


def test_looking_back_does_not_take_back_what_a_later_attempt_has_shown(settings, monkeypatch):
    async def restart_meanwhile(lab, run):
        begun, ended = threading.Event(), threading.Event()
        write(run.folder, started(), Finished(step=100, reason="completed", epoch=5))
        monkeypatch.setattr("app.reconcile.measure", held({"step": 100}, begun, ended))
        run.standing = Status("interrupted")
        looking = asyncio.create_task(look_back(lab, run, Status("interrupted")))
        await asyncio.to_thread(begun.wait)
        run.standing, run.summary = Status("running"), {"step": 120, "reached": 100}
        ended.set()
        await looking
        assert run.summary == {"step": 120, "reached": 100}

    in_a_lab(settings, restart_meanwhile)


def test_a_run_whose_logs_are_written_anew_starts_afterwards(settings, monkeypatch):
    async def restart_meanwhile(lab, run):
        started, freeing = [], Freeing(Storage(lab))
        lab._opened, run.standing = True, Status("stopped")
        LogWriter(run.folder / "events-1.log").close()
        monkeypatch.setattr(lab, "_spawn", lambda work: (work.close(), started.append(run.held)))

        def prepare(thinning):
            loop.call_soon_threadsafe(lab.restart, run, "somebody")
            asyncio.run_coroutine_threadsafe(asyncio.sleep(0.05), loop).result()
            assert (run.standing.name, run.held, started) == ("queued", "its captures are being thinned", [])

        loop = asyncio.get_running_loop()
        monkeypatch.setattr("app.freeing.thinnable", lambda folder: 1)
        monkeypatch.setattr("app.freeing.Thinning.prepare", prepare)
        done = await freeing.free(Asked(runs=(run.id,), captures="thin"))
        assert [one["refused"] for one in done["what"]] == [""]
        assert started == [""]
        lab._attended.clear()

    in_a_lab(settings, restart_meanwhile)


def test_an_attempt_has_progressed_when_it_saved_more_than_it_began_with(tmp_path):
    write(tmp_path, started(step=20), attempt=1)
    for step, further in ((20, False), (40, True)):
        (tmp_path / "checkpoints" / f"step-{step}").mkdir(parents=True)
        assert has_progressed(tmp_path, 1) is further
    assert not has_progressed(tmp_path, 2)


def test_how_long_a_run_has_trained_is_the_sum_of_its_attempts_without_the_time_between_them(tmp_path):
    for attempt, lasted in ((1, 30.0), (2, 12.0)):
        log = write(tmp_path, started(attempt), attempt=attempt)
        began = next(entry.time for entry, _ in read_all(log))
        os.utime(log, (began, began + lasted))
    assert trained_s(tmp_path) == pytest.approx(42.0, abs=0.01)


def test_of_the_folders_of_a_group_of_which_one_cannot_be_written_none_is_left(settings):
    async def fails(lab, run):
        specs = [QUICK, QUICK | {"seed": math.nan}]
        planned = [(Member("", spec), {"spec": spec}) for spec in specs]
        with pytest.raises(ValueError, match="JSON compliant"):
            Groups(lab)._new_folders(Group("", ""), planned, 1)
        assert list(settings.runs_dir.iterdir()) == [run.folder]

    in_a_lab(settings, fails)
