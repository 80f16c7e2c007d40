"""Networks, the weights that they begin with, and what stands between their layers."""

import math
import re

import pytest
import torch
from torch.nn import functional

from trainer.catalog import CATALOG
from trainer.inits import fans
from trainer.models.cnn import Cnn
from trainer.models.layers import Layers
from trainer.models.mlp import Mlp

IMAGE = (1, 8, 8)


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def chance(seed=0):
    return torch.Generator().manual_seed(seed)


# ------------------------------------------------------------------ initialisers

# (variance, mean) of a weight with n_in inputs and n_out units
MOMENTS = {
    "zeros": lambda n_in, n_out: (0.0, 0.0),
    "ones": lambda n_in, n_out: (0.0, 1.0),
    "constant": lambda n_in, n_out: (0.0, 0.01),
    "normal": lambda n_in, n_out: (0.01**2, 0.0),
    "uniform": lambda n_in, n_out: (0.01**2 / 3, 0.0),
    "lecun": lambda n_in, n_out: (1 / n_in, 0.0),
    "xavier": lambda n_in, n_out: (2 / (n_in + n_out), 0.0),
    "xavier_uniform": lambda n_in, n_out: (2 / (n_in + n_out), 0.0),
    "he": lambda n_in, n_out: (2 / n_in, 0.0),
    "pytorch": lambda n_in, n_out: (1 / (3 * n_in), 0.0),
    "orthogonal": lambda n_in, n_out: (1 / max(n_in, n_out), 0.0),
}


@pytest.mark.parametrize("name", sorted(CATALOG["inits"]))
@pytest.mark.parametrize("shape", [(300, 200), (100, 400), (64, 32, 5, 5)])
def test_weights_have_the_mean_and_variance_of_their_formula(name, shape):
    weight = torch.empty(shape)
    CATALOG["inits"][name]().fill(weight, chance())
    n_in, n_out = fans(weight)
    if name == "orthogonal":  # of the matrix that it is flattened to
        n_in, n_out = weight.flatten(1).shape[1], weight.shape[0]
    variance, mean = MOMENTS[name](n_in, n_out)
    assert weight.var(correction=0).item() == pytest.approx(variance, rel=0.03, abs=1e-12)
    assert weight.mean().item() == pytest.approx(mean, abs=4 * math.sqrt(variance / weight.numel()) + 1e-8)


@pytest.mark.parametrize("name", sorted(CATALOG["inits"]))
def test_the_same_seed_gives_the_same_weights_and_touches_no_other_chance(name):
    before = torch.get_rng_state()
    drawn = [torch.empty(30, 20) for _ in range(3)]
    for weight, seed in zip(drawn, (1, 1, 2), strict=True):
        CATALOG["inits"][name]().fill(weight, chance(seed))
    assert torch.equal(drawn[0], drawn[1])
    assert torch.equal(drawn[0], drawn[2]) == (name in ("zeros", "ones", "constant"))
    assert torch.equal(torch.get_rng_state(), before)


def test_uniform_stays_within_its_limit():
    weight = torch.empty(100, 100)
    CATALOG["inits"]["uniform"](limit=0.3).fill(weight, chance())
    assert 0.29 < weight.abs().max() <= 0.3


def test_the_uniform_ones_are_torchs():
    for name, reset in (
        ("xavier_uniform", lambda weight: torch.nn.init.xavier_uniform_(weight, generator=chance())),
        ("pytorch", lambda weight: torch.nn.init.kaiming_uniform_(weight, a=5**0.5, generator=chance())),
    ):
        ours, theirs = torch.empty(30, 20, 3, 3), torch.empty(30, 20, 3, 3)
        CATALOG["inits"][name]().fill(ours, chance())
        reset(theirs)
        torch.testing.assert_close(ours, theirs)


def test_orthogonal_keeps_lengths():
    weight = torch.empty(50, 20)
    CATALOG["inits"]["orthogonal"]().fill(weight, chance())
    torch.testing.assert_close(weight.T @ weight, torch.eye(20), atol=1e-5, rtol=0)


def test_a_menu_shows_the_formula_of_each_init_and_activation():
    properties = Mlp.schema()["properties"]
    assert properties["init"]["x-labels"]["he"] == "he: w ~ N(0, 2 / n_in)"
    assert properties["activation"]["x-labels"]["relu"] == "relu: f(x) = max(0, x)"
    for field, folder in (("init", "inits"), ("activation", "activations")):
        labels = properties[field]["x-labels"]
        assert set(labels) == set(CATALOG[folder])
        assert all(" = " in one or " ~ " in one for one in labels.values()), labels


# ------------------------------------------------------------------ activations

FORMULAS = {
    "linear": lambda x: x,
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "tanh": math.tanh,
    "relu": lambda x: max(0.0, x),
    "leaky_relu": lambda x: x if x > 0 else 0.01 * x,
    "elu": lambda x: x if x > 0 else math.exp(x) - 1,
    "gelu": lambda x: x * 0.5 * (1 + math.erf(x / math.sqrt(2))),
    "silu": lambda x: x / (1 + math.exp(-x)),
    "softplus": lambda x: math.log1p(math.exp(x)),
}


@pytest.mark.parametrize("name", sorted(CATALOG["activations"]))
def test_an_activation_is_its_formula(name):
    x = torch.tensor([-30.0, -3.0, -1.0, -0.1, 0.0, 0.1, 1.0, 3.0, 30.0])
    expected = torch.tensor([FORMULAS[name](value) for value in x.tolist()])
    torch.testing.assert_close(CATALOG["activations"][name]()(x), expected, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("name", sorted(CATALOG["activations"]))
def test_an_activation_keeps_shape_and_input_and_has_a_gradient(name):
    x = torch.randn(4, 3, 2, generator=chance()).requires_grad_()
    kept = x.detach().clone()
    y = CATALOG["activations"][name]()(x)
    y.sum().backward()
    assert y.shape == x.shape
    assert torch.equal(x.detach(), kept)
    assert torch.isfinite(x.grad).all()


# ------------------------------------------------------------------ networks


def test_an_mlp_has_the_layers_asked_for():
    net = Mlp(hidden=[30, 20]).build(IMAGE, 10, chance())
    assert {name: tuple(weight.shape) for name, weight in net.weights().items()} == {
        "dense 1": (30, 64),
        "dense 2": (20, 30),
        "output": (10, 20),
    }
    assert net(torch.randn(5, *IMAGE)).shape == (5, 10)


def test_no_hidden_layer_is_linear_regression():
    net = Mlp(hidden=[]).build((7,), 1, chance())
    x = torch.randn(4, 7)
    weight = net.weights()["output"]
    torch.testing.assert_close(net(x), x @ weight.T)


def test_layers_of_linear_units_are_one_layer():
    net = Mlp(hidden=[9, 9], activation="linear").build((7,), 2, chance())
    first, second, last = net.weights().values()
    x = torch.randn(4, 7)
    torch.testing.assert_close(net(x), x @ (last @ second @ first).T)


@pytest.mark.parametrize("activation", sorted(CATALOG["activations"]))
@pytest.mark.parametrize("init", sorted(CATALOG["inits"]))
def test_every_activation_and_init_makes_a_network(activation, init):
    net = Mlp(hidden=[8], activation=activation, init=init).build((4,), 2, chance())
    net(torch.randn(3, 4)).sum().backward()
    assert all(torch.isfinite(one.grad).all() for one in net.parameters())
    assert (net.layers["dense 1"].linear.bias == 0).all()


def test_init_scale_is_for_normal_and_uniform():
    wide = Mlp(hidden=[100], init="normal", init_scale=1.0).build((100,), 2, chance()).weights()["dense 1"]
    limited = Mlp(hidden=[100], init="uniform", init_scale=0.5).build((100,), 2, chance()).weights()["dense 1"]
    assert wide.std().item() == pytest.approx(1, rel=0.05)
    assert limited.abs().max().item() == pytest.approx(0.5, rel=0.01)


@pytest.mark.parametrize("model", [Mlp(), Cnn(), Layers()])
def test_building_draws_from_its_own_generator_only(model):
    before = torch.get_rng_state()
    nets = [model.build(IMAGE, 10, chance(seed)) for seed in (1, 1, 2)]
    assert torch.equal(torch.get_rng_state(), before)
    flat = [torch.cat([one.detach().flatten() for one in net.parameters()]) for net in nets]
    assert torch.equal(flat[0], flat[1])
    assert not torch.equal(flat[0], flat[2])


@pytest.mark.parametrize(
    "model", [Mlp(hidden=[100_000, 100_000]), Cnn(channels=[4096, 4096]), Layers(layers=[{"conv": 4096}] * 3)]
)
def test_a_plan_of_a_huge_network_allocates_nothing(model):
    with torch.device("meta"):
        net = model.build(IMAGE, 10, torch.Generator())
        assert net(torch.empty(2, *IMAGE)).shape == (2, 10)
    assert all(one.is_meta for one in net.parameters())


def test_a_cnn_has_the_layers_and_sizes_of_the_formula():
    net = Cnn(channels=[4, 6], kernel=3, stride=1, padding=0, pool=1, dense=[5]).build((3, 9, 11), 2, chance())
    # (9 - 3) / 1 + 1 = 7, then 5; (11 - 3) + 1 = 9, then 7
    assert {name: tuple(weight.shape) for name, weight in net.weights().items()} == {
        "conv 1": (4, 3, 3, 3),
        "conv 2": (6, 4, 3, 3),
        "dense 1": (5, 6 * 5 * 7),
        "output": (2, 5),
    }


@pytest.mark.parametrize("kernel", [1, 2, 3, 5])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1, 2])
@pytest.mark.parametrize("pool", [1, 2])
def test_a_cnn_that_is_built_also_runs(kernel, stride, padding, pool):
    model = Cnn(channels=[2, 2], kernel=kernel, stride=stride, padding=padding, pool=pool, dense=[])
    side = 8
    for _ in model.channels:
        side = ((side + 2 * padding - kernel) // stride + 1) // pool
    if side < 1:
        with pytest.raises(ValueError, match="too small"):
            model.build(IMAGE, 3, chance())
        return
    net = model.build(IMAGE, 3, chance())
    assert net(torch.randn(2, *IMAGE)).shape == (2, 3)
    assert net.weights()["output"].shape == (3, 2 * side * side)


@pytest.mark.parametrize(
    ("params", "shape", "told"),
    [
        ({}, (13,), "cnn wants images .* these inputs have 13 features"),
        ({"channels": [4, 4, 4, 4]}, IMAGE, "pool 4 gets 4 channels of 1x1, too small for fields of 2"),
        ({"kernel": 9, "padding": 0}, IMAGE, "conv 1 gets 8x8, 8x8 with its padding, too small for a kernel of 9"),
    ],
)
def test_a_cnn_that_does_not_fit_says_why_and_what_would(params, shape, told):
    with pytest.raises(ValueError, match=told) as caught:
        Cnn(**params).build(shape, 10, chance())
    assert re.search("Use |Leave ", str(caught.value))


# ------------------------------------------------------------------ losses


def test_each_kind_of_problem_has_a_loss_that_says_why():
    from trainer.losses import choose

    for kind, name in (("classes", "cross_entropy"), ("binary", "binary_cross_entropy"), ("number", "mse")):
        loss = choose(kind)
        assert (loss.name, kind in loss.kinds) == (name, True)
        assert loss.why.endswith(".")
        outputs = torch.randn(6, 3 if kind == "classes" else 1)
        targets = torch.tensor([0, 1, 2, 0, 1, 2]) if kind == "classes" else torch.ones(6, 1)
        assert tuple(loss.metrics(outputs, targets)) == loss.metric_names


def test_knowing_nothing_costs_what_the_help_says():
    losses = CATALOG["losses"]
    zeros = torch.zeros(8, 10)
    assert losses["cross_entropy"]()(zeros, torch.arange(8)).item() == pytest.approx(math.log(10))
    halves = torch.tensor([[0.0], [1.0]])
    assert losses["binary_cross_entropy"]()(torch.zeros(2, 1), halves).item() == pytest.approx(math.log(2))
    assert losses["mse"]()(torch.zeros(2, 1), torch.tensor([[1.0], [3.0]])).item() == 5


def test_metrics_by_hand():
    losses = CATALOG["losses"]
    outputs = torch.tensor([[3.0, 1.0], [0.0, 2.0], [5.0, 4.0], [1.0, 0.0]])
    assert losses["cross_entropy"]().metrics(outputs, torch.tensor([0, 1, 1, 1]))["accuracy"] == 0.5
    told = losses["binary_cross_entropy"]().metrics(
        torch.tensor([[2.0], [-1.0], [3.0]]), torch.tensor([[1.0], [0], [0]])
    )
    assert told["accuracy"].item() == pytest.approx(2 / 3)
    told = losses["mse"]().metrics(torch.tensor([[1.0], [5.0]]), torch.tensor([[0.0], [2.0]]))
    assert told["rmse"].item() == pytest.approx(math.sqrt(5))
    assert told["mae"].item() == 2


def test_smoothed_cross_entropy_has_the_floor_of_its_paper():
    loss = CATALOG["losses"]["cross_entropy"]()
    loss.smoothing = 0.1
    # 10 classes at 0.1: targets .91 and .01, best logit gap ln 91, floor 0.5003
    best = functional.one_hot(torch.arange(10), 10).float() * math.log(91)
    assert loss(best, torch.arange(10)).item() == pytest.approx(0.5003, abs=1e-4)
    assert loss(best * 2, torch.arange(10)).item() > 0.51


def test_smoothed_binary_cross_entropy_is_the_two_class_one():
    binary, classes = CATALOG["losses"]["binary_cross_entropy"](), CATALOG["losses"]["cross_entropy"]()
    binary.smoothing = classes.smoothing = 0.2
    logits, targets = torch.randn(9, 1, generator=chance()), torch.tensor([[0.0], [1.0], [1.0]] * 3)
    both = torch.cat([torch.zeros_like(logits), logits], dim=1)
    torch.testing.assert_close(binary(logits, targets), classes(both, targets.flatten().long()))


@pytest.mark.parametrize("focus", [0.5, 2.0])
def test_a_focused_loss_weighs_by_what_is_missing_to_certainty(focus):
    loss = CATALOG["losses"]["cross_entropy"]()
    loss.focus = focus
    shares = torch.tensor([[0.9, 0.1], [0.25, 0.75]], dtype=torch.float64)
    truth = torch.tensor([0, 0])
    by_hand = (0.1**focus * -math.log(0.9) + 0.75**focus * -math.log(0.25)) / 2
    assert loss(shares.log(), truth).item() == pytest.approx(by_hand)
    # the same of shares as targets, and of two classes by one output
    assert loss(shares.log(), functional.one_hot(truth, 2).double()).item() == pytest.approx(by_hand)
    for name in ("binary_cross_entropy", "labels_cross_entropy"):
        binary = CATALOG["losses"][name]()
        binary.focus = focus
        assert binary(shares[:, :1].logit(), torch.ones(2, 1).double()).item() == pytest.approx(by_hand)


def test_a_focused_loss_has_a_slope_where_all_is_certain():
    loss = CATALOG["losses"]["cross_entropy"]()
    loss.focus = 0.5
    outputs = torch.tensor([[100.0, -100.0]], requires_grad=True)
    loss(outputs, torch.tensor([0])).backward()
    assert outputs.grad.isfinite().all()
