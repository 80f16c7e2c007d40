"""The trigger with two thresholds: when something held is read off its history, and nothing flickers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.diagnosis.spells import LEAVE, trailing, watch

ONE = {"likely": 1.0}


def over(values, thresholds=ONE, **options):
    return watch(np.arange(1, len(values) + 1) * 10, np.array(values, float), thresholds, **options)


def test_what_was_never_large_has_no_spell():
    assert over([]) is None
    assert over([0.99, 0.5]) is None
    assert over([float("nan")] * 3) is None


def test_a_spell_begins_with_the_first_of_enough_large_values_in_a_row():
    assert over([1, 0, 1, 1], least=2).since == 30
    assert over([1, 0, 1, 0], least=2) is None
    assert over([0, 1, 1, 1], lasting=20).since == 20
    assert over([0, 1, 1, 1], lasting=21) is None


def test_a_value_that_trembles_about_the_threshold_enters_once():
    spell = over([0.5, 1.0, 0.95, 1.02, 0.85, 1.0])
    assert (spell.since, spell.until) == (20, None)
    assert spell.value == 1.0
    assert (spell.peak, spell.peak_at) == (1.02, 40)


def test_a_spell_ends_under_the_lower_threshold_and_says_where():
    spell = over([1, 1.5, LEAVE - 0.01, 0.9, 0.9])
    assert (spell.since, spell.until, spell.at, spell.value) == (10, 30, 20, 1.5)
    assert not spell.holds


def test_the_last_spell_is_told():
    spell = over([2, 0, 0, 1, 0.9])
    assert (spell.since, spell.until) == (40, None)


def test_what_is_not_finite_ends_a_spell():
    assert over([1, float("nan")]).until == 20


DEGREES = [([1], "possible"), ([2], "likely"), ([3], "sure"), ([3, 2], "likely"), ([3, 2.5], "sure")]


@pytest.mark.parametrize(("values", "sure"), [*DEGREES, ([3, 2.5, 2.3], "likely")])
def test_sureness_has_thresholds_of_its_own_each_with_two(values, sure):
    assert over(values, {"possible": 1.0, "likely": 2.0, "sure": 3.0}).sure == sure


def test_a_spell_that_is_over_and_was_a_guess_is_not_worth_a_word():
    assert over([1, 0], {"possible": 1.0, "likely": 2.0}) is None
    assert over([2, 0], {"possible": 1.0, "likely": 2.0}).sure == "likely"


@given(values=st.lists(st.floats(0, 2), min_size=1, max_size=60), more=st.lists(st.floats(0.8, 2), max_size=20))
def test_a_spell_that_goes_on_keeps_its_beginning_whenever_one_looks(values, more):
    before, after = over(values), over(values + more)
    if before and before.holds:
        assert (after.since, after.until) == (before.since, None)


@given(values=st.lists(st.floats(-1e6, 1e6), max_size=40), count=st.integers(1, 50))
def test_a_trailing_mean_is_that_of_the_values_before(values, count):
    found = trailing(np.array(values), count)
    right = [np.mean(values[max(0, i + 1 - count) : i + 1]) for i in range(len(values))]
    np.testing.assert_allclose(found, right, rtol=1e-9, atol=1e-6)
