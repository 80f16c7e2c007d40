"""What is stored small is to its reader what the floats would be."""

import pytest
import torch

from trainer.stored import Bags

TEXTS = [[2, 0, 2], [], [4, 1], [3], [0, 1, 2, 3, 4]]
DENSE = torch.tensor([[1, 0, 1, 0, 0], [0, 0, 0, 0, 0], [0, 1, 0, 0, 1], [0, 0, 0, 1, 0], [1, 1, 1, 1, 1]]).float()
BAGS = Bags.of([torch.tensor(text, dtype=torch.int64) for text in TEXTS], 5)


@pytest.mark.parametrize("rows", [slice(0, 5), slice(1, 3), slice(2, 2), [4, 0, 0, 2], [1], []])
def test_bags_of_words_are_ones_and_zeros_to_whoever_picks_some(rows):
    rows = torch.tensor(rows, dtype=torch.int64) if isinstance(rows, list) else rows
    assert torch.equal(BAGS[rows], DENSE[rows])
    assert torch.equal(BAGS.take(rows).floats(), DENSE[rows])


def test_bags_taken_from_bags_are_the_same():
    taken = BAGS.take(torch.tensor([3, 4, 0, 2])).take(torch.tensor([1, 3, 3]))
    assert torch.equal(taken[:], DENSE[torch.tensor([4, 2, 2])])


def test_bags_come_in_pieces():
    pieces = list(BAGS.split(2))
    assert [len(piece) for piece in pieces] == [2, 2, 1]
    assert torch.equal(torch.cat(pieces), DENSE)


def test_bags_know_their_size():
    assert (len(BAGS), tuple(BAGS.shape), BAGS.numel()) == (5, (5, 5), 25)
    assert BAGS.nbytes == 10 * 4 + 6 * 8
    assert BAGS.is_floating_point()
