"""The playground's requests: surfaces and their heights, paths worked out by a forked child, and what is refused."""

import base64

import pytest

from tests.server import Server

BOOK = {
    "surface": "bowl",
    "start": [-7, 2],
    "steps": 29,
    "optimizers": [{"name": "sgd", "params": {"lr": 0.95}}, {"name": "adagrad", "params": {"lr": 1.5, "eps": 1e-7}}],
}


def test_surfaces_are_listed_and_one_comes_with_its_heights(server: Server):
    listed = server.ask("GET", "/api/surfaces")
    assert [one["name"] for one in listed["surfaces"]] == ["bowl", "rosenbrock", "saddle", "two_minima"]
    told = server.ask("GET", "/api/surfaces/saddle")
    rows, columns = told["shape"]
    assert len(base64.b64decode(told["heights"])) == 4 * rows * columns


def test_a_surface_that_is_not_there_is_a_404_that_names_those_there_are(server: Server):
    answer = server.http.get("/api/surfaces/hill")
    assert answer.status_code == 404
    assert "There are: bowl" in answer.json()["detail"]


def test_paths_are_those_that_the_components_take(server: Server):
    sgd, adagrad = server.ask("POST", "/api/paths", BOOK)["paths"]
    assert (round(sgd["x"][-1], 4), round(sgd["y"][-1], 4), sgd["flips_y"][-1]) == (-0.3872, -0.0942, 29)
    assert round(adagrad["x"][-1], 4) == -0.1362


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"steps": "many"}, "steps", "not a whole number"),
        ({"optimizers": [{"name": "sgd", "params": {"lr": "fast"}}]}, "optimizers.0.lr", "is not a number"),
        ({"start": ["a", "b"]}, "start", "two numbers"),
        ({"start": [[[]], 1]}, "start", "two numbers"),
        ({"optimizers": [{"name": "sgd", "params": {"x": "y" * 20_000}}]}, "", "more than 16,384 characters"),
    ],
)
def test_what_cannot_be_worked_out_is_said_at_its_place(server: Server, change, path, words):
    answer = server.http.post("/api/paths", json=BOOK | change)
    assert answer.status_code == 422
    (problem,) = answer.json()["problems"]
    assert problem["path"] == path
    assert words in problem["message"]


@pytest.mark.parametrize("page", ["/paths", "/geometry"])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_pages_stand_in_both_languages(server: Server, page, language):
    answer = server.http.get(page, headers={"accept": "text/html", "accept-language": language})
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
