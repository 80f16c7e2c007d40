"""Confusion matrices, ROC curves and the areas under them: by hand, and against scikit-learn."""

import math

import numpy as np
import pytest
import torch
from sklearn.metrics import confusion_matrix, multilabel_confusion_matrix, roc_auc_score, roc_curve

from tests.training import SMALL, ended, of_kind, train, with_fields
from trainer.catalog import CATALOG
from trainer.data import Part
from trainer.evaluate import evaluate
from trainer.probes import Outcome
from trainer.protocol import Captured, Epoch
from trainer.ranking import areas, curve

PROBES, LOSSES = CATALOG["probes"], CATALOG["losses"]
BINARY, CLASSES, LABELS = (LOSSES[name]() for name in ("binary_cross_entropy", "cross_entropy", "labels_cross_entropy"))
# of four samples that are there 0.9, 0.8, 0.4 and 0.3, of four that are not 0.7, 0.4, 0.2 and 0.1
SCORES = torch.tensor([0.9, 0.8, 0.7, 0.4, 0.4, 0.3, 0.2, 0.1], dtype=torch.double)
TRUTH = torch.tensor([True, True, False, True, False, True, False, False])


def seen(probe, loss, outputs, targets):
    return PROBES[probe]().on_outcome(Outcome("validation", loss, outputs, targets))


def test_the_area_is_the_chance_that_one_which_is_there_scores_higher():
    # of 16 pairs 0.9 and 0.8 win 4 each, 0.4 wins 2 and is even with one, 0.3 wins 2
    assert areas(SCORES[:, None].numpy(), TRUTH[:, None].numpy()) == [(4 + 4 + 2.5 + 2) / 16]


def test_a_curve_has_its_corners_and_their_thresholds():
    found = curve(SCORES.numpy(), TRUTH.numpy(), 65).tolist()
    # at 0.4 one of both is let through at once: a slope, not a corner between
    assert found == [
        [0, 0, math.inf], [0, 0.5, 0.8], [0.25, 0.5, 0.7], [0.5, 0.75, 0.4], [0.5, 1, 0.3], [1, 1, 0.1],
    ]  # fmt: skip


@pytest.mark.parametrize("decimals", [0, 1, 8])
def test_curves_and_areas_are_scikit_learns_also_where_scores_are_alike(decimals):
    chance = torch.Generator().manual_seed(decimals)
    truth = torch.rand(400, 3, generator=chance) < torch.tensor([0.1, 0.5, 0.9])
    scores = (torch.randn(400, 3, generator=chance).double() + truth).round(decimals=decimals)
    expected = [roc_auc_score(truth[:, one], scores[:, one]) for one in range(3)]
    assert areas(scores.numpy(), truth.numpy()) == pytest.approx(expected)
    for one, area in enumerate(expected):
        theirs = np.stack(roc_curve(truth[:, one], scores[:, one], drop_intermediate=False), axis=1)
        found = curve(scores[:, one].numpy(), truth[:, one].numpy(), 10_000)
        assert {tuple(corner) for corner in found.round(12)} <= {tuple(corner) for corner in theirs.round(12)}
        assert np.trapezoid(found[:, 1], found[:, 0]) == pytest.approx(area)


def test_of_too_many_corners_those_stay_that_lie_evenly_along_the_curve():
    chance = torch.Generator().manual_seed(0)
    truth = torch.rand(5000, generator=chance) < 0.3
    scores = torch.randn(5000, generator=chance).double() + truth
    whole, found = (curve(scores.numpy(), truth.numpy(), most) for most in (10_000, 65))
    assert 50 < len(found) <= 65 < len(whole)
    assert {tuple(one) for one in found.tolist()} <= {tuple(one) for one in whole.tolist()}
    assert (found[0].tolist(), found[-1, :2].tolist()) == ([0, 0, math.inf], [1, 1])
    assert np.diff(found[:, :2].sum(1)).max() < 2 * 2 / 64
    (area,) = areas(scores[:, None].numpy(), truth[:, None].numpy())
    assert np.trapezoid(found[:, 1], found[:, 0]) == pytest.approx(area, abs=0.01)


def test_two_classes_are_counted_by_hand():
    outputs = torch.tensor([[1.0], [2.0], [-1.0], [3.0], [-2.0]])
    targets = torch.tensor([[1.0], [0.0], [1.0], [1.0], [0.0]])
    assert BINARY.confusion(outputs, targets).tolist() == [[1, 1], [1, 2]]


def test_several_classes_and_labels_are_counted_as_scikit_learn_does():
    chance = torch.Generator().manual_seed(3)
    outputs, targets = torch.randn(90, 4, generator=chance), torch.randint(4, (90,), generator=chance)
    assert (CLASSES.confusion(outputs, targets).numpy() == confusion_matrix(targets, outputs.argmax(1))).all()
    holds = (torch.rand(90, 4, generator=chance) < 0.4).float()
    assert (LABELS.confusion(outputs, holds).numpy() == multilabel_confusion_matrix(holds, outputs > 0)).all()


def test_classes_are_ranked_each_against_the_rest_by_their_probability():
    chance = torch.Generator().manual_seed(4)
    targets = torch.randint(4, (200,), generator=chance)
    outputs = torch.randn(200, 4, generator=chance) * 3 + torch.nn.functional.one_hot(targets, 4)
    theirs = roc_auc_score(targets, outputs.double().softmax(1), multi_class="ovr")
    assert CLASSES.ranking(outputs, targets)["auc"].item() == pytest.approx(theirs)
    facts = seen("roc", CLASSES, outputs, targets).arrays["validation"].facts
    assert facts["area"] == pytest.approx(theirs)
    assert np.mean([facts[f"area.{one}"] for one in range(4)]) == pytest.approx(theirs)


def test_the_rates_of_what_is_answered_lie_on_the_curve_of_two_classes():
    targets = TRUTH.float()[:, None]
    outputs = torch.logit(SCORES)[:, None].float()
    shown = seen("roc", BINARY, outputs, targets).arrays["validation"]
    # three score over a half, of which two are there
    assert (shown.facts["false.0"], shown.facts["true.0"]) == (0.25, 0.5)
    assert [0.25, 0.5] in shown.values[0, :, :2].tolist()
    assert list(shown.values.shape) == [1, 6, 3]


def test_a_class_that_nobody_has_is_left_out_of_the_mean_and_has_no_curve():
    targets = torch.tensor([0, 1, 1, 0])
    outputs = torch.tensor([[2.0, 1.0, 0.0], [0.0, 1.0, 0.0], [1.0, 3.0, 0.0], [2.0, 0.0, 1.0]])
    shown = seen("roc", CLASSES, outputs, targets).arrays["validation"]
    assert CLASSES.ranking(outputs, targets)["auc"] == 1 == shown.facts["area"]
    assert math.isnan(shown.facts["area.2"])
    assert shown.values[2].isnan().all()


def test_where_all_are_of_one_class_there_is_nothing_to_rank():
    outputs, targets = torch.randn(4, 1), torch.ones(4, 1)
    assert BINARY.ranking(outputs, targets) == {}
    assert seen("roc", BINARY, outputs, targets) is None
    assert seen("confusion", BINARY, outputs, targets).arrays["validation"].values[1].sum() == 4


def test_more_than_100_classes_are_neither_ranked_nor_counted():
    outputs, targets = torch.randn(300, 101), torch.arange(300) % 101
    assert CLASSES.ranking(outputs, targets) == {}
    assert seen("roc", CLASSES, outputs, targets) is seen("confusion", CLASSES, outputs, targets) is None


def test_numbers_have_neither():
    outputs, targets = torch.randn(9, 1), torch.rand(9, 1)
    for name in ("mse", "share_mse", "share_cross_entropy"):
        assert LOSSES[name]().ranking(outputs, targets) == {}
        assert all(seen(probe, LOSSES[name](), outputs, targets) is None for probe in ("roc", "confusion"))


def test_what_diverged_is_counted_and_has_no_area():
    targets = torch.tensor([0, 1, 2, 0])
    outputs = torch.full((4, 3), math.nan)
    assert CLASSES.ranking(outputs, targets)["auc"].isnan()
    assert seen("confusion", CLASSES, outputs, targets).arrays["validation"].values.sum() == 4
    assert math.isnan(seen("roc", CLASSES, outputs, targets).arrays["validation"].facts["area"])


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    (folder / "watched").touch()
    return train(folder, SMALL)


def test_a_run_shows_its_validation_part_and_at_the_end_its_test_part(run):
    finished = ended(run)
    for part in ("validation", "test"):
        shown = {one.probe: one for one in of_kind(run, Captured) if one.name == part and one.step == finished.step}
        counts = np.frombuffer(shown["confusion"].data, "<u4").reshape(shown["confusion"].shape)
        assert counts.trace() / counts.sum() == pytest.approx(finished.metrics[f"{part}.accuracy"])
        assert shown["roc"].facts["area"] == pytest.approx(finished.metrics[f"{part}.auc"], rel=1e-6)
        assert shown["roc"].dtype == "float32"
    first = next(one for one in of_kind(run, Captured) if one.probe == "confusion")
    assert (first.name, first.step) == ("validation", of_kind(run, Epoch)[0].step)


def test_what_was_trained_on_is_not_ranked(run):
    metrics = of_kind(run, Epoch)[-1].metrics
    assert "validation.auc" in metrics
    assert "train.auc" not in metrics


def test_the_network_runs_once_for_metrics_and_probes():
    calls = []

    class Counted(torch.nn.Module):
        def forward(self, rows):
            calls.append(len(rows))
            return torch.randn(len(rows), 1)

    part = Part(torch.zeros(50, 2), (torch.arange(50) % 2).float()[:, None])
    shown = []
    evaluate(Counted(), BINARY, part, lambda: None, held_out=True, look=shown.append)
    assert calls == [50]
    assert shown[0].shape == (50, 1)


def test_a_run_without_a_validation_part_shows_what_it_trains_on(tmp_path):
    (tmp_path / "watched").touch()
    spec = with_fields(SMALL, dataset={"name": "circle", "params": {"validation": 0.0}})
    events = train(tmp_path, spec)
    assert {one.name for one in of_kind(events, Captured) if one.probe == "confusion"} == {"train", "test"}
    assert "auc" not in ended(events).metrics
