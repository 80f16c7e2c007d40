"""Training on what people brought in: what is missing is filled by the training part alone, and nothing else is."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.training import SMALL, curve, ended, train, with_fields
from tests.uploads import kept as kept_as
from tests.uploads import packed
from trainer import plan
from trainer.component import ParameterError
from trainer.data import prepare, split
from trainer.datasets.own import Own
from trainer.look import answer as look_at
from trainer.members import answer as judged_together
from trainer.own import kept

ROOT = Path(__file__).parents[2]
ID = "01JD0000000000000000000000"
OTHER = "01JD0000000000000000000001"
GAPS = "age,sex,y\n" + "".join(
    f"{'' if number % 5 == 0 else number},{('m', 'f', 'f', '')[number % 4]},{'ab'[number % 2]}\n"
    for number in range(80)
)


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A data folder with two own data sets: a table with gaps, and a curve to fit."""
    monkeypatch.setenv(kept.ENVIRONMENT, str(tmp_path))
    bring(tmp_path, ID, GAPS)
    bring(tmp_path, OTHER, "x,y\n" + "".join(f"{number / 10},{number**2 / 3}\n" for number in range(50)))
    return tmp_path


def bring(data, id, text):
    assert not isinstance(kept_as(data, text, into=data / "datasets" / id, id=id), list)


def test_what_is_missing_is_filled_by_what_the_training_part_says(data):
    own = Own(data=ID, scaling="none")
    table = own.load()
    rows = split(table, own)
    inputs = prepare(own, "cpu")
    train_ages = [age for age in table.inputs[rows[0], 0].tolist() if age == age]
    assert (table.features, inputs.features) == (["age", "sex"], ["age", "sex f", "sex m"])
    for part, places in zip((inputs.train, inputs.validation, inputs.test), rows, strict=True):
        lost = table.inputs[places, 0].isnan()
        assert part.inputs[lost, 0].tolist() == [pytest.approx(np.median(train_ages))] * int(lost.sum())
        assert part.inputs[table.inputs[places, 1].isnan(), 1:].unique(dim=0).tolist() in ([[1.0, 0.0]], [])
        assert torch.equal(part.inputs[~lost, 0], table.inputs[places, 0][~lost])


def test_another_split_fills_with_another_median(data):
    filled = set()
    for seed in range(5):
        own = Own(data=ID, scaling="none", split_seed=seed)
        rows = split(own.load(), own)
        lost = own.load().inputs[rows[0], 0].isnan()
        filled |= set(prepare(own, "cpu").train.inputs[lost, 0].tolist())
    assert len(filled) > 1, "a median over all rows would be the same for every split"


@pytest.mark.parametrize(("id", "words"), [("", "no data set is chosen"), ("wine", "there is no own data set 'wine'"),
                                           ("../../etc", "there is no own data set"), ("01JD00000000000000000000ZZ",
                                           "it may have been deleted")])  # fmt: skip
def test_a_plan_says_at_its_field_that_there_is_no_such_data_set(data, id, words):
    told = plan.answer({"dataset": {"name": "own", "params": {"data": id}}})
    (problem,) = told["problems"]
    assert problem["path"] == "dataset.params.data"
    assert words in problem["message"]
    assert "on the page Data" in problem["message"]


def test_a_damaged_file_is_no_silent_wrong_value(data):
    path = data / "datasets" / ID / "table.npz"
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)
    with pytest.raises(ParameterError, match="Upload it again"):
        Own(data=ID).load()


def test_it_trains_and_the_same_seed_trains_the_same(data, tmp_path):
    spec = with_fields(SMALL, dataset={"name": "own", "params": {"data": ID}}, training={"epochs": 2, "batch_size": 8})
    first, second = (train(tmp_path / name, spec) for name in ("first", "second"))
    assert curve(first) == curve(second)
    assert "test.accuracy" in ended(first).metrics


def test_a_run_whose_data_were_deleted_since_is_not_taken_up_again_and_says_so(data, tmp_path):
    training = {"epochs": 1, "batch_size": 8}
    train(tmp_path / "run", with_fields(SMALL, dataset={"name": "own", "params": {"data": ID}}, training=training))
    shutil.rmtree(data / "datasets" / ID)
    (problem,) = judged_together([str(tmp_path / "run")])["problems"]
    assert problem["message"].startswith(f"Run run cannot be taken up again: there is no own data set '{ID}'")


def test_without_a_server_a_run_finds_its_data_beside_itself(data, monkeypatch):
    run = data / "runs" / "01JD0000000000000000000009"
    run.mkdir(parents=True)
    dataset = {"name": "own", "params": {"data": OTHER}}
    spec = with_fields(SMALL, dataset=dataset, training={"epochs": 1, "batch_size": 8})
    (run / "spec.json").write_text(json.dumps(spec.model_dump()))
    monkeypatch.delenv(kept.ENVIRONMENT)
    subprocess.run([sys.executable, "-m", "trainer", str(run)], cwd=ROOT, check=True, timeout=100)


def test_a_curve_s_target_is_standardized_unless_asked_otherwise(data):
    assert prepare(Own(data=OTHER), "cpu").train.targets.mean().item() == pytest.approx(0, abs=1e-5)
    assert prepare(Own(data=OTHER, scale_target=False), "cpu").train.targets.mean().item() > 100


def test_its_look_is_what_a_run_would_train_on(data):
    look = look_at({"name": "own", "params": {"data": ID, "validation": 0.25}})["look"]
    assert look["samples"] == {"train": 48, "validation": 20, "test": 12}
    assert [sum(one[part] for one in look["balance"]) for part in look["samples"]] == [48, 20, 12]
    age, sex = look["columns"]
    assert sum(one[part] for one in sex["values"] for part in look["samples"]) == 80 - sex["missing"] == 60
    assert {row["values"][1] for row in look["rows"]} <= {"f", "m", None}
    assert {row["scaled"][1] for row in look["rows"]} <= {"1 0", "0 1"}
    assert (age["name"], age["missing"]) == ("age", 16)
    assert sum(age["before"]["counts"]["train"]) < 48 == sum(age["after"]["counts"]["train"])
    assert age["after"]["mean"] == pytest.approx(0, abs=1e-6)
    assert None in [row["values"][0] for row in look["rows"]]
    assert all(value is not None for row in look["rows"] for value in row["scaled"])
    json.dumps(look, allow_nan=False)


def test_a_test_part_of_its_own_is_tested_on_and_the_rest_is_drawn(tmp_path, monkeypatch):
    monkeypatch.setenv(kept.ENVIRONMENT, str(tmp_path))
    x, y = np.arange(60.0)[:, None] * [1, 2], np.arange(60) % 3
    bring(tmp_path, ID, packed(x_train=x, y_train=y, x_test=-x[:12], y_test=y[:12]))
    data = prepare(Own(data=ID, scaling="none", validation=0.25), "cpu")
    assert data.counts == {"train": 45, "validation": 15, "test": 12}
    assert torch.equal(data.test.inputs, torch.from_numpy(-x[:12]).float())
    assert torch.bincount(data.validation.targets).tolist() == [5, 5, 5]
    assert prepare(Own(data=ID, folds=3, fold=2), "cpu").counts == {"train": 40, "validation": 20, "test": 12}
    drawn = prepare(Own(data=ID, own_test=False, validation=0, test=0.25), "cpu")
    assert drawn.counts == {"train": 54, "validation": 0, "test": 18}
