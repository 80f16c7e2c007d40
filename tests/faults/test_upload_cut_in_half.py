"""Upload cut in half: no data set appears, and nothing half written stays.

Whatever is put together under another name first (uploads, data sets, checkpoints, thinned logs, the small files of a
trainer) is swept at the next start, but for what belongs to a trainer that lives.
"""

import json
import os
import signal
import socket
import time
from pathlib import Path

import pytest

from app.sweep import PARTIAL_AGE_S, sweep
from app.workers.process import Process
from tests.server import ENDLESS, QUICK, Server
from tests.waiting import wait_for

HALF = (
    "checkpoints/.step-7.tmp/network.safetensors",
    "checkpoints/.step-7.2.tmp/state.pt",
    ".thin/01JD0000000000000000000000/events-1.log",
)


def put(folder: Path, *names: str, age_s: float = 2 * PARTIAL_AGE_S) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
        os.utime(path, (time.time() - age_s,) * 2)


def files(folder: Path) -> set[str]:
    return {str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file()}


def half_sent(server: Server) -> socket.socket:
    """Begin an upload of 4 MB, send half of it, and wait until that has reached the disk."""
    host, _, port = server.address.removeprefix("http://").partition(":")
    sending = socket.create_connection((host, int(port)))
    head = f"POST /api/uploads?name=half.csv HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: {SIZE}\r\n"
    sending.sendall(f"{head}Content-Type: application/octet-stream\r\n\r\n".encode() + b"1,2\n" * (SIZE // 8))
    written = lambda: sum(one.stat().st_size for one in (server.folder / "uploads").glob("*.partial"))  # noqa: E731
    wait_for(written, lambda size: size >= SIZE // 2)
    return sending


SIZE = 4_000_000


def test_an_upload_whose_sender_goes_away_leaves_nothing(tmp_path):
    with Server(tmp_path / "data") as server:
        half_sent(server).close()
        wait_for(lambda: not list((server.folder / "uploads").iterdir()))
        assert server.ask("GET", "/api/datasets")["own"] == []
        assert "Traceback" not in server.errors()


def test_an_upload_that_is_cut_off_with_the_server_is_swept_at_the_next_start(tmp_path):
    server = Server(tmp_path / "data").start()
    with half_sent(server):
        server.end(signal.SIGKILL)
    assert list((server.folder / "uploads").iterdir())
    with Server(tmp_path / "data") as again:
        assert list((again.folder / "uploads").iterdir()) == []
        assert again.ask("GET", "/api/datasets")["own"] == []


def test_a_data_set_that_was_half_kept_or_half_removed_is_swept(tmp_path):
    there, half, gone = (f"01JD000000000000000000000{number}" for number in range(3))
    put(tmp_path / "datasets", f"{there}/meta.json", f".{half}.tmp/table.npz", f".gone-{gone}/table.npz", age_s=0.0)
    put(tmp_path / "uploads", f"{there}.bin", f"{there}.json", f"{half}.partial", f"{gone}.json", age_s=0.0)
    assert sweep(tmp_path) == 4
    assert files(tmp_path) == {f"datasets/{there}/meta.json", f"uploads/{there}.bin", f"uploads/{there}.json"}


def test_what_was_left_half_written_is_swept_at_the_next_start(tmp_path):
    folder = tmp_path / "data"
    with Server(folder) as server:
        run = server.launch(QUICK)
        server.wait(run, "finished")
    whole = files(folder / "runs")
    put(folder / "runs" / run, *HALF, "trainer.partial", "exit.partial")
    put(folder / "runs", ".gone-01JD0000000000000000000000/events-1.log")
    put(folder, "secret.partial")
    (folder / "runs" / "01JD0000000000000000000001").mkdir()  # a launch that was killed before its spec was written
    with Server(folder) as server:
        assert files(folder / "runs") - whole <= {f"{run}/derived/fold.bin"}
        assert whole <= files(folder / "runs")
        assert not (folder / "secret.partial").exists()
        assert [one["id"] for one in server.ask("GET", "/api/runs")["runs"]] == [run]
        assert server.status(run) == "finished"


def test_what_a_living_trainer_writes_is_left_alone(tmp_path):
    folder = tmp_path / "data"
    server = Server(folder).start()
    try:
        run = server.launch(ENDLESS)
        server.wait_for_step(run)
        put(folder / "runs" / run, *HALF[:2])
        server.end(signal.SIGKILL)
        sweep(folder)
        assert {name.removeprefix(f"{run}/") for name in files(folder / "runs")} >= set(HALF[:2])
    finally:
        process = Process.read(folder / "runs" / run)
        process.send(signal.SIGKILL)
    wait_for(lambda: not process.alive())
    assert sweep(folder) == 2
    assert not {name.removeprefix(f"{run}/") for name in files(folder / "runs")} & set(HALF)


def test_a_file_that_is_being_written_at_this_moment_is_left_alone(tmp_path):
    put(tmp_path / "runs" / "01JD0000000000000000000000", "spec.json", "exit.partial", age_s=0.0)
    assert sweep(tmp_path) == 0


def test_a_folder_that_was_half_copied_in_is_not_taken_for_rubbish(tmp_path):
    copied = tmp_path / "runs" / "01JD0000000000000000000000"
    put(copied, "events-1.log", "checkpoints/step-3/network.safetensors")
    assert sweep(tmp_path) == 0
    assert files(copied) == {"events-1.log", "checkpoints/step-3/network.safetensors"}


@pytest.mark.parametrize("name", ["trainer.json", "exit.json"])
def test_a_small_file_is_there_whole_or_not_at_all(tmp_path, name):
    from trainer.forkserver import write_json

    path = tmp_path / name
    write_json(path, {"pid": 1})
    path.with_suffix(".partial").write_text('{"pid": 2, "start_')  # killed in the middle of the second
    assert json.loads(path.read_text()) == {"pid": 1}
    write_json(path, {"pid": 3})
    assert json.loads(path.read_text()) == {"pid": 3}
