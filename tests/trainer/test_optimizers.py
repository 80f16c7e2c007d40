"""Each optimizer against torch's own, its knobs while it runs, and parameters that come late."""

import pytest
import torch

from trainer.catalog import CATALOG
from trainer.component import ParameterError
from trainer.models.mlp import Mlp
from trainer.optimizers import take_step

OURS = CATALOG["optimizers"]
TORCHS = {
    "sgd": (torch.optim.SGD, {"lr": 0.01}),
    "adagrad": (torch.optim.Adagrad, {"lr": 0.01, "eps": 1e-10}),
    "adadelta": (torch.optim.Adadelta, {"lr": 1.0, "rho": 0.9, "eps": 1e-6}),
    "rmsprop": (torch.optim.RMSprop, {"lr": 0.001, "alpha": 0.9, "eps": 1e-8}),
    "adam": (torch.optim.Adam, {"lr": 0.001, "betas": (0.9, 0.999), "eps": 1e-8}),
    "adamw": (torch.optim.AdamW, {"lr": 0.001, "betas": (0.9, 0.999), "eps": 1e-8}),
    "nadam": (torch.optim.NAdam, {"lr": 0.002, "betas": (0.9, 0.999), "eps": 1e-8, "momentum_decay": 0.004}),
    "radam": (torch.optim.RAdam, {"lr": 0.001, "betas": (0.9, 0.999), "eps": 1e-8}),
    "adamax": (torch.optim.Adamax, {"lr": 0.002, "betas": (0.9, 0.999), "eps": 1e-8}),
    "asgd": (torch.optim.ASGD, {"lr": 0.01, "lambd": 1e-4, "alpha": 0.75, "t0": 500}),
    "rprop": (torch.optim.Rprop, {"lr": 0.01, "etas": (0.5, 1.2), "step_sizes": (1e-6, 50)}),
    "adafactor": (torch.optim.Adafactor, {"lr": 0.01, "beta2_decay": -0.8, "d": 1.0}),
}
USUAL = {name: facts["lr"] for name, (_, facts) in TORCHS.items()} | {"lbfgs": 1.0, "muon": 0.001, "sam": 0.01}
VARIANTS = [
    *((name, {}, {}) for name in TORCHS),
    ("sgd", {"momentum": 0.9}, {"momentum": 0.9}),
    ("sgd", {"momentum": 0.9, "nesterov": True}, {"momentum": 0.9, "nesterov": True}),
    ("rmsprop", {"momentum": 0.5, "rho": 0.99}, {"momentum": 0.5, "alpha": 0.99}),
    ("adam", {"beta1": 0.5, "beta2": 0.9, "eps": 1e-4}, {"betas": (0.5, 0.9), "eps": 1e-4}),
    ("nadam", {"beta1": 0.5, "beta2": 0.9, "momentum_decay": 0.1}, {"betas": (0.5, 0.9), "momentum_decay": 0.1}),
    ("radam", {"beta2": 0.9}, {"betas": (0.9, 0.9)}),  # its division begins within the 20 steps
    ("adamax", {"beta1": 0.5, "beta2": 0.9}, {"betas": (0.5, 0.9)}),
    ("asgd", {"lambd": 0.1, "alpha": 0.5, "t0": 3}, {"lambd": 0.1, "alpha": 0.5, "t0": 3}),
    ("rprop", {"shrink": 0.3, "grow": 1.5, "largest": 0.02}, {"etas": (0.3, 1.5), "step_sizes": (1e-6, 0.02)}),
    ("adafactor", {"decay": 0.5, "clip": 2.0}, {"beta2_decay": -0.5, "d": 2.0}),
]


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def network():
    return Mlp(hidden=[20, 20]).build((6,), 3, torch.Generator().manual_seed(1))


def groups(net):
    decayed, kept = net.groups()
    return [{"params": decayed, "decayed": True}, {"params": kept, "decayed": False}]


def descend(net, optimizer, steps=20, seed=0, step=None):
    chance = torch.Generator().manual_seed(seed)
    for _ in range(steps):
        inputs, targets = torch.randn(16, 6, generator=chance), torch.randint(3, (16,), generator=chance)

        def closure(inputs=inputs, targets=targets):
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(net(inputs), targets)
            loss.backward()
            return loss

        if step:
            closure()
            step(optimizer)
        else:
            optimizer.step(closure)
    return torch.cat([one.detach().flatten() for one in net.parameters()])


@pytest.mark.parametrize(("name", "params", "theirs"), VARIANTS)
def test_it_goes_where_torchs_own_goes(name, params, theirs):
    kind, defaults = TORCHS[name]
    ours, their_net = network(), network()
    mine = descend(ours, OURS[name](**params).build(groups(ours)))
    decayed, kept = their_net.groups()
    decay = {"weight_decay": 0.01} if name == "adamw" else {}
    no_decay = {"weight_decay": 0.0} if name == "adamw" else {}
    built = kind([{"params": decayed, **decay}, {"params": kept, **no_decay}], **{**defaults, **theirs}, foreach=False)
    torch.testing.assert_close(mine, descend(their_net, built), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", sorted(OURS))
def test_the_same_steps_give_the_same_bits(name):
    nets = [network(), network()]
    ends = [descend(net, OURS[name]().build(groups(net))) for net in nets]
    assert torch.equal(*ends)


@pytest.mark.parametrize("name", sorted(name for name, one in OURS.items() if not one.asks_again))
def test_a_step_that_torch_keeps_no_record_of_is_the_same_to_the_bit(name):
    nets = [network(), network()]
    optimizers = [OURS[name]().build(groups(net)) for net in nets]
    assert torch.equal(descend(nets[0], optimizers[0]), descend(nets[1], optimizers[1], step=take_step))


@pytest.mark.parametrize("hang", ["register_step_pre_hook", "register_step_post_hook"])
def test_a_hook_on_an_optimizer_is_called(hang):
    net, calls = network(), []
    optimizer = OURS["sgd"]().build(groups(net))
    getattr(optimizer, hang)(lambda *_: calls.append(1))
    descend(net, optimizer, steps=3, step=take_step)
    assert len(calls) == 3


@pytest.mark.parametrize("name", sorted(OURS))
def test_its_usual_learning_rate_is_its_default(name):
    assert OURS[name]().lr == USUAL[name]


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_live_knob_reaches_the_running_optimizer(name):
    net = network()
    small = {"lr": 0.001} if name == "lbfgs" else {}  # without its line search it needs steps that small
    part = OURS[name](**({"momentum": 0.5} if "momentum" in OURS[name].params else small))
    optimizer = part.build(groups(net))
    descend(net, optimizer, 2)
    for field, declared in part.params.items():
        if not declared.live or field == "lr":
            continue
        before = [{k: v for k, v in group.items() if k != "params"} for group in optimizer.param_groups]
        part.set_live(field, not getattr(part, field) if declared.type is bool else declared.high / 2)
        part.retune(optimizer)
        after = [{k: v for k, v in group.items() if k != "params"} for group in optimizer.param_groups]
        assert before != after, field
        assert torch.isfinite(descend(net, optimizer, 2)).all()


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_retune_without_a_change_leaves_no_trace(name):
    nets = [network(), network()]
    parts = [OURS[name](), OURS[name]()]
    optimizers = [part.build(groups(net)) for part, net in zip(parts, nets, strict=True)]
    descend(nets[0], optimizers[0], 5)
    descend(nets[1], optimizers[1], 5)
    parts[1].retune(optimizers[1])
    assert torch.equal(descend(nets[0], optimizers[0], 5, 1), descend(nets[1], optimizers[1], 5, 1))


@pytest.mark.parametrize("name", sorted(OURS))
@pytest.mark.parametrize("params", [{}, {"momentum": 0.9}])
def test_parameters_may_come_while_it_runs_as_batch_normalization_brings_them(name, params):
    if params.keys() - OURS[name].params.keys():
        params = {}
    net = network()
    optimizer = OURS[name](**params).build(groups(net))
    descend(net, optimizer, 3)
    for slot in net.norm_slots():
        slot.norm = slot.kind(slot.width)
    for group, fresh in zip(optimizer.param_groups, groups(net), strict=True):
        group["params"] = fresh["params"]
    descend(net, optimizer, 3)
    assert all((slot.norm.weight != 1).any() for slot in net.norm_slots())


def test_momentum_may_be_turned_on_and_off_while_it_runs():
    for name in ("sgd", "rmsprop"):
        net, part = network(), OURS[name]()
        optimizer = part.build(groups(net))
        for momentum in (0.0, 0.9, 0.0, 0.5):
            part.set_live("momentum", momentum)
            part.retune(optimizer)
            assert torch.isfinite(descend(net, optimizer, 3)).all()


def test_moments_are_where_the_optimizer_says():
    for name, kind in OURS.items():
        net = network()
        part = kind(**({"momentum": 0.9} if name == "sgd" else {}))
        optimizer = part.build(groups(net))
        descend(net, optimizer, 2)
        assert not part.keeps or all(set(state) == part.keeps for state in optimizer.state.values())
        assert part.first_moment is None or part.first_moment in part.keeps


def test_weight_decay_of_adamw_spares_biases():
    net = network()
    optimizer = OURS["adamw"](weight_decay=0.5).build(groups(net))
    assert [group["weight_decay"] for group in optimizer.param_groups] == [0.5, 0.0]


def test_nesterov_without_momentum_is_refused_at_the_start_and_while_it_runs():
    with pytest.raises(ParameterError, match="nesterov needs a momentum over 0"):
        OURS["sgd"](nesterov=True)
    part = OURS["sgd"](momentum=0.9, nesterov=True)
    with pytest.raises(ParameterError, match="nesterov needs a momentum over 0") as caught:
        part.set_live("momentum", 0)
    assert caught.value.field == "momentum"
    assert (part.momentum, part.nesterov) == (0.9, True)
