"""Precision, recall and F1, against scikit-learn and by hand."""

import pytest
import torch

from trainer.losses import scores, tally
from trainer.losses.binary_cross_entropy import BinaryCrossEntropy

CHANCE = torch.Generator().manual_seed(0)


@pytest.mark.parametrize("classes", [2, 3, 10])
@pytest.mark.parametrize("skilled", [0.0, 0.7])
def test_they_are_scikit_learns(classes, skilled):
    from sklearn.metrics import precision_recall_fscore_support

    truth = torch.randint(classes, (60,), generator=CHANCE)
    answers = torch.where(torch.rand(60, generator=CHANCE) < skilled, truth, torch.zeros_like(truth))
    average = "binary" if classes == 2 else "macro"
    expected = precision_recall_fscore_support(truth, answers, average=average, zero_division=0)[:3]
    found = scores(tally(truth, answers, classes))
    right = (truth == answers).double().mean()
    assert [one.item() for one in found.values()] == pytest.approx([right.item(), *map(float, expected)], abs=1e-6)
    assert list(found) == ["accuracy", "precision", "recall", "f1"]


def test_of_two_classes_the_second_is_judged():
    outputs = torch.tensor([[1.0], [2.0], [-1.0], [3.0], [-2.0]])  # answered 1 three times
    targets = torch.tensor([[1.0], [0.0], [1.0], [1.0], [0.0]])  # of which two are right, and one 1 is missed
    found = {name: one.item() for name, one in BinaryCrossEntropy().metrics(outputs, targets).items()}
    assert found == pytest.approx({"accuracy": 3 / 5, "precision": 2 / 3, "recall": 2 / 3, "f1": 2 / 3})


def test_a_class_that_is_never_answered_has_no_precision():
    found = scores(tally(torch.tensor([1, 1, 0]), torch.tensor([0, 0, 0]), 2))
    assert [one.item() for one in found.values()] == [pytest.approx(1 / 3), 0, 0, 0]
