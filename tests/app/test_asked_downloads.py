"""A data set that is asked for on its page: one download for all who wait, cancelled, resumed, or refused in words."""

import threading
from pathlib import Path

import pytest

from tests.file_server import serving
from tests.server import Server
from tests.waiting import wait_for

ADDRESS = "/api/datasets/titanic/download"
FILE = "titanic/titanic-openml.csv"


@pytest.fixture
def web():
    """A mirror that holds its answers up after some bytes; what it has is not the passengers of the Titanic."""
    with serving(**{FILE: b"nobody\n" * 20_000}) as served:
        served.hold, served.hold_after = threading.Event(), 70_000
        yield served


@pytest.fixture
def lab(tmp_path: Path, web):
    env = {"LIVEFIT_MIRROR": web.url, "LIVEFIT_OFFLINE": "0", "LIVEFIT_CACHE": str(tmp_path / "cache")}
    with Server(tmp_path / "data", **env) as server:
        yield server


def told(server):
    return server.ask("GET", ADDRESS)


def part_of(server):
    return server.folder.parent / "cache" / "titanic" / "titanic-openml.csv.part"


def test_two_who_ask_at_once_share_one_download_that_says_how_far_it_is_and_why_it_failed(lab, web):
    assert told(lab)["going"] is False
    for _ in range(2):
        assert lab.ask("POST", ADDRESS, expect=202)["going"] is True
    wait_for(lambda: told(lab), lambda one: one["total"])
    assert (told(lab)["title"], told(lab)["total"]) == ("Titanic", 117_743)
    assert len(web.asked) == 1
    web.hold.set()
    failed = wait_for(lambda: told(lab), lambda one: not one["going"])
    assert "another file of that name: its sha256 is not the one it should be" in failed["problem"]
    assert failed["hint"].startswith("Take breast_cancer, which needs no download")


def test_a_download_that_is_cancelled_keeps_what_came_and_the_next_goes_on_from_there(lab, web):
    lab.ask("POST", ADDRESS, expect=202)
    wait_for(lambda: part_of(lab).exists() and part_of(lab).stat().st_size, bool)
    lab.ask("DELETE", ADDRESS, expect=204)
    assert told(lab) == {"going": False, "title": "", "done": 0, "total": 0, "problem": "", "hint": ""}
    there = part_of(lab).stat().st_size
    lab.ask("POST", ADDRESS, expect=202)
    wait_for(lambda: web.asked[1:], bool)
    assert web.asked[1][1] == there


def test_a_server_that_ends_in_the_middle_leaves_what_came_to_the_next(lab, web):
    lab.ask("POST", ADDRESS, expect=202)
    wait_for(lambda: part_of(lab).exists() and part_of(lab).stat().st_size, bool)
    lab.end()
    there = part_of(lab).stat().st_size
    lab.start()
    assert told(lab)["going"] is False
    lab.ask("POST", ADDRESS, expect=202)
    wait_for(lambda: web.asked[1:], bool)
    assert web.asked[1][1] == there


def test_without_a_network_it_says_so_and_what_to_take_instead(server):
    server.ask("POST", ADDRESS, expect=202)
    failed = wait_for(lambda: told(server), lambda one: not one["going"])
    assert failed["problem"].endswith("could not be downloaded: LIVEFIT_OFFLINE forbids downloads.")
    assert failed["hint"].startswith("Take breast_cancer")


def test_what_needs_no_download_or_does_not_exist_is_refused(server):
    server.ask("POST", "/api/datasets/whine/download", expect=404)
    server.ask("POST", "/api/datasets/wine/download", expect=202)
    failed = wait_for(lambda: server.ask("GET", "/api/datasets/wine/download"), lambda one: not one["going"])
    assert failed["problem"].startswith("no data set that is downloaded is called 'wine'.")
