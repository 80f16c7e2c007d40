"""What lies in a data folder that Livefit did not put there, or cannot read: it harms nothing and is left as it is."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from app.catalog_db import Catalogue
from app.lab import Lab
from app.run import Run
from app.run_folder import new_folder
from app.sweep import sweep
from app.uploads.waiting import Waiting
from app.workers.local import LocalWorkers
from tests.server import QUICK, Server

NO_ID = "Z" * 26  # the letters of an id, and a number that no id has


@pytest.fixture
def unreadable(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Make a folder one that cannot be read, also for root."""
    closed: set[str] = set()

    def refusing(ask):
        def look(path="."):
            if str(path) in closed:
                raise PermissionError(13, "Permission denied", path)
            return ask(path)

        return look

    monkeypatch.setattr(os, "listdir", refusing(os.listdir))
    monkeypatch.setattr(os, "scandir", refusing(os.scandir))
    return lambda folder: closed.add(str(folder))


def test_names_and_links_that_are_nobody_s_keep_no_server_from_its_work(tmp_path):
    data = tmp_path / "data"
    strange = [data / "runs" / NO_ID / "spec.json", data / "uploads" / f"{NO_ID}.bin", data / "datasets" / NO_ID / "x"]
    for one in strange:
        one.parent.mkdir(parents=True)
        one.write_text("{}")
    (data / "runs" / ("0" * 26)).symlink_to(tmp_path / "nowhere")
    (data / "nothing.partial").symlink_to(tmp_path / "nowhere")
    with Server(data) as server:
        assert server.ask("GET", "/api/runs")["count"] == 0
        server.ask("GET", f"/api/runs/{NO_ID}", expect=404)
        assert sent(server).status_code == 201
        server.wait(server.launch(QUICK), "finished")
        assert "Traceback" not in server.errors()
    assert all(one.exists() for one in strange)


def sent(server: Server) -> httpx2.Response:
    headers = {"Content-Type": "application/octet-stream"}
    return server.http.post("/api/uploads?name=a.csv", content=b"a,b\n1,2\n", headers=headers)


def test_what_is_known_of_a_run_whose_folder_cannot_be_read_is_kept(settings, unreadable):
    settings.runs_dir.mkdir(parents=True)
    there, closed = (new_folder(settings.runs_dir, QUICK) for _ in range(2))

    async def opened() -> list[str]:
        catalogue = Catalogue(settings.catalogue_url)
        lab = Lab(settings, catalogue, LocalWorkers(settings.data_dir / "forkserver.txt"))
        await lab.open()
        found = [run.id for run in lab.everything()]
        await lab.close()
        catalogue.close()
        return found

    async def put_in_the_trash() -> None:
        catalogue = Catalogue(settings.catalogue_url)
        lab = Lab(settings, catalogue, LocalWorkers(settings.data_dir / "forkserver.txt"))
        run = Run(lab, closed, {"name": "", "by": "Ada", "created": 0.0, "deleted_at": 1.0})
        await catalogue.save(run.row())
        await lab.close()
        catalogue.close()

    asyncio.run(put_in_the_trash())
    unreadable(closed)
    assert asyncio.run(opened()) == [there.name]
    catalogue = Catalogue(settings.catalogue_url)
    known = {row["id"]: row for row in catalogue.rows()}
    catalogue.close()
    assert (known[closed.name]["by"], known[closed.name]["deleted_at"]) == ("Ada", 1.0)


def test_a_folder_that_cannot_be_read_is_not_swept_as_an_empty_one(tmp_path, unreadable):
    folder = tmp_path / "runs" / ("0" * 26)
    folder.mkdir(parents=True)
    (folder / "spec.json").write_text("{}")
    unreadable(folder)
    assert sweep(tmp_path) == 0
    assert (folder / "spec.json").exists()


def test_an_upload_that_cannot_be_removed_keeps_no_other_from_being_taken(tmp_path):
    waiting = Waiting(tmp_path)
    (waiting.folder / f"{'0' * 26}.bin").mkdir(parents=True)  # of 1970, and a folder
    (waiting.folder / f"{'0' * 25}1.bin").write_bytes(b"x")

    async def chunks():
        yield b"a,b"

    known = asyncio.run(waiting.take(chunks(), "x", "", lambda: None))
    assert {one.name for one in waiting.folder.glob("*.bin")} == {f"{'0' * 26}.bin", f"{known['id']}.bin"}
