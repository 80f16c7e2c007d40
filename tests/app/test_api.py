"""The API, asked of a real server with real trainers."""

import pytest

from tests.server import ENDLESS, QUICK, Server
from tests.waiting import wait_for


@pytest.fixture(scope="module")
def finished(server: Server) -> str:
    run = server.launch(QUICK)
    server.wait(run, "finished")
    return run


@pytest.fixture
def endless(server: Server):
    run = server.launch(ENDLESS)
    server.wait_for_step(run)
    yield run
    server.stop(run)


def events(server: Server, run: str, kind: str) -> list[dict]:
    found = server.ask("GET", f"/api/runs/{run}/events?limit=1000")["events"]
    return [one for one in found if one["type"] == kind]


def test_the_server_says_that_it_lives(server):
    assert server.ask("GET", "/healthz")["status"] == "ok"


def test_the_catalogue_has_every_folder_and_schemas_with_words(server):
    catalog = server.ask("GET", "/api/catalog")
    assert {"datasets", "models", "optimizers", "regularizers", "probes", "training"} <= catalog.keys()
    assert catalog["optimizers"]["sgd"]["properties"]["lr"]["description"]


def test_a_plan_says_what_would_be_trained(server):
    plan = server.ask("POST", "/api/plans", QUICK)["plan"]
    assert plan["parameters"] > 0
    assert plan["steps"] == plan["steps_per_epoch"] * plan["epochs"]


def test_a_spec_in_yaml_is_taken_as_well(server):
    answer = server.http.post("/api/plans", content="model: {name: mlp}", headers={"Content-Type": "application/yaml"})
    assert answer.json()["spec"]["model"]["name"] == "mlp"


@pytest.mark.parametrize(
    ("spec", "path", "words"),
    [
        ({"optimizer": {"name": "sgdd"}}, "optimizer.name", "Did you mean 'sgd'?"),
        ({"optimiser": {"name": "sgd"}}, "optimiser", "Did you mean 'optimizer'?"),
        ({"optimizer": {"name": "sgd", "params": {"lr": "fast"}}}, "optimizer.params.lr", "is not a number"),
        ({"optimizer": {"name": "sgd", "params": {"lr": -1}}}, "optimizer.params.lr", "is outside"),
        ({"training": {"epochs": 10**9}}, "training.epochs", "is outside"),
        ({"model": {"name": "mlp", "params": {"hidden": [10_000] * 60}}}, "model", ""),
    ],
)
def test_what_cannot_run_is_never_queued(server, spec, path, words):
    before = len(server.ask("GET", "/api/runs")["runs"])
    problem = server.ask("POST", "/api/runs", spec, expect=422)
    assert problem["problems"][0]["path"].startswith(path), problem
    assert words in problem["problems"][0]["message"]
    assert problem["title"]
    assert problem["detail"]
    assert len(server.ask("GET", "/api/runs")["runs"]) == before


def test_what_is_not_a_spec_is_said_in_words(server):
    answer = server.http.post("/api/runs", content="a: [", headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "neither JSON nor YAML" in answer.json()["detail"]


@pytest.mark.parametrize("text", ["training: {epochs: 2020-01-01}", "training: {x: {1: a, b: c}}", "seed: .nan"])
def test_a_value_that_only_yaml_has_is_refused_with_its_place(server, text):
    for path in ("/api/plans", "/api/runs"):
        answer = server.http.post(path, content=text, headers={"Content-Type": "application/yaml"})
        assert answer.status_code == 422
        assert answer.json()["problems"][0]["path"]


def test_a_run_is_made_trained_and_finished(server, finished):
    run = server.ask("GET", f"/api/runs/{finished}")
    assert run["status"]["name"] == "finished"
    assert run["state"]["ended"]["kind"] == "finished"
    assert run["step"] == run["steps"] > 0
    assert run["epoch"] == run["epochs"] == 3
    assert run["metrics"]["validation.accuracy"] > 0
    assert len(run["spark"]) > 1


def test_creating_says_where_the_run_is(server):
    answer = server.http.post("/api/runs", json=QUICK)
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/runs/{answer.json()['id']}"
    server.wait(answer.json()["id"], "finished")


def test_series_come_raw_and_in_buckets(server, finished):
    raw = server.ask("GET", f"/api/runs/{finished}/series?names=loss.data")
    steps = server.card(finished)["steps"]
    assert raw["bucket"] == 1
    assert raw["series"]["loss.data"]["step"] == list(range(1, steps + 1))
    few = server.ask("GET", f"/api/runs/{finished}/series?names=loss.data&width=4")
    assert sum(few["series"]["loss.data"]["count"]) == steps
    assert max(few["series"]["loss.data"]["max"]) == max(raw["series"]["loss.data"]["max"])


def test_a_series_that_is_not_there_is_said_with_those_that_are(server, finished):
    problem = server.ask("GET", f"/api/runs/{finished}/series?names=los", expect=404)
    assert "loss.data" in problem["detail"]


def test_series_can_be_taken_away_as_csv(server, finished):
    rows = server.http.get(f"/api/runs/{finished}/series.csv?names=loss.data").text.splitlines()
    assert rows[0] == "series,step,value"
    assert len(rows) == server.card(finished)["steps"] + 1


def test_events_go_on_after_a_position(server, finished):
    first = server.ask("GET", f"/api/runs/{finished}/events?limit=2")
    rest = server.ask("GET", f"/api/runs/{finished}/events?limit=1000&after={first['position']}")
    assert first["events"][0]["type"] == "started"
    assert [one["seq"] for one in rest["events"]] == list(range(3, 3 + len(rest["events"])))
    assert rest["events"][-1]["type"] == "finished"


def test_captures_have_counts_that_add_up(server, endless):
    wait_for(lambda: server.ask("GET", f"/api/runs/{endless}")["state"]["captured"].get("weights"))
    tensor = server.ask("GET", f"/api/runs/{endless}/captures/weights")["tensors"]["dense 1.weight"]
    assert sum(tensor["counts"]) == tensor["facts"]["count"]
    assert server.http.get(f"/api/runs/{endless}/captures/weights/history").content[:1] != b"{"
    assert server.ask("GET", f"/api/runs/{endless}/captures/nothing", expect=404)["hint"]


def test_the_spec_comes_back_complete_as_yaml(server, finished):
    answer = server.http.get(f"/api/runs/{finished}/spec.yaml")
    assert "momentum:" in answer.text
    assert server.http.post("/api/plans", content=answer.text, headers={"Content-Type": "application/yaml"}).is_success


def test_a_knob_is_turned_and_confirmed_by_an_event(server, endless):
    server.http.cookies.set("livefit_name", "Ada%20L")
    sent = server.command(endless, type="change", target="optimizer", field="lr", value=0.01)
    server.http.cookies.clear()
    changed = wait_for(lambda: events(server, endless, "changed"))[0]
    assert (changed["command"], changed["new"], changed["by"]) == (sent, 0.01, "Ada L")


def test_pause_step_resume_and_stop_show_in_the_status(server, endless):
    server.command(endless, type="pause")
    paused = server.wait(endless, "paused")
    assert "resume" in paused["status"]["actions"]
    server.command(endless, type="step", count=5)
    at = wait_for(lambda: server.card(endless), lambda card: card["step"] == paused["step"] + 5)
    server.wait(endless, "paused")
    server.command(endless, type="resume")
    server.wait_for_step(endless, at["step"] + 10)
    assert server.status(endless) == "running"
    server.command(endless, type="stop")
    assert server.wait(endless, "stopped")["status"]["actions"] == ["restart", "delete"]


def test_a_command_that_makes_no_sense_now_is_refused_with_what_does(server, finished, endless):
    assert "finished" in server.ask("POST", f"/api/runs/{finished}/commands", {"type": "pause"}, 409)["detail"]
    problem = server.ask("POST", f"/api/runs/{endless}/commands", {"type": "resume"}, 409)
    assert "pause" in problem["hint"]


@pytest.mark.parametrize(
    "command", [{"type": "explode"}, {}, {"type": "step", "count": "two"}, {"type": "stop", "x": 1}]
)
def test_what_is_no_command_is_refused(server, endless, command):
    assert server.ask("POST", f"/api/runs/{endless}/commands", command, 422)["title"] == "That is not a command"


def test_a_run_goes_to_the_trash_and_comes_back(server):
    run = server.launch(QUICK)
    server.wait(run, "finished")
    server.ask("DELETE", f"/api/runs/{run}")
    server.ask("GET", f"/api/runs/{run}", expect=404)
    assert run not in [one["id"] for one in server.ask("GET", "/api/runs")["runs"]]
    server.ask("POST", f"/api/runs/{run}/restore")
    assert server.status(run) == "finished"


def test_a_run_that_trains_cannot_be_deleted(server, endless):
    assert "stop" in server.ask("DELETE", f"/api/runs/{endless}", expect=409)["hint"]


def test_the_list_can_be_searched_sorted_and_filtered(server, finished):
    found = server.ask("GET", "/api/runs?search=quick%20circle&status=finished&sort=name")["runs"]
    assert finished in [one["id"] for one in found]
    assert {one["status"]["name"] for one in found} == {"finished"}
    assert server.ask("GET", "/api/runs?search=no%20such%20words")["runs"] == []


@pytest.mark.parametrize("run", ["nothing", "..%2f..%2fsecret", "0" * 26, "é"])
def test_an_unknown_run_is_a_problem_with_a_hint(server, run):
    problem = server.ask("GET", f"/api/runs/{run}", expect=404)
    assert problem["hint"]


def test_an_unknown_address_is_a_problem_too(server):
    assert server.ask("GET", "/api/nothing", expect=404)["status"] == 404
    assert server.ask("PUT", "/api/runs", {}, expect=405)["status"] == 405


def test_a_log_that_was_damaged_since_is_said_in_words(server):
    run = server.launch(QUICK)
    server.wait(run, "finished")
    assert server.ask("GET", f"/api/runs/{run}/series?names=loss.data&width=20000")["bucket"] == 1
    log = server.folder / "runs" / run / "events-1.log"
    spoilt = bytearray(log.read_bytes())
    spoilt[len(spoilt) // 2] ^= 1
    log.write_bytes(spoilt)
    for probe in ("weights", "activations", "gradients"):
        for step in range(0, 12):
            answer = server.http.get(f"/api/runs/{run}/captures/{probe}?step={step}")
            assert answer.status_code in (200, 404) or "damaged at byte" in answer.json()["detail"], answer.text
    answer = server.http.get(f"/api/runs/{run}/events?limit=1000")
    assert "damaged at byte" in answer.json()["damaged"]


def test_the_api_describes_itself(server):
    paths = server.ask("GET", "/openapi.json")["paths"]
    undescribed = [(path, method) for path, ways in paths.items() for method, one in ways.items()
                   if not one.get("description")]  # fmt: skip
    assert undescribed == []
    page = server.http.get("/docs")
    assert page.is_success
    body = paths["/api/runs/{run_id}/commands"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    commands = {one["properties"]["type"]["enum"][0]: one for one in body["oneOf"]}
    assert commands.keys() == {"change", "swap", "pause", "resume", "step", "stop", "save", "measure"}
    assert {"target", "field", "value"} <= commands["change"]["properties"].keys()
    assert all("id" not in one["properties"] and one["description"] for one in commands.values())
    assert "what becomes of the moments" in page.text


def test_the_list_comes_in_pages(server, finished):
    other = server.launch(QUICK)
    server.wait(other, "finished")
    whole = server.ask("GET", "/api/runs")
    assert whole["count"] == len(whole["runs"]) >= 2
    pages = [server.ask("GET", f"/api/runs?limit=1&offset={at}") for at in (0, 1, whole["count"])]
    assert [[one["id"] for one in page["runs"]] for page in pages] == [
        [whole["runs"][0]["id"]],
        [whole["runs"][1]["id"]],
        [],
    ]
    assert {page["count"] for page in pages} == {whole["count"]}
    server.ask("GET", "/api/runs?limit=1001", expect=422)


@pytest.mark.parametrize(
    "body", [b'{"spec": ' + b'{"a": ' * 950 + b"1" + b"}" * 951, b"[" * 100_000, b'{"name": "\xff"}']
)
@pytest.mark.parametrize("path", ["/api/groups", "/api/groups/plans"])
def test_a_body_that_cannot_be_read_is_refused_in_words_of_our_own(server, path, body):
    answer = server.http.post(path, content=body, headers={"Content-Type": "application/json"})
    told = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (told["title"], told["status"]) == ("The request cannot be understood", answer.status_code)
    assert "cannot be read as JSON" in told["detail"]
    assert "hundreds of levels" in told["hint"]
