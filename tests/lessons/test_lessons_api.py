"""Lessons over HTTP: which there are, one in two languages, and from its start to its grade."""

import json
import re
from html import unescape

import pytest

from app.lessons.pages import with_links
from tests.lessons.conftest import ROOT, write_shelf
from tests.server import Server


@pytest.fixture(scope="module")
def teaching(tmp_path_factory):
    """A server with two lessons, one of which lands."""
    shelf = write_shelf(tmp_path_factory.mktemp("shelf"), lands=0.5, misses=1.5)
    for one in (ROOT / "lessons").glob("optimizer_paths*"):
        (shelf / one.name).write_text(one.read_text())
    with Server(tmp_path_factory.mktemp("lab") / "data", LIVEFIT_LESSONS_DIR=str(shelf)) as server:
        yield server


def test_lessons_are_listed_with_their_runs(teaching):
    found = teaching.ask("GET", "/api/lessons")["lessons"]
    assert [(one["name"], one["topic"], one["runs"]) for one in found] == [
        ("lands", "optimization", {"offline": 2}),
        ("misses", "optimization", {"offline": 2}),
        ("optimizer_paths", "optimization", {"offline": 0}),
    ]


def test_a_lesson_is_told_in_the_language_of_the_request(teaching):
    one = teaching.ask("GET", "/api/lessons/lands")
    assert one["title"] == "Small"
    assert one["change"][0]["address"].startswith("/new?name=Small")
    assert "optimizer.lr=1" in one["change"][0]["address"]
    korean = teaching.http.get("/api/lessons/lands", headers={"Accept-Language": "ko"}).json()
    assert korean["title"] == "한국어 Small"
    assert "한국어 Small" in teaching.http.get("/lessons/lands", headers={"Accept-Language": "ko"}).text


@pytest.mark.parametrize(("text", "addresses"), [
    ("See /data/wine?dataset.scaling=unit and /paths.", ["/data/wine?dataset.scaling=unit", "/paths"]),
    ("/data/wine의 표, /geometry?x=1&y=-1.7:", ["/data/wine", "/geometry?x=1&y=-1.7"]),
    ("a path/data, /database, and /", []),
])  # fmt: skip
def test_addresses_in_a_text_are_links_and_no_letter_is_lost(text, addresses):
    assert [piece for piece, is_address in with_links(text) if is_address] == addresses
    assert "".join(piece for piece, _ in with_links(text)) == text


def test_a_page_links_the_addresses_that_a_lesson_names(server):
    page = unescape(server.http.get("/lessons/diamond_circle").text)
    address = "/geometry?x=1&y=-1.7&ratio=1&tilt=0&strength=1.2"
    assert f'<a href="{address}" target="_blank" rel="noopener">{address}</a>.' in page


@pytest.mark.parametrize(("name", "landed"), [("lands", True), ("misses", False)])
def test_a_lesson_that_was_started_is_graded_when_all_its_runs_have_ended(teaching, name, landed):
    started = teaching.ask("POST", f"/api/lessons/{name}/start", {"setting": "offline"}, expect=201)
    group, runs = started["group"], started["runs"]
    assert teaching.ask("GET", f"/api/groups/{group}")["lesson"] == f"{name}/offline"
    for run in runs:
        teaching.wait(run, "finished")
    grade = teaching.ask("GET", f"/api/lessons/{name}/grade?group={group}")
    assert grade["landed"] is landed
    assert grade["rows"][0]["sentence"].startswith("Landed at" if landed else "Missed at")
    told = next(one for one in teaching.ask("GET", "/api/lessons")["lessons"] if one["name"] == name)
    assert [(one["id"], one["ended"]) for one in told["groups"]] == [(group, True)]


def test_what_cannot_be_graded_is_refused_in_a_sentence(teaching):
    other = teaching.ask("POST", "/api/lessons/lands/start", {}, expect=201)["group"]
    told = teaching.ask("GET", f"/api/lessons/misses/grade?group={other}", expect=400)
    assert "launched by the lesson 'lands'" in told["detail"]
    assert teaching.ask("GET", "/api/lessons/lands/grade?group=nothing", expect=404)
    assert "Did you mean 'lands'?" in teaching.ask("GET", "/api/lessons/land", expect=404)["detail"]
    told = teaching.ask("POST", "/api/lessons/lands/start", {"setting": "reference"}, expect=404)
    assert "has no reference runs" in told["detail"]


def test_a_lesson_of_paths_is_graded_without_a_group_and_starts_no_runs(teaching):
    told = teaching.ask("GET", "/api/lessons/optimizer_paths/grade")
    assert (told["landed"], told["seeds"]) == (True, 1)
    assert "Nothing is trained" in teaching.ask("POST", "/api/lessons/optimizer_paths/start", {}, expect=400)["detail"]


def seen(server: Server, path: str, language: str) -> tuple[str, dict[str, str]]:
    """Return the heading of a page in a language, and the labels that its script puts in place of those kept."""
    page = server.http.get(path, headers={"Accept-Language": language}).text
    labels = json.loads(unescape(re.search(r' data-labels="(.*?)"', page)[1]))
    return unescape(re.search(r"<h1>(.*?)</h1>", page)[1]), labels


@pytest.mark.parametrize(("launched", "looks"), [("en", "ko"), ("ko", "en")])
def test_the_runs_of_a_lesson_are_called_in_the_language_of_whoever_looks(teaching, launched, looks):
    words = {"en": "", "ko": "한국어 "}
    asked = {"headers": {"Accept-Language": launched}, "json": {"setting": "offline"}}
    first, second = (teaching.http.post("/api/lessons/lands/start", **asked).json() for _ in range(2))
    heading, labels = seen(teaching, f"/groups/{first['group']}", looks)
    assert heading == f"{words[looks]}Small"
    assert labels[f"{words[launched]}One"] == f"{words[looks]}One"
    assert seen(teaching, f"/groups/{first['group']}", launched)[0] == f"{words[launched]}Small"
    one_group = seen(teaching, f"/compare?runs={','.join(first['runs'])}", looks)[1]
    assert one_group[f"{words[launched]}One"] == f"{words[looks]}One"
    # of two groups they are told by their whole names
    two_groups = seen(teaching, f"/compare?runs={first['runs'][0]},{second['runs'][1]}", looks)[1]
    kept, shown = (f"{words[one]}Small · {words[one]}Two" for one in (launched, looks))
    assert two_groups[kept] == shown
