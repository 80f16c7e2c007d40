"""A run's diagnosis over HTTP and over the websocket of a real server, and the level that somebody sets."""

import pytest

from tests.page_socket import Browser
from tests.server import Server
from tests.waiting import wait_for

# zeros in the place of weights: from the first look on it is sure what is the matter, and it stays so
ILL = {
    "name": "ill",
    "dataset": {"name": "circle"},
    "model": {"name": "mlp", "params": {"hidden": [8], "init": "zeros"}},
    "training": {"epochs": 40, "batch_size": 64, "budget": 0.5},
    "probes": {"weights": {"enabled": False}, "gradients": {"enabled": False}},
}


@pytest.fixture(scope="module")
def ill(server: Server) -> str:
    run = server.launch(ILL)
    server.wait(run, "finished")
    return run


def names(diagnosis):
    return [one["name"] for one in diagnosis["findings"]]


def test_a_run_is_diagnosed_with_words_in_the_reader_s_language(server, ill):
    told = server.ask("GET", f"/api/runs/{ill}/diagnosis")
    assert "symmetry" in names(told)
    finding = next(one for one in told["findings"] if one["name"] == "symmetry")
    assert finding["title"] == "Symmetry never broken"
    assert "all weights began at the same value (zeros)" in finding["says"]["text"]
    assert finding["tries"][0]["changes"] == {"model": "mlp", "model.init": "he"}
    assert finding["tries"][0]["says"]["text"] == "Initialise with he, not zeros"
    korean = server.http.get(f"/api/runs/{ill}/diagnosis", headers={"Accept-Language": "ko"}).json()
    assert next(one for one in korean["findings"] if one["name"] == "symmetry")["title"] == "깨지지 않은 대칭"


def test_the_list_of_runs_shows_what_is_serious(server, ill):
    assert server.card(ill)["finding"] in ("symmetry", "stuck_at_chance")


def test_every_browser_hears_the_same_diagnosis_and_of_a_level_that_is_set(server, ill):
    server.ask("PUT", f"/api/runs/{ill}/level", {"level": None})
    with Browser(server) as one, Browser(server) as other:
        first, second = one.watch(ill), other.watch(ill)
        assert first["diagnosis"] == second["diagnosis"]
        assert names(first["diagnosis"]) == names(server.ask("GET", f"/api/runs/{ill}/diagnosis"))
        server.ask("PUT", f"/api/runs/{ill}/level", {"level": 0.97})
        for page in (one, other):
            told = page.hear("delta", until=lambda delta: delta["diagnosis"])
            assert told["diagnosis"]["balance"]["level"] == 0.97
    assert server.ask("GET", f"/api/runs/{ill}/diagnosis")["balance"]["best"] == pytest.approx(0.03)


@pytest.mark.parametrize(
    ("level", "status", "words"), [(98, 400, "For 98 % send 0.98."), (-1, 422, "level"), ("x", 422, "level")]
)
def test_a_level_that_is_none_is_refused_with_words(server, ill, level, status, words):
    told = server.ask("PUT", f"/api/runs/{ill}/level", {"level": level}, expect=status)
    assert words in told["detail"] + told["hint"]


def test_a_run_that_trains_is_diagnosed_while_it_does(server):
    run = server.launch(ILL | {"training": ILL["training"] | {"epochs": 100_000, "speed": 100.0}})
    try:
        with Browser(server) as page:
            page.watch(run)
            wait_for(lambda: names(server.ask("GET", f"/api/runs/{run}/diagnosis")), lambda found: "symmetry" in found)
            assert server.status(run) == "running"
            page.hear(
                "delta", "snapshot", until=lambda told: told["diagnosis"] and "symmetry" in names(told["diagnosis"])
            )
            assert wait_for(lambda: server.card(run)["finding"]) == "symmetry"
    finally:
        server.stop(run)
