"""The pages as a server sends them: whole without a script, in the language asked for, and nothing from elsewhere."""

import gzip
import re

import httpx2
import pytest

from app import pages
from tests.server import QUICK, Server

HTML = {"accept": "text/html"}


def get(server: Server, path: str, **headers: str):
    return server.http.get(path, headers=HTML | headers)


@pytest.fixture(scope="module")
def run(server: Server) -> str:
    started = server.launch(QUICK | {"name": "<b>bold</b> & co"})
    server.wait(started, "finished")
    return started


@pytest.mark.parametrize("path", ["/", "/new", "/docs", "run"])
def test_a_page_holds_no_inline_script_and_nothing_of_another_site(server, run, path):
    text = get(server, f"/runs/{run}" if path == "run" else path).text
    assert re.findall(r"<script(?![^>]*\bsrc=)", text) == []
    assert re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=[\"'](?:https?:)?//", text) == []
    assert re.findall(r"<[^>]*\son\w+=", text) == []


def test_a_name_is_written_as_text(server, run):
    assert "<b>bold</b>" not in get(server, f"/runs/{run}").text
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; co" in get(server, "/").text


@pytest.mark.parametrize(("language", "word"), [("ko", "새 실행"), ("en", "New run"), ("fr", "New run")])
def test_a_page_speaks_the_language_asked_for(server, language, word):
    answer = get(server, "/new", **{"accept-language": language})
    assert f"<h1>{word}</h1>" in answer.text


def test_a_form_is_filled_from_the_address_without_a_script(server):
    text = get(server, "/new?optimizer=adam&optimizer.lr=oops&regularizers.l2=on").text
    assert '<option value="adam" selected>' in text
    assert re.search(r'id="optimizer-lr-adam"[^>]*value="oops"', text)
    assert re.search(r'id="regularizers.l2"[^>]*checked', text)


def test_a_form_filled_from_a_run_has_its_set_up(server, run):
    text = get(server, f"/new?from={run}").text
    assert re.search(r'name="training.epochs" value="3"', text)
    assert re.search(r'<option value="circle" selected>', text)


def test_a_form_filled_from_a_run_that_is_not_there_says_so(server):
    answer = get(server, "/new?from=01ARZ3NDEKTSV4RRFFQ69G5FAV")
    assert answer.status_code == 404
    assert "No such run" in answer.text


def test_every_request_of_the_api_stands_in_the_docs(server):
    text = get(server, "/docs").text
    schema = server.ask("GET", "/openapi.json")
    missing = [path for path in schema["paths"] if f"<code>{path}</code>" not in text]
    assert missing == []


def test_a_wrong_address_gets_a_page_that_says_so(server):
    answer = get(server, "/no/such/page")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("back", "to"),
    [
        ("/new?optimizer=adam", "/new?optimizer=adam"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
    ],
)
def test_a_switch_of_language_goes_back_and_never_to_another_site(server, back, to):
    # not by the shared client, which would keep the language for every test after this one
    answer = httpx2.get(f"{server.address}/language/ko", params={"back": back}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, to)
    assert "livefit_lang=ko" in answer.headers["set-cookie"]


def test_plotly_is_served_from_the_installed_package_compressed_and_for_good(server):
    answer = server.http.get(f"/-/plotly.min.js?v={pages.PLOTLY_VERSION}")
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.content == pages.plotly_file().read_bytes()
    assert gzip.decompress(pages.packed_plotly()) == answer.content


def test_plotly_by_an_old_address_is_not_kept(server):
    assert server.http.get("/-/plotly.min.js?v=0").headers["cache-control"] == "no-cache"


def test_operations_write_references_out():
    schema = {
        "paths": {
            "/x/{id}": {
                "post": {
                    "summary": "X",
                    "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                    "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Y"}}}},
                    "responses": {"201": {"description": "made"}},
                }
            }
        },
        "components": {"schemas": {"Y": {"type": "object", "title": "Y"}}},
    }
    (one,) = pages.operations(schema)
    assert one["parameters"][0]["where"] == "path *"
    assert '"title": "Y"' in one["body"]
    assert one["answers"] == [{"status": "201", "description": "made"}]


def test_a_new_run_is_offered_at_a_pace_that_can_be_watched(server):
    address = re.search(r'<a href="(/new\?[^"]+)"', get(server, "/").text)[1].replace("&amp;", "&")
    form = get(server, address).text
    assert 'name="training.speed" value="100"' in form
    assert 'name="training.epochs" value="200"' in form


@pytest.mark.parametrize(("path", "needed"), [("/", True), ("/lessons", False)])
def test_what_is_said_in_korean_is_fetched_early_where_it_is_needed_and_nowhere_else(server, path, needed):
    text = get(server, path, **{"accept-language": "ko"}).text
    preloads = re.findall(r"<link rel=\"(?:module)?preload\"[^>]*>", text)
    assert any("said.ko.json" in one for one in preloads) == needed
    assert any("js/said.js" in one for one in preloads) == needed


def test_a_page_calls_a_visitor_as_runs_do(server):
    text = get(server, "/", Cookie="livefit_name=%0AAda%20%20L" + "x" * 60).text
    (shown,) = re.findall(r"<who-am-i>.*?</who-am-i>", text, re.DOTALL)
    assert f"<span data-who>Ada L{'x' * 35}</span>" in shown
    assert "data-unset" not in shown
    assert "data-unset" in get(server, "/", Cookie="livefit_name=%0A%20").text
