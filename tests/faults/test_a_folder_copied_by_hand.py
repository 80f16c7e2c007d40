"""A run folder copied by hand, half copied, from a newer version, with a spec.json edited by hand: a sentence each."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from app.verify import verify
from app.workers.process import Process
from tests.ill import points, stands
from tests.server import ENDLESS, QUICK, Server
from trainer.protocol import Entry
from trainer.runlog import LogWriter, frame, read_all

FIRST = "01HZZZZZZZZZZZZZZZZZZZZZ"  # ids of copies begin with it


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A run that has finished, in a data folder of its own."""
    data = tmp_path_factory.mktemp("original") / "data"
    with Server(data) as server:
        run = server.launch(QUICK)
        server.wait(run, "finished")
    return data / "runs" / run


def a_newer_version(run: Path) -> None:
    log = run / "events-1.log"
    entries = [entry for entry, _ in read_all(log)]
    log.unlink()
    writer = LogWriter(log)
    writer.append([one.said for one in entries[:-1]])
    writer.close()
    unknown = Entry(len(entries), entries[-1].time, {"type": "dreamed", "of": "electric sheep", "step": 18})
    with log.open("ab") as file:
        file.write(frame(msgspec.msgpack.encode(unknown)))


def without_an_end(run: Path) -> None:
    log = run / "events-1.log"
    entries = [entry for entry, _ in read_all(log)]
    log.unlink()
    (run / "exit.json").unlink()
    writer = LogWriter(log)
    writer.append([one.said for one in entries[:-1]])
    writer.close()


def edit(text: str):
    def change(run: Path) -> None:
        without_an_end(run)
        (run / "spec.json").write_text(text)

    return change


def half_a_log(run: Path) -> None:
    whole = (run / "events-1.log").read_bytes()
    (run / "events-1.log").write_bytes(whole[: len(whole) // 2])
    shutil.rmtree(run / "checkpoints")
    (run / "exit.json").unlink()


def nothing_but_the_spec(run: Path) -> None:
    for one in list(run.iterdir()):
        if one.name != "spec.json":
            shutil.rmtree(one) if one.is_dir() else one.unlink()


CASES = {
    "whole": (lambda run: None, "finished", ""),
    "half a log": (half_a_log, "interrupted", "left half done"),
    "without a spec": (lambda run: (without_an_end(run), (run / "spec.json").unlink()), "failed", "has no spec.json"),
    "finished, without a spec": (lambda run: (run / "spec.json").unlink(), "finished", ""),
    "nothing but the spec": (nothing_but_the_spec, "interrupted", "was never started"),
    "a newer version": (a_newer_version, "interrupted", "newer version"),
    "a spec that is no JSON": (edit('{"name": "one", '), "failed", "spec.json cannot be used"),
    "a spec that is a list": (edit('["circle"]'), "failed", "spec.json cannot be used"),
    "a spec of wrong types": (edit('{"optimizer": 3, "dataset": "circle"}'), "failed", "spec.json cannot be used"),
    "a spec of another shape": (edit('{"optimizer": {"name": ["adam"]}, "name": {}}'), "failed", "cannot be used"),
    "a spec of a component that there is not": (
        edit('{"optimizer": {"name": "adamm"}, "model": {"name": "tree"}}'), "interrupted", ""
    ),
    "a spec that is no text": (lambda run: (without_an_end(run), (run / "spec.json").write_bytes(b"\xff\xfe\x00")),
                               "failed", "not UTF-8"),
}  # fmt: skip


def test_each_is_said_in_a_sentence_on_its_card_and_page_and_nothing_else_is_harmed(folder, original):
    (folder / "runs").mkdir(parents=True)
    ids = {name: f"{FIRST}{number:02}" for number, name in enumerate(CASES, 10)}
    for name, (change, *_) in CASES.items():
        shutil.copytree(original, folder / "runs" / ids[name])
        change(folder / "runs" / ids[name])
    shutil.copytree(original, folder / "runs" / "copy of a run")
    (folder / "runs" / f"{FIRST}99").mkdir()  # as mkdir and a power cut leave it
    before = {path: path.read_bytes() for path in (folder / "runs").glob("*/events-*.log")}
    with Server(folder) as server:
        there = {one["id"]: one for one in server.ask("GET", "/api/runs")["runs"]}
        assert there.keys() == set(ids.values())
        for name, (_, status, words) in CASES.items():
            run = ids[name]
            found = server.wait(run, status, within_s=5)["status"]
            assert words in found["reason"], (name, found)
            page = server.http.get(f"/runs/{run}", headers={"accept": "text/html"})
            assert page.status_code == 200, (name, page.text[:500])
            assert server.ask("GET", f"/api/runs/{run}")["id"] == run
            refused = server.http.get(f"/api/runs/{run}/spec.yaml")
            assert refused.status_code == 200 or "spec.json" in refused.json()["detail"], (name, refused.text)
            if status == "failed":
                answer = server.ask("POST", f"/api/runs/{run}/restart", expect=409)
                assert "spec.json" in answer["detail"], (name, answer)
        assert len(points(server, ids["whole"])) == 18
        assert len(points(server, ids["a spec that is no JSON"])) == 18
        fresh = server.launch(QUICK)
        server.wait(fresh, "finished")
    assert verify(folder / "runs" / fresh).good
    assert {path: path.read_bytes() for path in before} == before
    with Server(folder) as server:
        for name, (_, status, _) in CASES.items():
            assert server.status(ids[name]) == status, name


def test_a_copy_of_a_run_that_trains_is_not_taken_for_the_run(tmp_path, folder):
    other = tmp_path / "other"
    with Server(folder) as server:
        run = server.launch(ENDLESS)
        server.wait_for_step(run, 20)
        trainer = server.trainer(run)
        for name in (run, f"{FIRST}99"):
            shutil.copytree(folder / "runs" / run, other / "runs" / name)
        with Server(other) as second:
            for name in (run, f"{FIRST}99"):
                assert stands(second, name)["name"] == "interrupted"
                assert "left half done" in stands(second, name)["reason"]
                second.ask("POST", f"/api/runs/{name}/restart")
                second.wait(name, "running")
                assert second.trainer(name) != trainer
                second.stop(name)
        assert Process.read(folder / "runs" / run).alive()
        server.wait_for_step(run, server.card(run)["step"] + 10)
        assert server.status(run) == "running"
        server.stop(run)
