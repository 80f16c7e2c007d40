"""A run whose data has yet to be downloaded: says how far it is, can be stopped, and says what to do when it fails."""

import threading
from pathlib import Path

import pytest

from app.attend import LOOK_EVERY_S
from app.preparing import preparing
from app.pulse import Pulse
from tests.file_server import serving
from tests.server import Server
from tests.waiting import wait_for

FIRST = "mnist/train-images-idx3-ubyte.gz"
SPEC = {"dataset": {"name": "mnist"}, "training": {"epochs": 1, "batch_size": 128}}


@pytest.fixture
def web():
    """A mirror that holds its answers up after the first byte, and has something else in place of MNIST."""
    with serving(**{FIRST: b"no images at all" * 1000}) as served:
        served.hold = threading.Event()
        yield served


@pytest.fixture
def lab(tmp_path: Path, web):
    """A server that downloads from that mirror."""
    env = {"LIVEFIT_MIRROR": web.url, "LIVEFIT_OFFLINE": "0", "LIVEFIT_CACHE": str(tmp_path / "cache")}
    with Server(tmp_path / "data", "--max-running", "2", **env) as server:
        yield server


def test_a_download_is_told_while_it_goes_on_and_its_end_in_words(lab, web):
    plan = lab.ask("POST", "/api/plans", SPEC)["plan"]
    assert plan["download"] == {"title": "MNIST", "bytes": 11_594_722}
    assert plan["samples"]["train"] == 50_000
    run, stopped = lab.launch(SPEC), lab.launch(SPEC)
    for one in (run, stopped):
        card = wait_for(lambda one=one: lab.card(one), lambda card: card["status"]["reason"])
        assert card["status"]["name"] == "starting"
        assert card["status"]["reason"] == "MNIST: 0.0 / 11.6 MB"
    lab.command(stopped, type="stop")
    card = lab.wait(stopped, "stopped", within_s=8)  # at once, and not after the 10 s that a step may take
    assert card["status"]["reason"] == "before it had its data"
    web.hold.set()
    card = lab.wait(run, "failed")
    assert "MNIST is not on this machine and could not be downloaded: 127.0.0.1:" in card["status"]["reason"]
    assert "its sha256 is not the one it should be" in card["status"]["reason"]
    assert "Take digits, which needs no download; or put mnist.npz into" in card["status"]["hint"]
    assert not list((lab.folder / "runs" / run).glob("preparing.*"))


def test_offline_a_plan_says_so_at_the_data_set(lab, monkeypatch, tmp_path):
    with Server(tmp_path / "other") as offline:
        problems = offline.ask("POST", "/api/plans", SPEC, expect=422)["problems"]
    assert [one["path"] for one in problems] == ["dataset.name"]
    assert "LIVEFIT_OFFLINE forbids downloads. Take digits" in problems[0]["message"]


def test_a_download_is_a_sign_of_life():
    pulse = Pulse(0.0, 60.0, LOOK_EVERY_S)
    for now in range(1, 200):
        pulse.look(float(now), [1, 0], 0)
        if now % 10 == 0:
            pulse.beat(float(now))
        assert pulse.silence(float(now)) < 11


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"attempt": 1}', '{"attempt": 2, "what": "x", "done": 1, "total": 2, "beat": 1}']
)
def test_what_says_nothing_of_this_attempt_is_passed_over(tmp_path, text):
    (tmp_path / "preparing.json").write_text(text)
    assert preparing(tmp_path, 1) is None
    assert preparing(tmp_path / "nowhere", 1) is None
