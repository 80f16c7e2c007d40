"""The plan: what a spec would train, or all that is wrong with it, without allocating anything."""

import math
import resource

import pytest

from tests.training import SMALL, with_fields
from trainer.monitors import MONITORS
from trainer.plan import answer
from trainer.spec import RunSpec


def problems(**fields):
    told = answer(SMALL.model_dump() | fields)
    assert "problems" in told, "this was planned"
    return {one["path"]: one["message"] for one in told["problems"]}


def test_a_plan_counts_parameters_shapes_and_steps_by_hand():
    plan = answer(with_fields(SMALL, model={"name": "mlp", "params": {"hidden": [100, 50]}}).model_dump())["plan"]
    assert plan["parameters"] == 64 * 100 + 100 + 100 * 50 + 50 + 50 * 10 + 10
    assert [(one["name"], one["shape"]) for one in plan["layers"]] == [
        ("dense 1", [100]),
        ("dense 2", [50]),
        ("output", [10]),
    ]
    assert sum(plan["samples"].values()) == 1797
    assert plan["steps_per_epoch"] == -(-plan["samples"]["train"] // 64)
    assert plan["steps"] == 3 * plan["steps_per_epoch"]
    assert plan["problem"]["loss"] == "cross_entropy"
    assert plan["problem"]["metrics"] == ["accuracy", "precision", "recall", "f1", "auc"]


def test_a_planned_spec_has_every_default_written_out():
    spec = answer({})["spec"]
    assert spec["loss"]["name"] == "cross_entropy"
    assert spec["optimizer"]["params"]["lr"] > 0
    assert spec["regularizers"]["l2"]["enabled"] is False
    assert spec["probes"]["weights"]["enabled"] is True
    assert spec["training"]["batch_size"] == 64
    assert answer(spec)["spec"] == spec
    assert RunSpec.parse(RunSpec.read(spec).to_yaml()) == RunSpec.read(spec)


@pytest.mark.parametrize("dataset", ["digits", "wine", "breast_cancer", "diabetes", "circle", "xor", "gauss", "spiral"])
def test_every_data_set_gets_the_loss_of_its_problem(dataset):
    plan = answer({"dataset": {"name": dataset}, "training": {"batch_size": 16}})["plan"]
    expected = {"diabetes": "mse", "digits": "cross_entropy", "wine": "cross_entropy"}.get(
        dataset, "binary_cross_entropy"
    )
    assert plan["problem"]["loss"] == expected
    assert len(plan["problem"]["why"]) > 20


def test_ten_billion_parameters_are_refused_without_memory():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told = problems(model={"name": "mlp", "params": {"hidden": [100_000, 100_000]}})
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert "10,007,600,010 parameters; at most 50,000,000" in told["model.params"]
    assert grown_kib < 20 * 1024


@pytest.mark.parametrize(
    ("fields", "path", "told"),
    [
        ({"optimizer": {"name": "adamm"}}, "optimizer.name", "Did you mean 'adam'?"),
        ({"optimizer": {"name": "sgd", "params": {"lr": -1}}}, "optimizer.params.lr", "outside 0 to 100"),
        ({"optimizer": {"name": "sgd", "params": {"rate": 1}}}, "optimizer.params.rate", "There are: lr"),
        ({"optimizer": {"name": "sgd", "params": {"nesterov": True}}}, "optimizer.params.nesterov", "needs a momentum"),
        ({"regularizers": {"l3": {"enabled": True}}}, "regularizers.l3", "no regularizer is called 'l3'"),
        ({"regularizers": {"l2": {"strenght": 1}}}, "regularizers.l2.strenght", "Did you mean 'strength'?"),
        ({"training": {"epochs": 10**9}}, "training.epochs", "outside 1 to 1,000,000"),
        ({"training": {"batch_size": 5000}}, "training.batch_size", "at most 12"),
        ({"training": {"device": "tpu"}}, "training.device", "auto, cpu, cuda"),
        ({"loss": {"name": "mse"}}, "loss.name", "not for a problem of kind"),
        ({"dataset": {"name": "wine"}, "model": {"name": "cnn"}}, "model.params", "image"),
        ({"dataset": {"name": "digits", "params": {"validation": 0.0}}, "stopping": {"early": {"enabled": True}}},
         "stopping.early.monitor", "no metric of this run is called 'validation.loss'"),
        ({"dataset": {"name": "diabetes"}, "stopping": {"early": {"enabled": True, "monitor": "validation.auc"}}},
         "stopping.early.monitor", "There are: train.loss, train.mae, train.rmse, validation.loss"),
        ({"dataset": {"name": "regions"}, "schedule": {"name": "plateau", "params": {"monitor": "validation.f1"}}},
         "schedule.params.monitor", "no metric of this run is called 'validation.f1'"),
    ],
)  # fmt: skip
def test_each_problem_stands_at_its_path(fields, path, told):
    assert told in problems(**fields)[path]


def test_all_problems_are_told_at_once():
    told = problems(optimizer={"name": "x"}, schedule={"name": "y"}, training={"epochs": 0, "batch_size": 64})
    assert set(told) == {"optimizer.name", "schedule.name", "training.epochs"}


def test_a_plan_says_what_always_giving_the_same_answer_gets():
    plan = answer({"dataset": {"name": "breast_cancer"}, "training": {"batch_size": 16}})["plan"]
    accuracy, share = plan["chance"]["accuracy"], plan["chance"]["accuracy"]["train"]
    assert plan["classes"][plan["chance"]["answer"]] == "benign"
    assert share == pytest.approx(357 / 569, abs=0.005)
    assert accuracy["validation"] == pytest.approx(357 / 569, abs=0.02)
    assert plan["chance"]["loss"] == pytest.approx(-share * math.log(share) - (1 - share) * math.log(1 - share))


def test_what_guessing_costs_is_ln_k_for_classes_and_the_variance_for_numbers():
    assert answer({})["plan"]["chance"]["loss"] == pytest.approx(math.log(10), abs=1e-3)
    numbers = answer({"dataset": {"name": "diabetes"}, "training": {"batch_size": 16}})["plan"]["chance"]
    assert numbers == {"loss": pytest.approx(1.0, abs=1e-6)}, "its targets are standardized"


@pytest.mark.parametrize(
    ("dataset", "some", "others"),
    [
        ("digits", {"validation.auc", "validation.f1", "train.recall"}, {"train.auc", "validation.rmse"}),
        ("regions", {"validation.auc", "validation.exact"}, {"validation.f1", "validation.mae"}),
        ("diabetes", {"validation.rmse", "train.mae"}, {"validation.auc", "validation.accuracy"}),
    ],
)
def test_a_plan_names_what_may_be_watched_and_a_run_has_it(dataset, some, others):
    spec = {"dataset": {"name": dataset}, "training": {"batch_size": 16}}
    monitors = set(answer(spec)["plan"]["monitors"])
    assert some <= monitors <= set(MONITORS)
    assert not others & monitors
    for monitor in some:
        early = {"early": {"enabled": True, "monitor": monitor}}
        assert "plan" in answer(spec | {"stopping": early}), monitor
