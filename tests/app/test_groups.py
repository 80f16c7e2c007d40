"""Several runs as one act, asked of a real server: launched all or none, looked at together, stopped, brought back."""

import csv
import io
import json
import shutil

import pytest

from tests.server import ENDLESS, OVER, QUICK, Server
from tests.waiting import wait_for

VARY = [{"path": "optimizer.lr", "values": [0.01, 0.1]}, {"path": "seed", "values": [1, 2, 3]}]


def launch(server: Server, **body) -> tuple[str, list[str]]:
    made = server.ask("POST", "/api/groups", body, expect=201)
    return made["id"], made["runs"]


def group(server: Server, group_id: str) -> dict:
    return server.ask("GET", f"/api/groups/{group_id}")


def count(server: Server) -> int:
    return server.ask("GET", "/api/runs")["count"]


@pytest.fixture(scope="module")
def finished(server: Server) -> tuple[str, list[str]]:
    made = launch(server, name="rates", spec=QUICK, vary=VARY)
    for run in made[1]:
        server.wait(run, "finished")
    return made


def test_a_group_is_its_runs_with_labels_names_and_places(server, finished):
    group_id, runs = finished
    found = group(server, group_id)
    assert found["runs"] == runs
    assert found["name"] == "rates"
    assert [one["label"] for one in found["members"]] == ["lr 0.01"] * 3 + ["lr 0.1"] * 3
    assert found["members"][1]["name"] == "rates · lr 0.01 · seed 2"
    assert {one["group"] for one in found["members"]} == {group_id}
    assert found["statuses"] == {"finished": 6}
    assert found["step"] == found["steps"] > 0
    assert found["asked"]["vary"][1] == {"path": "seed", "values": [1, 2, 3]}
    assert group_id in [one["id"] for one in server.ask("GET", "/api/groups?search=RATES")["groups"]]
    assert server.ask("GET", "/api/groups?search=nobody%20called%20it%20so")["groups"] == []


def test_the_folder_of_each_run_says_what_it_is_part_of(server, finished):
    group_id, runs = finished
    told = json.loads((server.folder / "runs" / runs[4] / "group.json").read_text())
    assert (told["id"], told["name"], told["label"], told["place"]) == (group_id, "rates", "lr 0.1", 5)


def test_series_have_mean_and_spread_over_the_seeds_of_a_variant(server, finished):
    group_id, runs = finished
    told = server.ask("GET", f"/api/groups/{group_id}/series?names=validation.loss,loss.data&width=50")
    assert [one["label"] for one in told["variants"]] == ["lr 0.01", "lr 0.1"]
    first = told["variants"][0]
    assert first["runs"] == runs[:3]
    each = [server.ask("GET", f"/api/runs/{run}/series?names=validation.loss")["series"]["validation.loss"]["mean"]
            for run in runs[:3]]  # fmt: skip
    loss = first["series"]["validation.loss"]
    assert loss["epoch"] == [1, 2, 3]
    assert loss["count"] == [3, 3, 3]
    for place in range(3):
        values = [one[place] for one in each]
        mean = sum(values) / 3
        assert loss["mean"][place] == pytest.approx(mean)
        assert (loss["min"][place], loss["max"][place]) == (min(values), max(values))
        assert loss["std"][place] == pytest.approx((sum((one - mean) ** 2 for one in values) / 2) ** 0.5)
    assert 10 < len(first["series"]["loss.data"]["step"]) <= 50


def test_the_table_says_what_differs_first_and_what_the_variants_come_to(server, finished):
    group_id, runs = finished
    table = server.ask("GET", f"/api/groups/{group_id}/table")
    assert [one["path"] for one in table["columns"]] == ["optimizer.params.lr", "seed"]
    assert [one["run"] for one in table["rows"]] == runs
    assert table["rows"][4]["values"] == {"optimizer.params.lr": 0.1, "seed": 2}
    assert table["metrics"][0]["name"].startswith("validation.")
    accuracy = [one["metrics"]["validation.accuracy"] for one in table["rows"][:3]]
    outcome = table["variants"][0]
    assert outcome["metrics"]["validation.accuracy"]["mean"] == pytest.approx(sum(accuracy) / 3)
    assert outcome["metrics"]["validation.accuracy"]["count"] == outcome["ended"] == 3
    assert outcome["repeats"] == ["seed 1", "seed 2", "seed 3"]
    assert all(one["best"]["validation.loss"]["value"] <= one["metrics"]["validation.loss"] for one in table["rows"])
    assert all(0 < one["seconds"] < 100 for one in table["rows"])
    # the log is written some 20 times a second, so the last of three epochs may be told a little late
    assert all(0 < 3 * one["epoch_seconds"] < one["seconds"] + 1 for one in table["rows"])
    assert outcome["epoch_seconds"]["mean"] == pytest.approx(sum(one["epoch_seconds"] for one in table["rows"][:3]) / 3)


def test_the_table_can_be_taken_away_as_csv(server, finished):
    rows = list(csv.DictReader(io.StringIO(server.http.get(f"/api/groups/{finished[0]}/table.csv").text)))
    assert len(rows) == 6
    assert (rows[3]["optimizer.params.lr"], rows[3]["seed"], rows[3]["status"]) == ("0.1", "1", "finished")
    assert float(rows[3]["epoch_seconds"]) > 0
    assert float(rows[3]["best validation.accuracy"]) >= float(rows[3]["validation.accuracy"])


def test_the_runs_of_a_variant_predict_together(server, finished):
    told = server.ask("GET", f"/api/groups/{finished[0]}/ensembles/1")
    assert told["runs"] == finished[1][3:]
    table = server.ask("GET", f"/api/groups/{finished[0]}/table")["variants"][1]
    alone = told["parts"]["test"]["alone"]["accuracy"]
    for key in ("mean", "std", "min", "max", "count"):
        assert alone[key] == pytest.approx(table["metrics"]["test.accuracy"][key], abs=1e-6)
    assert told["parts"]["test"]["together"] == told["parts"]["test"]["by_size"][2]
    assert told["parts"]["test"]["together"]["loss"] <= told["parts"]["test"]["alone"]["loss"]["mean"]
    server.ask("GET", f"/api/groups/{finished[0]}/ensembles/2", expect=404)
    server.ask("GET", f"/api/groups/{finished[0]}/ensembles/-1", expect=422)


def test_any_runs_can_be_compared_as_those_of_a_group_are(server, finished):
    runs = ",".join(finished[1][1:5])
    table = server.ask("GET", f"/api/comparisons/table?runs={runs}")
    assert [len(one["runs"]) for one in table["variants"]] == [2, 2]
    told = server.ask("GET", f"/api/comparisons/series?runs={runs}")
    assert set(told["variants"][0]["series"]) >= {"validation.loss", "validation.accuracy"}
    assert server.http.get(f"/api/comparisons/table.csv?runs={runs}").text.startswith("run,")
    server.ask("GET", f"/api/comparisons/table?runs={'0' * 26}", expect=404)


def test_nothing_is_queued_unless_all_can_run_and_it_is_said_which_cannot(server):
    before = count(server)
    vary = [{"path": "optimizer.lr", "values": [0.1, -1, "fast"]}, {"path": "seed", "values": [1, 2]}]
    problem = server.ask("POST", "/api/groups", {"name": "bad", "spec": QUICK, "vary": vary}, expect=422)
    assert {one["path"] for one in problem["problems"]} == {"optimizer.params.lr"}
    outside = next(one for one in problem["problems"] if "outside" in one["message"])
    assert outside["members"] == [{"place": 3, "label": "lr -1"}, {"place": 4, "label": "lr -1"}]
    assert "lr fast" in problem["detail"]
    assert count(server) == before


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, ""),
        ({"members": [{"label": "a", "spec": {"optimizer": {"name": "adm"}}}]}, "optimizer.name"),
        ({"members": [{"spec": {}}], "spec": {"seed": 1}}, "members"),
        ({"spec": {}, "vary": [{"path": "seed", "values": [-1]}]}, "seed"),
        ({"spec": {}, "vary": [{"path": "seed", "values": []}]}, "vary.0.values"),
        ({"spec": {}, "vary": [{"path": "dataset.params.fold", "values": [1, 2, 3]}]}, "dataset.params.fold"),
        ({"spec": {}, "vary": [{"path": "optimizer.lr", "values": [{"a": [1, {}]}]}]}, "optimizer.params.lr"),
        ({"members": [{"spec": {}}] * 101}, "members"),
        ({"spec": {"start": {"run": "0" * 26, "checkpoint": "step-1"}}}, "start.run"),
    ],
)
def test_what_is_no_group_is_said_at_its_place(server, body, path):
    if not body:
        body = {"members": [], "spec": {"no such": 1}}
        path = "no such"
    assert path in [one["path"] for one in server.ask("POST", "/api/groups", body, expect=422)["problems"]]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ('{"spec": {"optimizer": {"name": "sgd", "params": {"lr": NaN}}}}', "optimizer.params.lr"),
        ('{"members": [{"spec": {"training": {"epochs": 1e999}}}]}', "training.epochs"),
        # where a value varies, none of the runs has that of the spec; what was asked for has
        ('{"spec": {"training": {"epochs": NaN}}, "vary": [{"path": "training.epochs", "values": [1, 2]}]}',
         "training.epochs"),
        ('{"vary": [{"path": "seed", "values": [1, 2]}, {"path": "optimizer", "values": [{"x": [Infinity]}]}]}',
         "vary.1.values.0.x.0"),
    ],
)  # fmt: skip
def test_numbers_that_json_does_not_have_are_refused_in_words(server, body, path):
    before = set((server.folder / "runs").iterdir())
    answer = server.http.post("/api/groups", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert [one["path"] for one in answer.json()["problems"]] == [path]
    assert "is no value of a spec; write a finite number" in answer.text
    assert set((server.folder / "runs").iterdir()) == before


def test_a_group_whose_spec_had_another_shape_where_it_varies_has_its_page_and_its_form(server):
    body = {"spec": QUICK | {"optimizer": "junk"}, "vary": [{"path": "optimizer", "values": ["sgd", "adam"]}]}
    group_id, runs = launch(server, **body)
    for address in (f"/groups/{group_id}", f"/new?group={group_id}", f"/api/groups/{group_id}"):
        assert server.http.get(address, headers={"Accept-Language": "ko"}).status_code == 200, address
    for run in runs:
        server.wait(run, "finished")


def test_a_plan_counts_runs_and_steps_and_starts_nothing(server):
    before = count(server)
    told = server.ask("POST", "/api/groups/plans", {"spec": QUICK, "vary": VARY})
    assert told["runs"] == 6
    assert told["steps"] == sum(one["steps"] for one in told["members"]) > 0
    assert count(server) == before


def test_a_group_is_stopped_as_one_and_those_that_wait_never_start(server):
    members = [{"label": f"run {one}", "spec": ENDLESS | {"seed": one}} for one in range(12)]
    group_id, runs = launch(server, name="many", members=members)
    wait_for(lambda: group(server, group_id)["statuses"], lambda told: told.get("running") and told.get("queued"))
    server.ask("DELETE", f"/api/groups/{group_id}", expect=409)
    asked = server.ask("POST", f"/api/groups/{group_id}/stop")
    assert sorted(asked["asked"]) == sorted(runs)
    over = wait_for(lambda: group(server, group_id), lambda told: told["statuses"] == {"stopped": 12})
    assert sum(one["step"] > 0 for one in over["members"]) <= 8


def test_a_group_pauses_and_goes_on_as_one(server):
    members = [{"spec": ENDLESS | {"seed": one}} for one in (1, 2)]
    group_id, runs = launch(server, members=members)
    for run in runs:
        server.wait_for_step(run)
    server.ask("POST", f"/api/groups/{group_id}/pause")
    wait_for(lambda: group(server, group_id)["statuses"], lambda told: told == {"paused": 2})
    server.ask("POST", f"/api/groups/{group_id}/resume")
    wait_for(lambda: group(server, group_id)["statuses"], lambda told: told == {"running": 2})
    server.ask("POST", f"/api/groups/{group_id}/explode", expect=422)
    assert "two at least" in server.ask("GET", f"/api/groups/{group_id}/ensembles/0", expect=409)["hint"]
    server.ask("POST", f"/api/groups/{group_id}/stop")
    for run in runs:
        server.wait(run, *OVER)


def test_a_group_goes_to_the_trash_whole_and_comes_back_but_for_what_was_deleted_alone(server):
    group_id, runs = launch(server, name="gone", members=[{"spec": QUICK | {"seed": one}} for one in (1, 2, 3)])
    for run in runs:
        server.wait(run, "finished")
    server.ask("DELETE", f"/api/runs/{runs[0]}")
    assert group(server, group_id)["runs"] == runs[1:]
    server.ask("DELETE", f"/api/groups/{group_id}", expect=204)
    server.ask("GET", f"/api/groups/{group_id}", expect=404)
    server.ask("POST", f"/api/groups/{group_id}/restore", expect=204)
    assert group(server, group_id)["runs"] == runs[1:]
    server.ask("POST", f"/api/groups/{'0' * 26}/restore", expect=404)


def test_members_can_be_added_later_as_a_search_does(server, finished):
    group_id, runs = launch(server, name="search", kind="search", members=[{"label": "first", "spec": QUICK}])
    added = server.ask("POST", f"/api/groups/{group_id}/members", {"members": [{"label": "second", "spec": QUICK}]})
    found = group(server, group_id)
    assert found["runs"] == [*runs, *added["runs"]]
    assert found["members"][1]["name"] == "search · second"
    too_many = {"spec": QUICK, "vary": [{"path": "seed", "values": list(range(99))}]}
    server.ask("POST", f"/api/groups/{group_id}/members", too_many, expect=422)
    for run in found["runs"]:
        server.wait(run, "finished")


def test_groups_are_there_after_a_restart_and_also_when_the_catalogue_is_lost(tmp_path):
    with Server(tmp_path / "data") as before:
        group_id, runs = launch(before, name="kept", lesson="first", kind="lesson", spec=QUICK, vary=VARY)
        for run in runs:
            before.wait(run, "finished")
        told = group(before, group_id)
    with Server(tmp_path / "data") as again:
        assert group(again, group_id) == told
    (tmp_path / "data" / "catalogue.db").unlink()
    shutil.rmtree(tmp_path / "data" / "runs" / runs[0])
    with Server(tmp_path / "data") as without:
        found = group(without, group_id)
        assert {key: found[key] for key in ("name", "lesson", "kind", "by", "created", "asked")} == {
            key: told[key] for key in ("name", "lesson", "kind", "by", "created", "asked")
        }
        assert found["runs"] == runs[1:]
        assert [one["label"] for one in found["members"]] == ["lr 0.01"] * 2 + ["lr 0.1"] * 3
    with Server(tmp_path / "data") as once_more:
        assert group(once_more, group_id)["name"] == "kept"
