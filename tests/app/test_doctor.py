"""livefit doctor: what it finds well, what it finds bad, and that each bad thing comes with what to do."""

import os
import socket
from importlib import metadata

import pytest

from app import doctor
from app.doctor import BAD, OK, WARN, Row
from app.machine import file_system, holder_of_lock, holder_of_port
from app.settings import Settings
from tests.app.test_cli import livefit


def of(rows, what) -> Row:
    return next(one for one in rows if one.what == what)


def test_on_a_machine_that_is_well_nothing_is_bad(tmp_path):
    told = livefit("doctor", "--port", 0, "--data-dir", tmp_path, COLUMNS="200")
    assert told.returncode == 0, told.stdout
    for what in ("python", "packages", "data folder", "file system", "free space", "clock", "port", "fork server"):
        assert what in told.stdout
    assert "answers after" in told.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_names_who_has_it(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        row = doctor._port(Settings(data_dir=tmp_path, port=port))
        assert row.verdict == BAD
        assert f"pid {os.getpid()} (" in row.told
        assert "--port" in row.do
        assert str(os.getpid()) in holder_of_port(port)


def test_a_package_below_its_floor_is_bad_and_says_what_to_install(monkeypatch):
    real = metadata.version
    old = {"starlette": "1.3.0", "numpy": "1.26", "python-multipart": "0.0.20"}
    monkeypatch.setattr(doctor.metadata, "version", lambda name: old.get(name) or real(name))
    rows = {one.what: one for one in doctor._packages()}
    assert rows["starlette"].do == 'pip install "starlette>=1.3.1"'
    assert rows["numpy"].verdict == BAD
    assert "known holes" in rows["python-multipart"].told


@pytest.mark.parametrize(
    ("version", "rules", "meets"),
    [
        ("2.13.0+cpu", "==2.13.0", True),
        ("2.13.1", "==2.13.0", False),
        ("1.10", ">=1.3.1", True),
        ("1.3", ">=1.3.1", False),
        ("8.0", ">=7.1,<8", False),
        ("7.9", ">=7.1,<8", True),
    ],
)
def test_versions_are_compared_as_numbers(version, rules, meets):
    assert doctor._meets(version, rules) is meets


def test_a_network_drive_and_memory_are_warned_of(tmp_path, monkeypatch):
    for kind, verdict in (("nfs4", WARN), ("cifs", WARN), ("tmpfs", WARN), ("ext4", OK), ("overlay", OK)):
        monkeypatch.setattr(doctor, "file_system", lambda folder, kind=kind: (kind, "/"))
        assert doctor._file_system(tmp_path).verdict == verdict


def test_the_file_system_of_proc_is_known():
    assert file_system(doctor.Path("/proc/self"))[0] == "proc"


def test_a_folder_that_cannot_be_written_is_bad(tmp_path):
    row = doctor._data_folder(doctor.Path("/proc/nowhere"), doctor.Path("/proc"))
    assert row.verdict == BAD or os.access("/proc", os.W_OK)
    (tmp_path / "file").write_text("")
    assert doctor._data_folder(tmp_path / "file", tmp_path / "file").verdict == BAD


def test_a_clock_that_was_set_back_is_noticed(tmp_path):
    (tmp_path / "runs" / "one").mkdir(parents=True)
    os.utime(tmp_path / "runs" / "one", (4e9, 4e9))
    assert doctor._clock(tmp_path, tmp_path).verdict == WARN


def test_a_server_on_the_folder_is_named(server):
    assert holder_of_lock(server.folder) == server.process.pid
    assert doctor._data_folder(server.folder, server.folder).verdict == WARN
