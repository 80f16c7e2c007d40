"""Networks that predict together: the mean of their predictions, judged on samples that all of them share."""

from pathlib import Path

import pytest
import torch

from tests.training import SMALL, train, with_fields
from trainer.assembly import assemble
from trainer.checkpoint_read import newest_valid
from trainer.members import answer, judge
from trainer.run import Run

QUICK = {"training": {"epochs": 2, "batch_size": 64}}


def trained(folder: Path, **fields) -> Path:
    train(folder, with_fields(SMALL, **(QUICK | fields)))
    return folder


def outputs_of(folder: Path, part: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Return what the network of a finished run says of a part of its data, and the targets, by another way."""
    checkpoint = newest_valid(folder)
    run = Run(checkpoint.spec, assemble(checkpoint.spec))
    checkpoint.restore(run)
    run.network.eval()
    data = getattr(run.data, part)
    with torch.no_grad():
        return run.network(data.inputs), data.targets


@pytest.fixture(scope="module")
def digits(tmp_path_factory) -> list[Path]:
    base = tmp_path_factory.mktemp("digits")
    switched = {"batch_norm": {"enabled": True}, "dropout": {"enabled": True, "rate": 0.2}}
    return [trained(base / str(seed), seed=seed, regularizers=switched) for seed in (1, 2, 3)]


def test_probabilities_are_averaged_and_the_likeliest_class_of_the_mean_is_taken(digits):
    told = judge(digits)
    assert told.keys() == {"validation", "test"}
    outputs, targets = zip(*(outputs_of(folder, "test") for folder in digits), strict=True)
    mean = torch.stack([one.softmax(1) for one in outputs]).mean(0)
    assert told["test"]["samples"] == len(targets[0])
    right = (mean.argmax(1) == targets[0]).float().mean()
    assert told["test"]["together"][-1]["accuracy"] == pytest.approx(float(right))
    picked = mean[torch.arange(len(mean)), targets[0]]
    assert told["test"]["together"][-1]["loss"] == pytest.approx(float(-picked.log().mean()), rel=1e-4)
    alone = [float((one.argmax(1) == targets[0]).float().mean()) for one in outputs]
    assert [one["accuracy"] for one in told["test"]["alone"]] == pytest.approx(alone)
    assert told["test"]["together"][0] == told["test"]["alone"][0]


def test_the_loss_of_an_ensemble_is_at_most_the_mean_loss_of_its_members(digits):
    for part in judge(digits).values():
        for size in (1, 2, 3):
            mean = sum(one["loss"] for one in part["alone"][:size]) / size
            assert part["together"][size - 1]["loss"] <= mean + 1e-6


@pytest.mark.parametrize(("dataset", "metric"), [("diabetes", "rmse"), ("circle", "accuracy")])
def test_numbers_are_averaged_as_they_are_and_two_classes_by_their_probability(tmp_path, dataset, metric):
    folders = [trained(tmp_path / str(seed), seed=seed, dataset={"name": dataset}) for seed in (1, 2)]
    outputs, targets = zip(*(outputs_of(folder, "validation") for folder in folders), strict=True)
    if metric == "rmse":
        right = ((torch.stack(outputs).mean(0) - targets[0]) ** 2).mean().sqrt()
    else:
        right = ((torch.stack([one.sigmoid() for one in outputs]).mean(0) > 0.5) == (targets[0] > 0.5)).float().mean()
    assert judge(folders)["validation"]["together"][-1][metric] == pytest.approx(float(right), rel=1e-5)


def test_runs_that_were_trained_on_bootstrap_samples_are_judged_on_what_none_has_seen(tmp_path):
    drawn = [{"name": "wine", "params": {"bootstrap": number}} for number in (1, 2)]
    told = judge([trained(tmp_path / str(at), dataset=one) for at, one in enumerate(drawn)])
    assert told.keys() == {"validation", "test"}
    outputs = [outputs_of(tmp_path / str(at), "test") for at in (0, 1)]
    mean = torch.stack([one.softmax(1) for one, _ in outputs]).mean(0)
    right = (mean.argmax(1) == outputs[0][1]).float().mean()
    assert told["test"]["together"][-1]["accuracy"] == pytest.approx(float(right))


def test_folds_are_judged_on_the_test_part_alone(tmp_path):
    folds = [{"name": "wine", "params": {"folds": 2, "fold": fold}} for fold in (1, 2)]
    assert judge([trained(tmp_path / str(at), dataset=one) for at, one in enumerate(folds)]).keys() == {"test"}


def test_runs_that_share_no_samples_are_refused_in_words(tmp_path):
    folders = [
        trained(tmp_path / str(seed), dataset={"name": "digits", "params": {"split_seed": seed}}) for seed in (1, 2)
    ]
    (problem,) = answer([str(one) for one in folders])["problems"]
    assert "no samples in common" in problem["message"]


def test_a_run_without_a_checkpoint_and_one_of_another_problem_are_refused_in_words(tmp_path, digits):
    (tmp_path / "empty").mkdir()
    assert "no whole checkpoint" in answer([str(tmp_path / "empty")])["problems"][0]["message"]
    other = trained(tmp_path / "other", dataset={"name": "wine"})
    assert "another kind" in answer([str(digits[0]), str(other)])["problems"][0]["message"]


def test_networks_on_tokens_are_taken_together(tmp_path):
    model = {"name": "layers", "params": {"layers": [{"embedding": 4}, {"dense": 4}]}}
    reviews = {"name": "reviews", "params": {"size": 200}}
    folders = [trained(tmp_path / str(seed), seed=seed, dataset=reviews, model=model) for seed in (1, 2)]
    outputs, targets = zip(*(outputs_of(folder, "test") for folder in folders), strict=True)
    right = ((torch.stack([one.sigmoid() for one in outputs]).mean(0) > 0.5) == (targets[0] > 0.5)).float().mean()
    told = answer([str(one) for one in folders])
    assert told["parts"]["test"]["together"][-1]["accuracy"] == pytest.approx(float(right))
