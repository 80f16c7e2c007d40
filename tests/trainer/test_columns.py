"""Holes and categories, worked by hand: filled and coded by the training part alone."""

import math

import torch

from tests.tables import of
from trainer.columns import encoded
from trainer.data import outline, prepare
from trainer.datasets import Table

NAN = math.nan
# age, port (0, 1 or 2), fare; the last two rows are not trained on
INPUTS = torch.tensor(
    [[10.0, 0.0, 1.0], [20.0, 1.0, 2.0], [NAN, 1.0, 3.0], [40.0, NAN, NAN], [NAN, 2.0, 9.0], [90.0, NAN, 9.0]]
)
TABLE = Table(
    INPUTS,
    torch.tensor([[0.0], [1.0]] * 3),
    "binary",
    ["no", "yes"],
    ["age", "port", "fare"],
    fills=True,
    categories={1: ["Cork", "Kent", "Oslo"]},
    test_from=4,
)
NAMES = ["age", "port Cork", "port Kent", "port Oslo", "fare"]


def test_what_is_missing_is_filled_and_categories_become_ones():
    inputs, names, plain = encoded(TABLE, torch.arange(4))
    assert names == NAMES
    assert plain.tolist() == [True, False, False, False, True]
    assert inputs.tolist() == [
        [10, 1, 0, 0, 1],
        [20, 0, 1, 0, 2],
        [20, 0, 1, 0, 3],  # the median age of 10, 20 and 40
        [40, 0, 1, 0, 2],  # Kent is the most frequent; the median fare of 1, 2 and 3
        [20, 0, 0, 0, 9],  # Oslo was never seen in training
        [90, 0, 1, 0, 9],
    ]


def test_numbers_are_scaled_and_ones_stay_ones():
    data = prepare(of(TABLE, split="given", scaling="unit"), "cpu")
    assert data.features == NAMES
    assert torch.allclose(data.train.inputs[:, 0], torch.tensor([0, 1 / 3, 1 / 3, 1]))
    assert data.train.inputs[:, 1:4].tolist() == [[1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 1, 0]]
    assert torch.allclose(data.test.inputs[:, 4], torch.tensor([4.0, 4.0]))
    assert outline(of(TABLE, split="given")).features == NAMES


def test_a_column_of_which_nothing_is_known_in_training_becomes_zero():
    table = Table(torch.tensor([[NAN], [NAN], [5.0]]), torch.zeros(3, 1), "number", features=["x"], fills=True)
    assert encoded(table, torch.arange(2))[0].tolist() == [[0], [0], [5]]


def test_a_shift_moves_numbers_and_no_categories():
    plain, moved = (prepare(of(TABLE, split="given", scaling="none", test_shift=shift), "cpu") for shift in (0.0, 1.0))
    steps = moved.test.inputs - plain.test.inputs
    assert (steps[:, [0, 4]] != 0).all()
    assert (steps[:, 1:4] == 0).all()
