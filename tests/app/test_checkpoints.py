"""Checkpoints over HTTP: the list, the weights to take away, "Continue from here", a new run that starts from one."""

import hashlib
import json
import resource
import shutil
import struct

import pytest

from app import disk
from app.checkpoint_files import choose
from app.checkpoints import continue_from
from app.errors import DiskFull, NoSuchCheckpoint, NotNow
from app.life import Status
from tests.app.test_run import in_a_lab
from tests.server import ENDLESS, OVER, QUICK
from tests.waiting import wait_for

SAVING = QUICK | {
    "name": "saving",
    "training": {"epochs": 4, "batch_size": 64, "checkpoint_steps": 5, "checkpoints_kept": 100},
}
TRAVERSALS = [
    "..", ".", "%2e%2e", "..%2f..%2fspec.json", "step-5%2f..", "step-5%00", "step-5%0a", "step-%d9%a1", "step-", "-5",
    "step-5.", "step-5.0x", "STEP-5", "step-5 ", "~", "C:%5c", "%5c..%5c", "step-" + "9" * 400, "checkpoints", "*",
]  # fmt: skip


@pytest.fixture(scope="module")
def run(server):
    run_id = server.launch(SAVING)
    server.wait(run_id, "finished")
    return run_id


def listed(server, run_id):
    return server.ask("GET", f"/api/runs/{run_id}/checkpoints")["checkpoints"]


def folder(server, run_id, checkpoint=""):
    return server.folder / "runs" / run_id / "checkpoints" / checkpoint


def weights(data):
    """Return the names and shapes in a safetensors file, by its header."""
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    return {name: one["shape"] for name, one in header.items() if name != "__metadata__"}


@pytest.fixture
def damaged(server):
    """A run of its own, to be harmed."""
    run_id = server.launch(SAVING)
    server.wait(run_id, "finished")
    return run_id


def test_they_are_listed_newest_first_with_all_there_is_to_say(server, run):
    found = listed(server, run)
    steps = [one["step"] for one in found]
    assert steps == sorted(steps, reverse=True)
    assert found[0]["name"] == "final"
    assert {"loss" in one.partition(".")[2] for one in found[0]["metrics"]} >= {True}
    assert all(one["sound"] and not one["superseded"] and one["attempt"] == 1 for one in found)
    assert [one["id"] for one in found if one["name"] == "auto"] == [f"step-{n}" for n in range(max(steps), 0, -1)
                                                                    if n % 5 == 0 and n < max(steps)]  # fmt: skip
    for one in found:
        there = folder(server, run, one["id"])
        assert one["size"] == sum(path.stat().st_size for path in there.iterdir())
        assert one["sha256"] == hashlib.sha256((there / "network.safetensors").read_bytes()).hexdigest()


def test_the_weights_come_as_a_file_to_keep(server, run):
    first = listed(server, run)[0]
    answer = server.http.get(f"/api/runs/{run}/checkpoints/{first['id']}/network.safetensors")
    assert answer.headers["content-disposition"] == f'attachment; filename="{run}-{first["id"]}.safetensors"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert hashlib.sha256(answer.content).hexdigest() == first["sha256"]
    assert weights(answer.content)["layers.dense 1.linear.weight"] == [4, 2]


@pytest.mark.parametrize("name", TRAVERSALS)
@pytest.mark.parametrize("what", ["network.safetensors", "continue"])
def test_an_id_that_is_none_opens_nothing(server, run, name, what):
    method = "POST" if what == "continue" else "GET"
    answer = server.http.request(method, f"/api/runs/{run}/checkpoints/{name}/{what}")
    assert answer.status_code in (404, 405), answer.text
    assert "optimizer" not in answer.text


@pytest.mark.parametrize("harm", ["truncated", "flipped", "manifest", "gone"])
def test_a_damaged_one_is_listed_as_such_and_neither_sent_nor_continued(server, damaged, harm):
    path = folder(server, damaged, "step-5")
    data = bytearray((path / "network.safetensors").read_bytes())
    if harm == "truncated":
        (path / "network.safetensors").write_bytes(data[:-3])
    elif harm == "flipped":
        data[-2] ^= 1
        (path / "network.safetensors").write_bytes(data)
    elif harm == "manifest":
        (path / "manifest.json").write_text("{}")
    else:
        (path / "network.safetensors").unlink()
    one = next(one for one in listed(server, damaged) if one["id"] == "step-5")
    assert one["sound"] is False
    assert one["flaw"].endswith(".")
    server.ask("GET", f"/api/runs/{damaged}/checkpoints/step-5/network.safetensors", expect=422)
    told = server.ask("POST", f"/api/runs/{damaged}/checkpoints/step-5/continue", expect=422)
    assert "step-5" in told["detail"]
    assert server.status(damaged) == "finished"
    problems = server.ask("POST", "/api/plans", QUICK | {"start": {"run": damaged, "checkpoint": "step-5"}}, expect=422)
    assert problems["problems"][0]["path"] == "start.checkpoint"


def test_a_run_continues_from_an_older_one_as_its_next_attempt(server, damaged):
    before = server.ask("GET", f"/api/runs/{damaged}/series?names=loss.total")["series"]
    assert server.ask("POST", f"/api/runs/{damaged}/checkpoints/step-5/continue", expect=202)["id"] == damaged
    wait_for(lambda: server.ask("GET", f"/api/runs/{damaged}")["state"]["attempt"], lambda attempt: attempt == 2)
    server.wait(damaged, "finished")
    assert server.ask("GET", f"/api/runs/{damaged}/series?names=loss.total")["series"] == before
    found = {one["id"]: (one["attempt"], one["superseded"]) for one in listed(server, damaged)}
    assert found["step-5"] == (1, False)
    assert found["step-10"] == (1, True)
    assert found["step-10.2"] == (2, False)
    told = server.ask("POST", f"/api/runs/{damaged}/checkpoints/step-10/continue", expect=409)
    assert "went on from an earlier step since" in told["detail"]


def test_where_nothing_is_left_to_train_nobody_continues(server, run):
    told = server.ask("POST", f"/api/runs/{run}/checkpoints/{listed(server, run)[0]['id']}/continue", expect=409)
    assert "all 4 epochs are done" in told["detail"]


def test_while_it_trains_nobody_continues_it_from_elsewhere(server):
    run_id = server.launch(ENDLESS)
    server.wait_for_step(run_id)
    server.command(run_id, type="save", name="here")
    saved = wait_for(lambda: listed(server, run_id))[0]
    assert saved["name"] == "here"
    told = server.ask("POST", f"/api/runs/{run_id}/checkpoints/{saved['id']}/continue", expect=409)
    assert "running" in told["detail"]
    assert not (server.folder / "runs" / run_id / "chosen.json").exists()
    server.stop(run_id)


def stopped(server, run_id, one):
    """Make `one` a copy of a run, as it is after a stop."""
    shutil.copytree(server.folder / "runs" / run_id, one.folder, dirs_exist_ok=True)
    one.standing = Status("stopped")


def chosen(one):
    return [path.name for path in one.folder.iterdir() if "chosen" in path.name]


def test_on_a_disk_that_takes_nothing_nobody_continues_and_nothing_is_left_of_the_choice(server, settings, run):
    async def choose_on_a_full_disk(lab, one):
        stopped(server, run, one)
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
        try:
            with pytest.raises(DiskFull, match="From which checkpoint the run shall go on cannot be written"):
                choose(one.folder, "step-5", 2)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert chosen(one) == []

    in_a_lab(settings, choose_on_a_full_disk)


def test_where_there_is_no_room_nobody_continues_and_nothing_is_written(server, settings, run, monkeypatch):
    async def choose_without_room(lab, one):
        stopped(server, run, one)
        written = []
        monkeypatch.setattr("app.checkpoint_files.choose", lambda *_: written.append(chosen(one)))
        monkeypatch.setattr(disk, "FREE_SHARE", 1.1)
        monkeypatch.setattr(disk, "FREE_BYTES", 2**62)
        with pytest.raises(DiskFull, match="MiB are free"):
            await continue_from(one, "step-5", lab, "somebody")
        assert (one.standing.name, written, chosen(one)) == ("stopped", [], [])

    in_a_lab(settings, choose_without_room)


def test_a_run_whose_checkpoints_are_being_removed_is_not_continued_and_a_removed_one_is_not_chosen(
    server, settings, run
):
    async def choose_what_goes(lab, one):
        stopped(server, run, one)
        one.held = "its old checkpoints are being removed"
        with pytest.raises(NotNow, match="its old checkpoints are being removed"):
            await continue_from(one, "step-5", lab, "somebody")
        shutil.rmtree(one.folder / "checkpoints" / "step-5")
        with pytest.raises(NoSuchCheckpoint):
            choose(one.folder, "step-5", 2)
        assert (one.standing.name, chosen(one)) == ("stopped", [])

    in_a_lab(settings, choose_what_goes)


def test_a_stopped_run_continues_with_the_knobs_of_that_checkpoint(server):
    run_id = server.launch(ENDLESS)
    server.wait_for_step(run_id)
    server.command(run_id, type="save", name="before")
    wait_for(lambda: listed(server, run_id))
    server.command(run_id, type="change", target="optimizer", field="lr", value=0.5)
    knob = lambda: server.ask("GET", f"/api/runs/{run_id}")["state"]["knobs"]["optimizer"]["lr"]["value"]  # noqa: E731
    wait_for(knob, lambda lr: lr == 0.5)
    server.stop(run_id)
    before = next(one for one in listed(server, run_id) if one["name"] == "before")
    server.ask("POST", f"/api/runs/{run_id}/checkpoints/{before['id']}/continue", expect=202)
    server.wait(run_id, "running", "resuming")
    wait_for(knob, lambda lr: lr != 0.5)
    assert server.status(run_id) not in OVER
    server.stop(run_id)


def test_a_new_run_starts_with_the_weights_of_another(server, run):
    first = listed(server, run)[0]
    start = {"run": run, "checkpoint": first["id"]}
    assert server.ask("POST", "/api/plans", SAVING | {"start": start})["spec"]["start"] == start
    run_id = server.launch(SAVING | {"start": start, "optimizer": {"name": "sgd", "params": {"lr": 0.0}}})
    server.wait(run_id, "finished")
    assert listed(server, run_id)[0]["sha256"] == first["sha256"], "a rate of 0 moves nothing"
    copied = server.folder / "runs" / run_id / "start"
    assert sorted(path.name for path in copied.iterdir()) == ["manifest.json", "network.safetensors"]


@pytest.mark.parametrize(
    ("change", "path", "told"),
    [
        ({"model": {"name": "mlp", "params": {"hidden": [5]}}}, "start.checkpoint", "dense 1.weight is 4x2 there"),
        ({"start": {"run": "0" * 26}}, "start.run", "There is no run"),
        ({"start": {"checkpoint": "step-999999"}}, "start.checkpoint", "This run has no checkpoint 'step-999999'"),
        ({"start": {"checkpoint": "../spec.json"}}, "start.checkpoint", "no checkpoint"),
        ({"start": {"run": "../.."}}, "start.run", "There is no run"),
    ],
)
@pytest.mark.parametrize("route", ["/api/plans", "/api/runs"])
def test_what_cannot_be_started_from_is_refused_before_anything_is_queued(server, run, route, change, path, told):
    runs = server.ask("GET", "/api/runs")["count"]
    start = {"run": run, "checkpoint": "step-5"} | change.get("start", {})
    answer = server.ask("POST", route, SAVING | change | {"start": start}, expect=422)
    assert answer["problems"][0]["path"] == path
    assert server.ask("GET", "/api/runs")["count"] == runs
