"""Histograms of any tensor: what is counted is all there is, and nothing is refused."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.histogram import BINS, MOST_SORTED, histogram

ANY = st.floats(width=32, allow_nan=True, allow_infinity=True, allow_subnormal=True)
LISTS = st.lists(
    st.one_of(
        ANY, st.sampled_from([0.0, -0.0, 3.4028235e38, -3.4028235e38, 1e-45, -1e-45, math.nan, math.inf, -math.inf])
    ),
    max_size=200,
)


@settings(deadline=None)
@given(LISTS)
def test_every_value_is_counted_once(values):
    tensor = torch.tensor(values, dtype=torch.float32)
    seen = histogram(tensor)
    finite = [value for value in tensor.tolist() if math.isfinite(value)]
    assert len(seen.counts) == BINS
    assert sum(seen.counts) == len(finite)
    assert seen.count == len(values) == sum(seen.counts) + seen.nan + seen.neg_inf + seen.pos_inf
    assert seen.nan == sum(math.isnan(value) for value in values)
    assert seen.zeros == sum(value == 0 for value in finite)
    if not finite:
        assert all(math.isnan(fact) for fact in (seen.low, seen.high, seen.mean, seen.std, *seen.quantiles))
        return
    assert (seen.low, seen.high) == (min(finite), max(finite))
    assert seen.low <= seen.quantiles[0]
    assert list(seen.quantiles) == sorted(seen.quantiles)
    assert seen.quantiles[-1] <= seen.high
    assert set(seen.quantiles) <= set(finite)
    assert math.isfinite(seen.mean)
    assert math.isfinite(seen.std)
    assert seen.mean == pytest.approx(np.mean(np.float64(finite)), rel=1e-12, abs=1e-300)
    assert seen.std == pytest.approx(np.std(np.float64(finite)), rel=1e-9, abs=1e-300)
    if seen.low < seen.high:
        assert seen.counts[0] >= 1
        assert seen.counts[-1] >= 1
    else:
        assert seen.counts[BINS // 2] == len(finite)


@settings(deadline=None)
@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=2, max_size=300).filter(lambda found: min(found) < max(found)))
def test_a_value_is_never_more_than_one_bin_from_where_it_belongs(values):
    array = np.float32(values)
    seen = histogram(torch.tensor(array))
    exact = np.histogram(array.astype(np.float64), BINS)[0]
    # rounding may move a value over one edge: the sums up to each edge differ by what lies right on it
    edges = np.linspace(seen.low, seen.high, BINS + 1)[1:-1]
    span = seen.high - seen.low
    near = np.array([(np.abs(array.astype(np.float64) - edge) <= 1e-5 * span).sum() for edge in edges])
    assert (np.abs(np.cumsum(seen.counts)[:-1] - np.cumsum(exact)[:-1]) <= near).all()


def test_an_empty_tensor_has_no_values():
    seen = histogram(torch.empty(0, 3))
    assert (seen.count, sum(seen.counts), seen.nan) == (0, 0, 0)
    assert math.isnan(seen.low)


def test_a_constant_lies_in_the_middle():
    seen = histogram(torch.full((4, 5), -7.5))
    assert (seen.low, seen.high, seen.std) == (-7.5, -7.5, 0)
    assert seen.counts[BINS // 2] == 20


def test_nan_and_infinities_are_counted_apart():
    seen = histogram(torch.tensor([math.nan, math.inf, -math.inf, -math.inf, 0.0, 1.0]))
    assert (seen.nan, seen.pos_inf, seen.neg_inf, seen.zeros) == (1, 1, 2, 1)
    assert (seen.low, seen.high, sum(seen.counts), seen.count) == (0, 1, 2, 6)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16, torch.int64])
def test_any_number_is_read_as_float32(dtype):
    seen = histogram(torch.arange(128).to(dtype))
    assert seen.counts == [2] * BINS
    assert (seen.low, seen.high) == (0, 127)


def test_quantiles_of_a_huge_tensor_come_from_a_part_of_it_and_the_rest_from_all():
    values = torch.arange(MOST_SORTED * 3 + 1, dtype=torch.float32)
    seen = histogram(values)
    assert sum(seen.counts) == len(values)
    assert seen.high == MOST_SORTED * 3
    expected = [share * (len(values) - 1) for share in (0.05, 0.25, 0.5, 0.75, 0.95)]
    assert list(seen.quantiles) == pytest.approx(expected, abs=8)


def test_the_order_of_values_does_not_matter():
    weight = torch.randn(30, 20)
    turned, straight = histogram(weight.t()), histogram(weight)
    assert turned.std == pytest.approx(straight.std, rel=1e-12)  # sums round in their order
    assert (turned.counts, turned.quantiles) == (straight.counts, straight.quantiles)


def test_looking_changes_nothing():
    weight = torch.nn.Parameter(torch.randn(30, 20))
    kept = weight.detach().clone()
    histogram(weight.t())
    assert torch.equal(weight.detach(), kept)
    assert weight.grad is None
