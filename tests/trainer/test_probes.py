"""Probes look and never touch; what they say is what one computes by hand."""

import pytest
import torch
from torch.nn import functional

from trainer.assembly import assemble
from trainer.catalog import CATALOG
from trainer.data import Data, Part
from trainer.histogram import histogram
from trainer.models.cnn import Cnn
from trainer.models.layers import Layers
from trainer.models.mlp import Mlp
from trainer.regularizers import Parts
from trainer.spec import RunSpec

PROBES = CATALOG["probes"]
OF_NETWORKS = sorted(name for name, one in PROBES.items() if not one.at_evaluations)
OF_EVALUATIONS = sorted(PROBES.keys() - set(OF_NETWORKS))
LAYERS = ["conv 1", "conv 2", "dense 1", "output"]


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture
def samples():
    return torch.randn(32, 1, 8, 8, generator=torch.Generator().manual_seed(5))


RESIDUAL = Layers(layers=[{"conv": 4}, {"conv_residual": 6, "stride": 2}, {"global_pool": "average"}])


@pytest.fixture
def net(samples):
    """A network in the middle of a step: its gradients are there."""
    net = Cnn().build((1, 8, 8), 10, torch.Generator().manual_seed(0))
    functional.cross_entropy(net(samples), torch.arange(32) % 10).backward()
    return net


def traces(net):
    tensors = [*net.state_dict().values(), *(one.grad for one in net.parameters())]
    hooks = [len(one._forward_hooks) + len(one._forward_pre_hooks) for one in net.modules()]
    return [one.clone() for one in tensors], torch.get_rng_state(), hooks, net.training


def looked(probe, net, samples):
    """Return what a probe says at each of its hooks, called as the loop calls them."""
    found = []
    with torch.no_grad():
        probe.before_update(net)
        found += [probe.after_backward(net), probe.after_update(net)]
        net.eval()
        found.append(probe.on_samples(net, samples))
        net.train()
    return [one for one in found if one is not None]


@pytest.mark.parametrize("name", OF_NETWORKS)
def test_a_probe_looks_and_never_touches(name, net, samples):
    before = traces(net)
    assert looked(PROBES[name](), net, samples)
    after = traces(net)
    assert all(torch.equal(one, other) for one, other in zip(before[0], after[0], strict=True))
    assert torch.equal(before[1], after[1])
    assert before[2:] == after[2:]


@pytest.mark.parametrize("name", OF_NETWORKS)
def test_a_probe_says_the_same_twice_and_names_every_layer(name, net, samples):
    readings = [looked(PROBES[name](), net, samples) for _ in range(2)]
    assert len(readings[0]) == 1
    first, second = readings[0][0], readings[1][0]
    assert first.histograms == second.histograms
    assert {key: one.item() for key, one in first.numbers.items()} == {k: v.item() for k, v in second.numbers.items()}
    names = [*first.numbers, *first.histograms]
    assert all(any(layer in name for name in names) for layer in LAYERS)
    assert all(one.dim() == 0 for one in first.numbers.values())


def test_gradient_norms_are_the_lengths_of_weight_and_bias_together(net):
    numbers = PROBES["gradient_norm"]().after_backward(net).numbers
    assert list(numbers) == [f"gradient_norm.{name}" for name in [*LAYERS, "all"]]
    linear = net.layers["dense 1"].linear
    together = torch.cat([linear.weight.grad.flatten(), linear.bias.grad])
    torch.testing.assert_close(numbers["gradient_norm.dense 1"], together.norm())
    everything = torch.cat([one.grad.flatten() for one in net.parameters()])
    torch.testing.assert_close(numbers["gradient_norm.all"], everything.norm())


def test_the_update_ratio_is_update_over_weight(net):
    probe = PROBES["update_ratio"]()
    probe.before_update(net)
    with torch.no_grad():
        for weight in net.weights().values():
            weight.mul_(0.99)
    numbers = probe.after_update(net).numbers
    assert {name: pytest.approx(0.01, rel=1e-4) for name in numbers} == {k: v.item() for k, v in numbers.items()}
    assert list(numbers) == [f"update_ratio.{name}" for name in LAYERS]
    assert probe.after_update(net) is None, "the copy is gone"


def test_weights_and_gradients_are_shown_tensor_by_tensor(net):
    weights, gradients = PROBES["weights"]().after_update(net), PROBES["gradients"]().after_backward(net)
    names = [f"{layer}.{part}" for layer in LAYERS for part in ("weight", "bias")]
    assert list(weights.histograms) == list(gradients.histograms) == names
    conv = net.layers["conv 2"].linear
    assert weights.histograms["conv 2.weight"] == histogram(conv.weight)
    assert gradients.histograms["conv 2.bias"] == histogram(conv.bias.grad)


def test_the_share_of_small_weights_counts_those_under_a_thousandth(net):
    weight = net.layers["dense 1"].linear.weight
    with torch.no_grad():
        weight.fill_(1)
        weight[0, :3] = torch.tensor([0.0, -0.0009, 0.0011])
    numbers = PROBES["weights"]().after_update(net).numbers
    assert list(numbers) == [f"small_weights.{name}" for name in LAYERS]
    assert numbers["small_weights.dense 1"].item() == pytest.approx(2 / weight.numel())


def test_unit_norms_are_the_lengths_of_what_feeds_each_unit_or_filter(net):
    found = PROBES["unit_norms"]().after_update(net).histograms
    assert list(found) == LAYERS
    filters = net.layers["conv 2"].linear.weight.detach()
    lengths = torch.tensor([one.square().sum().sqrt() for one in filters])
    assert (found["conv 2"].count, found["conv 2"].high) == (len(filters), pytest.approx(lengths.max().item()))
    CATALOG["regularizers"]["max_norm"](limit=0.5).after_update(net)
    limited = PROBES["unit_norms"]().after_update(net).histograms
    assert max(one.high for one in limited.values()) == pytest.approx(0.5, rel=1e-5)


def test_there_is_nothing_to_say_before_the_first_gradient():
    net = Mlp().build((4,), 2, torch.Generator())
    assert PROBES["gradient_norm"]().after_backward(net) is None
    assert PROBES["gradients"]().after_backward(net).histograms == {}


def test_pre_activations_are_the_sums_before_the_activation_and_what_a_norm_makes_of_them(samples):
    net = Mlp(hidden=[5], activation="sigmoid").build((1, 8, 8), 3, torch.Generator().manual_seed(0)).eval()
    probe = PROBES["pre_activations"]()
    with torch.no_grad():
        sums = net.layers["dense 1"].linear(samples.flatten(1))
        assert list(probe.on_samples(net, samples).histograms) == ["dense 1", "output"]
        assert probe.on_samples(net, samples).histograms["dense 1"] == histogram(sums)
        part = Part(samples, torch.zeros(32, dtype=torch.int64))
        data = Data(part, part, part, "classes", 3)
        CATALOG["regularizers"]["batch_norm"]().on_switch(Parts(net, None, data, fresh=False), True)
        net.layers["dense 1"].norm.norm.weight.fill_(2.0)
        normed = net.layers["dense 1"].norm(sums)
        assert probe.on_samples(net, samples).histograms["dense 1"] == histogram(normed)
    assert not torch.equal(sums, normed)


def test_a_probe_that_is_not_on_by_itself_is_off_where_a_spec_says_nothing():
    for probes, enabled in (({}, False), ({"pre_activations": {"enabled": True}}, True)):
        assembly = assemble(RunSpec.read({"dataset": {"name": "circle"}, "probes": probes}))
        assert assembly.probes["pre_activations"].enabled is enabled
        assert assembly.probes["activations"].enabled
    assert (PROBES["pre_activations"].schema()["enabled"], PROBES["activations"].schema()["enabled"]) == (False, True)


def test_activations_are_taken_after_the_activation_and_before_the_pool(net, samples):
    net.eval()
    with torch.no_grad():
        found = PROBES["activations"]().on_samples(net, samples).histograms
        layer = net.layers["conv 1"]
        assert found["conv 1"] == histogram(layer.linear(samples).relu())
        assert found["output"] == histogram(net(samples))
    assert list(found) == LAYERS
    assert found["conv 1"].zeros > 0


def test_the_activations_of_a_residual_block_are_those_after_the_sum(samples):
    net = RESIDUAL.build((1, 8, 8), 10, torch.Generator().manual_seed(0)).eval()
    given = {}
    with torch.no_grad():
        found = PROBES["activations"]().on_samples(net, samples).histograms
        for name in ("residual 1 a", "residual 1 skip"):
            net.layers[name].register_forward_hook(lambda _, __, y, name=name: given.update({name: y}))
        net(samples)
        after = (net.layers["residual 1 b"].linear(given["residual 1 a"]) + given["residual 1 skip"]).relu()
    assert found["residual 1 b"] == histogram(after)
    assert list(found) == ["conv 1", "residual 1 a", "residual 1 skip", "residual 1 b", "output"]


@pytest.mark.parametrize("name", OF_NETWORKS)
def test_a_layer_without_a_bias_is_shown_by_its_weights(name):
    net = Layers(layers=[{"embedding": 4}]).build((6,), 2, torch.Generator().manual_seed(0), 9)
    tokens = torch.randint(0, 9, (32, 6))
    functional.cross_entropy(net(tokens), torch.arange(32) % 2).backward()
    (reading,) = looked(PROBES[name](), net, tokens)
    names = [*reading.numbers, *reading.histograms]
    assert any("embedding 1" in name for name in names)
    assert "embedding 1.bias" not in names


def test_hooks_are_gone_even_when_the_network_fails(net):
    before = traces(net)[2]
    with pytest.raises(RuntimeError):
        PROBES["activations"]().on_samples(net, torch.randn(2, 3, 8, 8))
    assert traces(net)[2] == before


def test_what_diverged_is_shown_and_not_refused(net, samples):
    with torch.no_grad():
        net.layers["dense 1"].linear.weight[0, 0] = float("nan")
    for name in OF_NETWORKS:
        looked(PROBES[name](), net, samples)
    assert PROBES["weights"]().after_update(net).histograms["dense 1.weight"].nan == 1
