"""Room on the disk: launches are refused with the number of bytes that are left."""

import pytest
from starlette.testclient import TestClient

from app import disk, live
from app.disk import check_room
from app.errors import DiskFull
from app.main import create_app
from tests.waiting import wait_for


def hear_of_disk(socket):
    return next(told for told in iter(socket.receive_json, None) if told["type"] == "disk")


def test_a_disk_with_room_is_taken(tmp_path):
    check_room(tmp_path, share=0.0)


def test_a_disk_that_is_nearly_full_is_refused_with_what_is_left(tmp_path):
    with pytest.raises(DiskFull, match="MiB are free"):
        check_room(tmp_path, share=1.1, at_most=2**62)


def test_a_visit_hears_that_the_disk_is_nearly_full_and_that_it_no_longer_is(settings, monkeypatch):
    monkeypatch.setattr(live, "DISK_LOOK_S", 0.02)
    monkeypatch.setattr(disk, "FREE_SHARE", 1.1)
    monkeypatch.setattr(disk, "FREE_BYTES", 2**62)
    app = create_app(settings)
    with (
        TestClient(app, base_url="http://127.0.0.1:8000") as client,
        client.websocket_connect("/live") as socket,
    ):
        assert socket.receive_json()["type"] == "hello"
        socket.send_json({"type": "watch_list"})
        told = hear_of_disk(socket)
        assert told["free"] > 0
        monkeypatch.setattr(disk, "FREE_BYTES", 0)
        while told["free"] is not None:  # others write on this disk too
            told = hear_of_disk(socket)
        socket.close()
        wait_for(lambda: not app.state.lab.follower.feeds.list.watchers)  # the visit is over


def test_on_a_large_disk_a_few_free_bytes_are_enough(tmp_path):
    check_room(tmp_path, share=1.1, at_most=1)
