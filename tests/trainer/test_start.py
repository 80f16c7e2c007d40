"""A run that begins with another run's weights, and what is said of weights that do not fit."""

import shutil

import pytest
import torch

from tests.hard_life import attempt, check_equal, kill, live, make
from tests.test_law_of_resuming import WINE
from tests.training import of_kind, said, with_fields
from trainer import plan
from trainer.checkpoint_read import newest_valid
from trainer.protocol import Failed, Started
from trainer.spec import RunSpec

START = {"run": "01JD" + "0" * 22, "checkpoint": "step-20"}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = make(tmp_path_factory.mktemp("source") / "run", with_fields(WINE, training=WINE.training))
    live(folder, {})
    return newest_valid(folder).path


def begun(folder, source, **fields):
    folder = make(folder, with_fields(WINE, start=START, **fields))
    (folder / "start").mkdir()
    for name in ("network.safetensors", "manifest.json"):
        shutil.copy(source / name, folder / "start")
    return folder


def planned(source, **fields):
    return plan.answer(with_fields(WINE, start=START, **fields).model_dump(), str(source))


def test_it_begins_with_those_weights_and_everything_else_is_new(tmp_path, source):
    (tmp_path / "run").mkdir()
    folder = begun(tmp_path / "run" / "a", source, optimizer={"name": "sgd", "params": {"lr": 0.0}})
    live(folder, {})
    assert of_kind(said(folder), Started)[0].step == 0
    there, here = torch.load(source / "state.pt", weights_only=True), newest_valid(folder)
    assert there["step"] == here.step
    weights = newest_valid(source.parents[1]).network
    assert all(torch.equal(here.network[name], weights[name]) for name in weights), "a rate of 0 moves nothing"


def test_the_start_stands_in_the_spec_of_the_run_and_its_checkpoints(tmp_path, source):
    folder = begun(tmp_path / "run", source)
    live(folder, {})
    assert of_kind(said(folder), Started)[0].spec["start"] == START
    assert newest_valid(folder).spec.start == RunSpec.read({"start": START}).start
    assert "start" not in WINE.model_dump()


def test_killed_before_its_first_checkpoint_it_begins_with_them_again(tmp_path, source):
    whole, killed = begun(tmp_path / "whole", source), begun(tmp_path / "killed", source)
    live(whole, {})
    live(killed, {}, [kill(9)])
    check_equal(killed, whole)


def test_what_fits_is_planned_and_stays_in_the_spec(source):
    assert planned(source)["spec"]["start"] == START


def test_regularizers_that_draw_by_chance_are_planned_with_a_start_too(source):
    assert "plan" in planned(source, regularizers={"dropout": {"enabled": True, "rate": 0.5}})


def test_another_architecture_is_refused_before_anything_is_queued(source):
    (problem,) = planned(source, model={"name": "mlp", "params": {"hidden": [7]}})["problems"]
    assert problem["path"] == "start.checkpoint"
    assert "dense 1.weight is 9x13 there and 7x13 here" in problem["message"]


def test_batch_normalization_that_only_one_of_them_has_is_named(source):
    (problem,) = planned(source, regularizers={"batch_norm": {"enabled": True}})["problems"]
    assert "dense 1.norm." in problem["message"]
    assert "missing there" in problem["message"]


@pytest.mark.parametrize("length", [0, 10, 500, -1])
def test_a_truncated_one_is_refused(tmp_path, source, length):
    copy = shutil.copytree(source, tmp_path / source.name)
    data = (copy / "network.safetensors").read_bytes()
    (copy / "network.safetensors").write_bytes(data[:length])
    (problem,) = planned(copy)["problems"]
    assert problem["path"] == "start.checkpoint"
    assert f"{source.name}/network.safetensors has" in problem["message"]


def test_one_that_is_gone_is_refused(tmp_path):
    (problem,) = planned(tmp_path / "step-20")["problems"]
    assert "step-20 has no manifest.json that can be read" in problem["message"]


def test_without_a_server_it_is_said_who_has_them():
    (problem,) = plan.answer(with_fields(WINE, start=START).model_dump())["problems"]
    assert "ask a server that has it" in problem["message"]


@pytest.mark.parametrize(
    "start",
    [{"run": "../..", "checkpoint": "step-1"}, {"run": "0" * 26, "checkpoint": "../x"}, {"run": "0" * 26}, "step-1",
     {"run": "0" * 26, "checkpoint": "step-1\n"}],
)  # fmt: skip
def test_ids_that_are_none_are_refused_in_words(start):
    problems = plan.answer(WINE.model_dump() | {"start": start})["problems"]
    assert problems[0]["path"].startswith("start")
    assert problems[0]["message"].endswith(".")


def test_weights_that_were_damaged_since_end_the_run_with_a_sentence(tmp_path, source):
    folder = begun(tmp_path / "run", source)
    with (folder / "start" / "network.safetensors").open("ab") as file:
        file.write(b"x")
    assert attempt(folder) == 1
    failed = said(folder)[-1]
    assert isinstance(failed, Failed)
    assert "start cannot be used to start from. start/network.safetensors has" in failed.reason
