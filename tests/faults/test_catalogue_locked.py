"""Catalogue locked by another program: numbers and pages go on, a change waits or fails with words, and it recovers."""

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ill import assert_sound, points, stands
from tests.server import ENDLESS, QUICK, Server
from tests.waiting import wait_for

HOLD = """import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.readline()
held.execute("ROLLBACK")
print("free", flush=True)
"""


@contextmanager
def held(folder: Path):
    """Hold the catalogue in another process; the block gets what lets it go."""
    command = [sys.executable, "-c", HOLD, str(folder / "catalogue.db")]
    other = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert other.stdout.readline() == "held\n"

    def let_go() -> None:
        if other.poll() is None and not other.stdin.closed:
            other.stdin.write("\n")
            other.stdin.flush()
            assert other.stdout.readline() == "free\n"

    try:
        yield let_go
    finally:
        other.communicate("\n" if other.poll() is None else None)


def status_in_catalogue(folder: Path, run: str) -> str:
    with sqlite3.connect(folder / "catalogue.db") as catalogue:
        (name,) = catalogue.execute("SELECT json_extract(status, '$.name') FROM runs WHERE id = ?", [run]).fetchone()
    catalogue.close()
    return name


@pytest.mark.parametrize("held_s", [7.0, pytest.param(60.0, marks=pytest.mark.skipif(
    "LIVEFIT_LONG_TESTS" not in os.environ, reason="a minute long; LIVEFIT_LONG_TESTS=1 runs it"))])  # fmt: skip
def test_numbers_and_pages_go_on_changes_wait_or_fail_with_words_and_it_recovers(folder, held_s):
    with Server(folder) as server:
        run, gone = server.launch(ENDLESS), server.launch(QUICK)
        server.wait(gone, "finished")
        server.wait_for_step(run)
        wait_for(lambda: status_in_catalogue(folder, gone) == "finished")
        with held(folder) as let_go:
            until = time.monotonic() + held_s
            # a change of a run's life does not wait for the catalogue
            server.command(run, type="pause")
            server.wait(run, "paused", within_s=2)
            server.command(run, type="resume")
            server.wait(run, "running", within_s=2)
            # what must be on the disk before it is answered fails with words
            for method, path, body in (("POST", "/api/runs", QUICK), ("DELETE", f"/api/runs/{gone}", None)):
                refused = server.ask(method, path, body, expect=503)
                assert "The catalogue cannot be written: database is locked" in refused["detail"]
                assert "Another program holds it" in refused["hint"]
            assert server.card(gone)["status"]["name"] == "finished"
            assert len(list((folder / "runs").iterdir())) == 2, "the refused run left its folder behind"
            while time.monotonic() < until:
                before, asked = server.card(run)["step"], time.monotonic()
                assert server.http.get(f"/runs/{run}").status_code == 200
                assert points(server, run)
                assert time.monotonic() - asked < 2
                server.wait_for_step(run, before + 20)
            server.stop(run)
            assert stands(server, run)["name"] == "stopped"
            let_go()
            wait_for(lambda: status_in_catalogue(folder, run) == "stopped", within_s=2)
        server.ask("DELETE", f"/api/runs/{gone}")
        again = server.launch(QUICK)
        server.wait(again, "finished")
    errors = server.errors()
    assert errors.count("The catalogue cannot be written") == 1, errors
    assert "the catalogue can be written again" in errors
    assert_sound(folder, run)


def test_a_server_that_ends_while_the_catalogue_is_held_does_so_in_time_and_the_next_one_knows_better(folder):
    server = Server(folder).start()
    run = server.launch(ENDLESS)
    server.wait_for_step(run)
    with held(folder):
        server.stop(run)
        began = time.monotonic()
        assert server.end() == 0
        assert time.monotonic() - began < 10
    assert status_in_catalogue(folder, run) != "stopped"
    with Server(folder) as server:
        assert server.status(run) == "stopped"
    assert_sound(folder, run)
