"""Batch normalization: ordinary when a run starts with it, and switched in mid-run without a jolt."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from trainer.catalog import CATALOG
from trainer.data import prepare
from trainer.models.cnn import Cnn
from trainer.models.layers import Layers
from trainer.models.mlp import Mlp
from trainer.regularizers import Parts
from trainer.regularizers.batch_norm import BatchNorm, measure

MODELS = {
    "mlp": Mlp(),
    "sigmoid": Mlp(hidden=[50, 50, 50], activation="sigmoid", init="xavier"),
    "cnn": Cnn(),
    "cnn without pools": Cnn(pool=1, channels=[8], dense=[]),
    "residual": Layers(layers=[{"conv": 4}, "conv_residual", {"conv_residual": 6, "stride": 2}, {"dense_residual": 9}]),
    "1-D": Layers(layers=[{"reshape": [1, -1]}, {"conv": 6, "kernel": 5}, {"pool": 2}, {"global_pool": "max"}]),
    "3-D": Layers(layers=[{"reshape": [1, 4, 4, 4]}, {"conv": 4}, {"pool": 2}, {"conv_residual": 6}]),
}


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def data():
    return prepare(CATALOG["datasets"]["digits"](), "cpu")


@pytest.fixture(params=sorted(MODELS))
def net(request, data):
    """A network that has learned for a while."""
    net = MODELS[request.param].build(data.shape, 10, torch.Generator().manual_seed(0))
    train(net, data, 40)
    return net


def train(net, data, steps):
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    for step in range(steps):
        rows = slice(step * 30, step * 30 + 30)
        loss = functional.cross_entropy(net(data.train.inputs[rows]), data.train.targets[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def logits(net, data):
    net.eval()
    with torch.no_grad():
        found = net(data.validation.inputs)
    net.train()
    return found


def switch(net, data, enabled, fresh=False, **params):
    return BatchNorm(**params).on_switch(Parts(net, None, data, fresh), enabled)


def test_switched_on_in_mid_run_the_network_computes_what_it_did(net, data):
    before = logits(net, data)
    told = switch(net, data, True)
    assert all(slot.norm is not None for slot in net.norm_slots())
    assert (logits(net, data) - before).abs().max() < 1e-5 * max(1, before.abs().max())
    assert told.startswith(f"{len(net.norm_slots())} layers normalized; ")


def test_the_moving_averages_are_those_of_the_training_part(net, data):
    moments = measure(net, data.train.inputs)
    first, given = next(iter(net.layers.values())), []
    hook = first.linear.register_forward_hook(lambda _, __, z: given.append(z))
    net.eval()(data.train.inputs)
    hook.remove()
    z = given[0].detach().double().transpose(0, 1).flatten(1)
    mean, variance = moments[first]
    torch.testing.assert_close(mean, z.mean(1))
    torch.testing.assert_close(variance, z.var(1, correction=0))


def test_switched_off_it_is_folded_into_the_weights(net, data):
    switch(net, data, True)
    train(net, data, 20)
    before, weights = logits(net, data), [id(one) for one in net.weights().values()]
    switch(net, data, False)
    assert all(slot.norm is None for slot in net.norm_slots())
    assert (logits(net, data) - before).abs().max() < 1e-5 * max(1, before.abs().max())
    assert [id(one) for one in net.weights().values()] == weights, "the optimizer's moments stay with their weights"


def test_on_off_on_off_does_not_drift(net, data):
    before = logits(net, data)
    for enabled in (True, False) * 5:
        switch(net, data, enabled)
    assert (logits(net, data) - before).abs().max() < 1e-4 * max(1, before.abs().max())


def test_at_the_start_of_a_run_it_is_torchs_own(data):
    net = Mlp(hidden=[20]).build(data.shape, 10, torch.Generator().manual_seed(0))
    assert switch(net, data, True, fresh=True, momentum=0.3) == ""
    norm, plain = net.norm_slots()[0].norm, nn.BatchNorm1d(20, momentum=0.3)
    assert norm.momentum == 0.3
    assert all(torch.equal(one, plain.state_dict()[name]) for name, one in norm.state_dict().items())
    linear = net.layers["dense 1"].linear
    x = data.train.inputs[:30].flatten(1)
    torch.testing.assert_close(net.layers["dense 1"](x), plain(linear(x)).relu())


def test_a_turn_of_the_knob_sets_the_momentum_and_nothing_else(net, data):
    switch(net, data, True)
    train(net, data, 5)
    kept = {name: one.clone() for name, one in net.state_dict().items()}
    assert switch(net, data, True, momentum=0.01) == ""
    assert {slot.norm.momentum for slot in net.norm_slots()} == {0.01}
    assert all(torch.equal(one, kept[name]) for name, one in net.state_dict().items())


def test_norms_are_never_decayed(net, data):
    switch(net, data, True)
    decayed, kept = net.groups()
    assert len(decayed) == len(net.layers)
    assert len(kept) == len(net.layers) + 2 * len(net.norm_slots())


def test_measuring_leaves_no_trace(net, data):
    before = {name: one.clone() for name, one in net.state_dict().items()}
    chance = torch.get_rng_state()
    for slot in net.dropout_slots():
        slot.rate = 0.5
    measure(net, data.train.inputs)
    assert torch.equal(torch.get_rng_state(), chance)
    assert net.training
    assert all(torch.equal(one, before[name]) for name, one in net.state_dict().items())
    assert not any(one._forward_hooks for one in net.modules())


def test_a_unit_that_never_moves_is_left_alone(data):
    net = Mlp(hidden=[5], init="zeros").build(data.shape, 10, torch.Generator())
    before = logits(net, data)
    switch(net, data, True)
    assert torch.equal(logits(net, data), before)
    switch(net, data, False)
    assert torch.equal(logits(net, data), before)


@pytest.mark.parametrize("model", [Mlp(hidden=[20]), Layers(layers=[{"reshape": [64, 1]}, {"conv": 3}])])
def test_a_last_batch_of_one_sample_trains_all_the_same(data, model):
    net = model.build(data.shape, 10, torch.Generator().manual_seed(0))
    switch(net, data, True, fresh=True)
    net.train()
    functional.cross_entropy(net(data.train.inputs[:1]), data.train.targets[:1]).backward()
    assert all(torch.isfinite(one.grad).all() for one in net.parameters())


def test_without_a_hidden_layer_it_says_that_it_does_nothing(data):
    net = Mlp(hidden=[]).build(data.shape, 10, torch.Generator())
    assert "does nothing here" in switch(net, data, True)
