"""Each regularizer against its formula, by hand, and that one that is off leaves no trace."""

import pytest
import torch
from torch import nn

from trainer.catalog import CATALOG
from trainer.component import ParameterError
from trainer.data import Data, Part
from trainer.models.cnn import Cnn
from trainer.models.mlp import Mlp
from trainer.regularizers import Parts

OURS = CATALOG["regularizers"]


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def chance(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(params=["mlp", "cnn"])
def net(request):
    model = Mlp(hidden=[12, 9]) if request.param == "mlp" else Cnn(channels=[3, 4], dense=[6])
    return model.build((1, 8, 8), 10, chance())


def parts(net, **facts):
    return Parts(net, CATALOG["losses"]["cross_entropy"](), images(), **facts)


def images(kind="classes"):
    """Return 50 images of 10 classes, as many of each."""
    targets = torch.arange(50) % 10 if kind == "classes" else torch.randn(50, 1, generator=chance(8))
    train = Part(torch.randn(50, 1, 8, 8, generator=chance(7)), targets)
    return Data(train, train, train, kind=kind, outputs=10 if kind == "classes" else 1)


def switched(name, net, **params):
    part = OURS[name](**params)
    part.generator = chance(1)
    part.on_switch(parts(net, fresh=True), True)
    return part


def flat(net):
    return torch.cat([one.detach().flatten() for one in net.parameters()])


@pytest.mark.parametrize(
    ("name", "formula", "gradient"),
    [
        ("l1", lambda w: 0.3 * w.abs().sum(), lambda w: 0.3 * w.sign()),
        ("l2", lambda w: 0.15 * (w * w).sum(), lambda w: 0.3 * w),
        ("elastic_net", lambda w: 0.3 * (w.abs() + w * w / 2).sum() / 2, lambda w: 0.15 * (w.sign() + w)),
    ],
)
def test_a_penalty_is_its_formula_over_weights_and_spares_biases(name, formula, gradient, net):
    with torch.no_grad():
        for layer in net.layers.values():
            layer.linear.bias.fill_(3)
    penalty = OURS[name](strength=0.3).penalty(net)
    assert penalty.item() == pytest.approx(sum(formula(w.detach().double()).item() for w in net.weights().values()))
    penalty.backward()
    for layer in net.layers.values():
        torch.testing.assert_close(layer.linear.weight.grad, gradient(layer.linear.weight.detach()))
        assert layer.linear.bias.grad is None


@pytest.mark.parametrize(("ratio", "alone"), [(1, "l1"), (0, "l2")])
def test_an_elastic_net_of_one_penalty_is_that_penalty(ratio, alone, net):
    mixed, plain = OURS["elastic_net"](strength=0.3, ratio=ratio), OURS[alone](strength=0.3)
    torch.testing.assert_close(mixed.penalty(net), plain.penalty(net))


@pytest.mark.parametrize("name", ["l1", "l2", "elastic_net"])
def test_strength_zero_is_exactly_the_plain_run(name, net):
    assert OURS[name](strength=0).penalty(net) is None


def test_weight_decay_shrinks_weights_by_lr_times_strength(net):
    with torch.no_grad():
        net.layers["output"].linear.bias.fill_(3)
    before = {name: weight.detach().clone() for name, weight in net.weights().items()}
    OURS["weight_decay"](strength=0.2).before_update(net, lr=0.5)
    for name, weight in net.weights().items():
        torch.testing.assert_close(weight.detach(), before[name] * 0.9)
    assert (net.layers["output"].linear.bias == 3).all()


def test_weight_decay_under_plain_sgd_is_the_l2_penalty(net):
    lr, strength = 0.1, 0.3
    twin = Mlp(hidden=[12, 9]).build((1, 8, 8), 10, chance())
    other = Mlp(hidden=[12, 9]).build((1, 8, 8), 10, chance())
    inputs, targets = images().train.inputs, images().train.targets
    for one, decayed in ((twin, False), (other, True)):
        loss = nn.functional.cross_entropy(one(inputs), targets)
        (loss if decayed else loss + OURS["l2"](strength=strength).penalty(one)).backward()
        if decayed:
            OURS["weight_decay"](strength=strength).before_update(one, lr)
        torch.optim.SGD(one.parameters(), lr=lr).step()
    torch.testing.assert_close(flat(twin), flat(other))


def test_max_norm_scales_back_the_units_over_the_limit_and_no_other(net):
    with torch.no_grad():
        for weight in net.weights().values():
            weight[0] *= 100
            weight[1] *= 0.001
    before = {name: weight.detach().clone() for name, weight in net.weights().items()}
    OURS["max_norm"](limit=2).after_update(net)
    for name, weight in net.weights().items():
        for old, new in zip(before[name].flatten(1), weight.detach().flatten(1), strict=True):
            if old.norm() <= 2:
                assert torch.equal(old, new)
            else:
                torch.testing.assert_close(new, old * 2 / (1e-7 + old.norm()))
        assert weight.flatten(1).norm(dim=1).max() <= 2.00001
        assert weight[0].norm().item() == pytest.approx(2, rel=1e-5)


def test_value_clipping_makes_what_is_over_the_limit_the_limit(net):
    with torch.no_grad():
        net.layers["output"].linear.bias.fill_(3)
        net.layers["output"].linear.weight[0, :4] = torch.tensor([0.5, -0.2, 0.1001, -0.1])
    before = flat(net)
    OURS["weight_clipping"](limit=0.1).after_update(net)
    assert net.layers["output"].linear.weight[0, :4].tolist() == pytest.approx([0.1, -0.1, 0.1, -0.1])
    assert (net.layers["output"].linear.bias == 3).all()
    small = before.abs() <= 0.1
    assert torch.equal(flat(net)[small], before[small])


def test_max_norm_twice_is_max_norm_once(net):
    part = OURS["max_norm"](limit=0.5)
    part.after_update(net)
    once = flat(net)
    part.after_update(net)
    torch.testing.assert_close(flat(net), once, rtol=1e-6, atol=0)


def test_dropout_strikes_out_the_share_asked_for_and_scales_up_the_rest():
    net = Mlp(hidden=[1000], activation="linear").build((1, 8, 8), 10, chance())
    switched("dropout", net, rate=0.3)
    layer = net.layers["dense 1"]
    x = torch.randn(40, 64, generator=chance(3))
    plain = layer.linear(x)
    given = layer(x)
    kept = given != 0
    assert kept.float().mean().item() == pytest.approx(0.7, abs=0.02)
    torch.testing.assert_close(given[kept], (plain / 0.7)[kept])
    net.eval()
    assert torch.equal(layer(x), plain)


def test_dropout_has_a_rate_for_inputs_and_none_for_outputs(net):
    switched("dropout", net, rate=0.4, input_rate=0.2)
    assert net.input_dropout.rate == 0.2
    assert {slot.rate for slot in net.dropout_slots()} == {0.4}
    assert len(net.dropout_slots()) == len(net.layers) - 1


def test_dropout_that_is_off_leaves_no_trace(net):
    x = images().train.inputs
    plain = net(x)
    part = switched("dropout", net, rate=0.5, input_rate=0.5)
    assert not torch.equal(net(x), plain)
    part.on_switch(parts(net), False)
    assert torch.equal(net(x), plain)


@pytest.mark.parametrize("rate", [1.0, -0.1])
def test_a_rate_that_would_strike_out_everything_is_refused(rate):
    with pytest.raises(ParameterError, match=r"outside 0 to 0.95"):
        OURS["dropout"](rate=rate)


def test_input_noise_has_the_deviation_asked_for_and_leaves_the_inputs_alone(net):
    part = switched("input_noise", net, sigma=0.5)
    x = torch.ones(200, 1, 8, 8)
    targets = torch.zeros(200)
    noisy, same = part.on_batch(x, targets)
    assert same is targets
    assert (x == 1).all()
    assert (noisy - 1).std().item() == pytest.approx(0.5, rel=0.03)
    part.set_live("sigma", 0)
    assert torch.equal(part.on_batch(x, targets)[0], x)


def test_label_smoothing_sets_the_loss_and_takes_it_back(net):
    part, given = OURS["label_smoothing"](smoothing=0.2), parts(net)
    assert part.on_switch(given, True) == ""
    assert given.loss.smoothing == 0.2
    part.on_switch(given, False)
    assert given.loss.smoothing == 0


def test_hard_examples_set_the_loss_and_take_it_back(net):
    part, given = OURS["hard_examples"](focus=1.5), parts(net)
    assert part.on_switch(given, True) == ""
    assert given.loss.focus == 1.5
    part.on_switch(given, False)
    assert given.loss.focus == 0
    given = Parts(net, CATALOG["losses"]["mse"](), images("number"))
    assert "does nothing here" in part.on_switch(given, True)


def test_label_smoothing_says_that_a_number_has_no_label(net):
    given = Parts(net, CATALOG["losses"]["mse"](), images("number"))
    assert "does nothing here" in OURS["label_smoothing"]().on_switch(given, True)


def gradients(net, size):
    for one in net.parameters():
        one.grad = torch.randn(one.shape, generator=chance(4)) * size
    return torch.cat([one.grad.flatten() for one in net.parameters()])


def test_clipping_by_norm_keeps_the_direction(net):
    before = gradients(net, 5)
    OURS["gradient_clipping"](limit=1).on_gradients(net, 0)
    after = torch.cat([one.grad.flatten() for one in net.parameters()])
    assert after.norm().item() == pytest.approx(1, rel=1e-4)
    torch.testing.assert_close(after, before / before.norm(), rtol=1e-4, atol=1e-7)


def test_clipping_by_value_cuts_each_entry(net):
    before = gradients(net, 5)
    OURS["gradient_clipping"](by="value", limit=2).on_gradients(net, 0)
    after = torch.cat([one.grad.flatten() for one in net.parameters()])
    assert torch.equal(after, before.clamp(-2, 2))


@pytest.mark.parametrize("by", ["norm", "value"])
def test_a_gradient_within_the_limit_is_left_as_it_is(by, net):
    before = gradients(net, 1e-3)
    OURS["gradient_clipping"](by=by, limit=100).on_gradients(net, 0)
    assert torch.equal(torch.cat([one.grad.flatten() for one in net.parameters()]), before)


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_regularizer_draws_from_its_own_generator_only(name, net):
    before = torch.get_rng_state()
    part, given = OURS[name](), parts(net)
    part.generator = chance(1)
    for enabled in (True, False):
        part.on_switch(given, enabled)
        inputs, targets = part.on_batch(given.data.train.inputs, given.data.train.targets)
        part.before_forward(net)
        loss = given.loss(net(inputs), targets)
        penalty = part.penalty(net)
        (loss if penalty is None else loss + penalty).backward()
        part.on_gradients(net, 0)
        part.before_update(net, 0.1)
        part.after_update(net)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.isfinite(flat(net)).all()


@pytest.mark.parametrize("name", sorted(OURS))
def test_switching_on_and_off_leaves_no_trace(name, net):
    part, given = OURS[name](), parts(net)
    part.generator = chance(1)
    before, names = flat(net), list(net.state_dict())
    part.on_switch(given, True)
    part.on_switch(given, False)
    assert list(net.state_dict()) == names
    assert all(slot.norm is None for slot in net.norm_slots())
    assert all(slot.rate == 0 for slot in [net.input_dropout, *net.dropout_slots()])
    assert given.loss.smoothing == 0
    # batch normalization goes through a division and back
    torch.testing.assert_close(flat(net), before, rtol=1e-5, atol=1e-6)
