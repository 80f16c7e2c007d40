"""Which samples are in which part: by hand where few are, by what must hold of any split where many are."""

import pytest
import torch

from tests.tables import Given, of
from trainer.component import ParameterError
from trainer.data import outline, prepare
from trainer.datasets import Table
from trainer.splits import split

NUMBERS = Table(torch.arange(10.0).unsqueeze(1), torch.arange(10.0).unsqueeze(1), "number", features=["x"])


def parts(dataset, scaling="none"):
    """Return the inputs of each part as lists of whole numbers."""
    data = prepare(type(dataset)(**dataset.values() | {"scaling": scaling}), "cpu")
    return [part.inputs.flatten().int().tolist() for part in (data.train, data.validation, data.test)]


def test_a_given_split_keeps_the_order_of_the_rows():
    given = Given(sizes=[6, 4], tested=3, split="given", validation_rows=2)
    assert parts(given) == [[0, 1, 2, 3, 4], [5, 6], [7, 8, 9]]


def test_of_a_given_test_part_only_the_first_rows_may_be_taken_and_there_need_be_no_validation_part():
    given = Given(sizes=[6, 4], tested=3, split="given", test_rows=2)
    assert parts(given) == [[0, 1, 2, 3, 4, 5, 6], [], [7, 8]]


def test_a_small_training_set_is_the_first_samples_and_leaves_the_others_as_they_are():
    given = Given(sizes=[6, 4], tested=3, split="given", validation_rows=2, samples=3)
    assert parts(given) == [[0, 1, 2], [5, 6], [7, 8, 9]]


def test_a_data_set_with_a_test_part_can_be_drawn_as_well():
    given = Given(sizes=[60, 40], tested=30, split="drawn", validation=0.2, test=0.1)
    drawn = parts(given)
    assert [len(part) for part in drawn] == [70, 20, 10]
    assert sorted([*drawn[0], *drawn[1], *drawn[2]]) == list(range(100))


def test_given_folds_are_cut_one_after_the_other():
    folds = [parts(Given(sizes=[10, 4], tested=4, split="given", folds=3, fold=fold)) for fold in (1, 2, 3)]
    assert [validation for _, validation, _ in folds] == [[0, 1, 2, 3], [4, 5, 6], [7, 8, 9]]
    assert folds[1] == [[0, 1, 2, 3, 7, 8, 9], [4, 5, 6], [10, 11, 12, 13]]


@pytest.mark.parametrize("folds", [2, 5, 7])
def test_each_sample_that_is_not_test_validates_in_exactly_one_drawn_fold(folds):
    found = [
        split(one.load(), one) for one in (Given(sizes=[50, 31, 20], folds=folds, fold=i + 1) for i in range(folds))
    ]
    tests = {tuple(test.tolist()) for _, _, test in found}
    assert len(tests) == 1, "every fold has the same test part"
    validated = torch.cat([validation for _, validation, _ in found]).tolist()
    rest = sorted(set(range(101)) - set(next(iter(tests))))
    assert sorted(validated) == rest
    for train, validation, _ in found:
        assert sorted([*train.tolist(), *validation.tolist()]) == rest
    assert max(map(len, (one[1] for one in found))) - min(map(len, (one[1] for one in found))) <= 1


def test_each_fold_has_its_share_of_each_class_within_one_sample():
    targets = Given(sizes=[50, 31, 20]).load().targets
    for fold in range(1, 6):
        dataset = Given(sizes=[50, 31, 20], test=0, folds=5, fold=fold)
        train, validation, _ = split(dataset.load(), dataset)
        for number, size in enumerate((50, 31, 20)):
            assert abs((targets[validation] == number).sum().item() - size / 5) < 1
            assert (targets[train] == number).any()


def test_a_small_training_set_of_a_drawn_split_has_its_share_of_each_class():
    sizes = (300, 200, 100)
    for samples in (6, 30, 200, 420):
        few = prepare(Given(sizes=[*sizes], samples=samples), "cpu")
        for found, size in zip(torch.bincount(few.train.targets, minlength=3).tolist(), sizes, strict=True):
            assert abs(found - samples * size / 600) <= 1


def test_a_smaller_training_set_is_part_of_a_larger_one():
    small, large = (prepare(Given(sizes=[60, 40], samples=samples, scaling="none"), "cpu") for samples in (10, 20))
    assert torch.equal(small.train.inputs, large.train.inputs[:10])


def test_imbalance_makes_the_last_class_rarer_by_the_factor_and_those_between_evenly():
    data = prepare(Given(sizes=[100, 100, 100], imbalance=25, validation=0.1, test=0.1), "cpu")
    assert torch.bincount(data.train.targets).tolist() == [80, 16, 3]  # 80, 80 / 5, 80 / 25 = 3.2
    assert torch.bincount(data.validation.targets).tolist() == [10, 10, 10]


def test_imbalance_leaves_one_sample_of_a_class_at_least():
    data = prepare(Given(sizes=[20, 20], imbalance=1000, validation=0, test=0), "cpu")
    assert torch.bincount(data.train.targets).tolist() == [20, 1]


def test_a_bootstrap_sample_is_as_large_and_has_two_thirds_of_the_samples():
    whole = prepare(Given(sizes=[600, 400], validation=0.1, test=0), "cpu")
    drawn = [prepare(Given(sizes=[600, 400], validation=0.1, test=0, bootstrap=number), "cpu") for number in (1, 1, 2)]
    inputs = [one.train.inputs.flatten() for one in drawn]
    assert len(inputs[0]) == 900
    assert abs(len(inputs[0].unique()) / 900 - 0.632) < 0.03
    assert torch.equal(inputs[0], inputs[1])
    assert not torch.equal(inputs[0], inputs[2])
    assert set(inputs[0].tolist()) <= set(whole.train.inputs.flatten().tolist()), "scaled as the whole training part is"
    assert torch.equal(drawn[0].validation.inputs, whole.validation.inputs)


@pytest.mark.parametrize(
    ("params", "field", "told"),
    [
        ({"folds": 1}, "folds", "leaves nothing to train on"),
        ({"folds": 5, "fold": 6}, "fold", "take one of 1 to 5"),
        ({"folds": 20}, "folds", "class 'c2' has 17 samples for 20 folds"),
        ({"folds": 90, "stratified": False}, "folds", "there are 85 samples for 90 folds"),
        ({"samples": 71}, "samples", "the training part has 70. Take at most that, or 0"),
        ({"tested": 5, "split": "given", "test_rows": 6}, "test_rows", "there are 5. Take at most that"),
        ({"tested": 5, "split": "given", "validation_rows": 95}, "validation_rows", "leave nothing to train on"),
    ],
)
def test_what_cannot_be_is_refused_at_the_parameter_that_asks_for_it(params, field, told):
    for ask in (outline, lambda dataset: prepare(dataset, "cpu")):
        with pytest.raises(ParameterError, match=told) as caught:
            ask(Given(**params))
        assert caught.value.field == field


def test_a_fold_without_folds_is_refused_to_a_new_run_and_one_begun_so_goes_on():
    with pytest.raises(ParameterError, match=r"but there are no folds. Set folds to 2 or more, or fold to 1") as caught:
        outline(Given(fold=2))
    assert caught.value.field == "fold"
    begun, plain = (prepare(one, "cpu") for one in (Given(fold=2), Given()))
    assert torch.equal(begun.train.inputs, plain.train.inputs)
    assert torch.equal(begun.validation.inputs, plain.validation.inputs)


def test_imbalance_of_numbers_is_refused():
    with pytest.raises(ParameterError, match="no classes that could be rare"):
        prepare(of(NUMBERS, imbalance=2), "cpu")
