"""What units do, as shares: against layers whose units are dead, alike or saturated by hand."""

import math

import pytest
import torch

from trainer.activations.relu import Relu
from trainer.activations.sigmoid import Sigmoid
from trainer.activations.tanh import Tanh
from trainer.models.cnn import Cnn
from trainer.models.mlp import Mlp
from trainer.probes.activations import Activations
from trainer.units import unit_shares


def shares(given, activation):
    return {name: round(one.item(), 4) for name, one in unit_shares(torch.tensor(given), activation).items()}


def test_a_unit_is_dead_when_it_is_0_for_every_sample():
    given = [[0.0, 0.0, 1.0, 0.0], [0.0, 2.0, 1.5, 0.0], [0.0, 0.0, 0.5, 0.0]]
    assert shares(given, Relu())["dead_units"] == 0.5


def test_a_channel_is_dead_when_it_is_0_at_every_place_of_every_sample():
    given = torch.zeros(5, 4, 3, 3)
    given[4, 0, 2, 2] = 1.0
    assert unit_shares(given, Relu())["dead_units"].item() == 0.75


def test_only_what_can_die_is_dead_and_only_what_has_ends_is_saturated():
    assert shares([[0.0, 0.0]], Sigmoid()).keys() == {"saturated", "alike_units"}
    assert shares([[0.0, 0.0]], Relu()).keys() == {"dead_units", "alike_units"}
    assert shares([[0.0, 0.0]], None).keys() == {"alike_units"}
    assert "alike_units" not in shares([[1.0], [2.0]], Relu())


def test_saturated_is_within_a_twentieth_of_an_end():
    assert shares([[0.04, 0.96, 0.5, 0.06]], Sigmoid())["saturated"] == 0.5
    assert shares([[-0.96, 0.96, 0.04, -0.94]], Tanh())["saturated"] == 0.5


def test_alike_are_living_units_that_give_what_the_first_of_them_gives():
    # the first is dead; of the three others one gives what the second gives
    given = [[0.0, 1.0, 1.0, 3.0], [0.0, 2.0, 2.0, 2.0]]
    assert shares(given, Relu())["alike_units"] == 0.3333
    assert shares([[1.0, 1.0, 1.0]] * 3, Relu())["alike_units"] == 1.0
    assert shares([[0.0, 0.0]] * 3, Relu())["alike_units"] == 0.0


def test_rounding_makes_no_two_units_different():
    unit = torch.randn(40, 1, generator=torch.Generator().manual_seed(0)).abs()
    assert unit_shares(torch.cat([unit, unit * (1 + 1e-6)], 1), Tanh())["alike_units"].item() == 1.0
    assert unit_shares(torch.cat([unit, unit * 1.01], 1), Tanh())["alike_units"].item() == 0.0


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_diverged_has_shares_too(value):
    assert all(0 <= one <= 1 for one in shares([[value, 1.0], [0.0, 1.0]], Tanh()).values())


def test_the_probe_tells_the_shares_of_hidden_layers_and_not_of_the_output():
    net = Cnn().build((1, 8, 8), 10, torch.Generator().manual_seed(0)).eval()
    with torch.no_grad():
        numbers = Activations().on_samples(net, torch.randn(16, 1, 8, 8)).numbers
    assert set(numbers) == {
        f"{kind}.{one}" for kind in ("dead_units", "alike_units") for one in ("conv 1", "conv 2", "dense 1")
    }


@pytest.mark.parametrize("init", ["zeros", "ones"])
def test_a_network_that_begins_constant_has_units_that_are_all_alike(init):
    net = Mlp(hidden=[8, 8], init=init, activation="tanh").build((4,), 3, torch.Generator()).eval()
    with torch.no_grad():
        numbers = Activations().on_samples(net, torch.randn(64, 4)).numbers
    assert [numbers[f"alike_units.dense {n}"].item() for n in (1, 2)] == [1.0, 1.0]
