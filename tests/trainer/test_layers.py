"""Networks as lists of layers: sizes, residual blocks, embeddings, and a sentence at the layer that does not fit."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from tests.training import SMALL
from trainer import rows
from trainer.data import prepare
from trainer.datasets.reviews import WORDS, Reviews
from trainer.models.cnn import Cnn
from trainer.models.layers import EXAMPLES, KINDS, Layers
from trainer.models.mlp import Mlp
from trainer.plan import answer
from trainer.rows import size_formula
from trainer.spec import RunSpec


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def built(layers, shape, tokens=0, **params):
    return Layers(layers=layers, **params).build(shape, 3, torch.Generator().manual_seed(0), tokens)


def planned(layers, dataset="digits", **params):
    spec = {"dataset": {"name": dataset, "params": params}, "model": {"name": "layers", "params": {"layers": layers}}}
    return answer(SMALL.model_dump() | spec)


# ------------------------------------------------------------------ sizes


def test_the_formula_of_a_size_has_its_numbers_put_in():
    assert size_formula([8, 8], 3, 1, 1) == "(8 + 2·1 - 3)/1 + 1 = 8"
    assert size_formula([9, 11], 3, 2, 0) == "(9 + 2·0 - 3)/2 + 1 = 4, (11 + 2·0 - 3)/2 + 1 = 5"
    assert size_formula([8], 3, 2, 0) == "⌊(8 + 2·0 - 3)/2⌋ + 1 = 3"
    assert size_formula([5], 2, 2) == "⌊(5 - 2)/2⌋ + 1 = 2"


@pytest.mark.parametrize("sides", [(9,), (8, 11), (7, 9, 8)], ids=len)
@pytest.mark.parametrize("kernel", [1, 2, 3, 5])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1, 2])
def test_every_size_in_the_plan_is_what_torch_makes(sides, kernel, stride, padding):
    layers = [
        {"conv": 2, "kernel": kernel, "stride": stride, "padding": padding},
        {"pool": 2, "stride": 1, "how": "average"},
        {"conv_residual": 4, "kernel": 3, "stride": stride},
    ]
    given = torch.randn(2, 3, *sides)
    if any((side + 2 * padding - kernel) // stride + 1 < 2 for side in sides):
        with pytest.raises(ValueError, match="too small"):
            built(layers, given.shape[1:])
        return
    net = built(layers, given.shape[1:])
    seen = {}
    for name, layer in net.layers.items():
        layer.register_forward_hook(lambda _, __, y, name=name: seen.update({name: list(y.shape[1:])}))
    net(given)
    told = {row["name"]: row["shape"] for row in rows.told(net)}
    assert told["pool 1"] == seen.pop("conv 1")  # a pool stands inside the layer before it
    assert seen == {name: told[name] for name in seen}
    kinds = [row["kind"] for row in rows.told(net)]
    assert kinds[0] == f"conv{len(sides)}d"
    assert kinds[1] == f"avgpool{len(sides)}d"


@pytest.mark.parametrize("model", [Mlp(), Cnn(), Layers(), Cnn(channels=[4], kernel=2, pool=1, dense=[])])
def test_a_plan_counts_the_parameters_that_there_are(model):
    net = model.build((3, 9, 11), 10, torch.Generator())
    told = rows.told(net)
    assert sum(row["parameters"] for row in told) == sum(one.numel() for one in net.parameters())
    for row in told:
        sum_of, _, total = row["count"].partition(" = ")
        if row["weight"]:
            assert eval(sum_of.replace("·", "*").replace(",", "")) == row["parameters"]  # numbers, * and +
            assert int(total.replace(",", "")) == row["parameters"]
    takes = {name for row in told for name in row["takes"]}
    assert takes == {"input", *(row["name"] for row in told[:-1])}


def test_the_plan_of_a_cnn_shows_the_formula_and_the_pool_of_each_convolution():
    told = answer(SMALL.model_dump() | {"model": {"name": "cnn"}})["plan"]["layers"]
    assert [(row["name"], row["shape"], row["formula"]) for row in told[:3]] == [
        ("conv 1", [16, 8, 8], "(8 + 2·1 - 3)/1 + 1 = 8"),
        ("pool 1", [16, 4, 4], "(8 - 2)/2 + 1 = 4"),
        ("conv 2", [32, 4, 4], "(4 + 2·1 - 3)/1 + 1 = 4"),
    ]
    assert told[0]["count"] == "16·1·3·3 + 16 = 160"


# ------------------------------------------------------------------ what they compute


def test_a_cnn_as_a_list_of_layers_is_the_same_network_bit_for_bit():
    x = torch.randn(5, 1, 8, 8)
    plain = Cnn().build((1, 8, 8), 3, torch.Generator().manual_seed(0))
    listed = built(Layers().layers, (1, 8, 8))
    assert plain.state_dict().keys() == listed.state_dict().keys()
    assert torch.equal(plain(x), listed(x))


def test_no_layer_is_linear_regression():
    net, x = built([], (7,)), torch.randn(4, 7)
    torch.testing.assert_close(net(x), x @ net.weights()["output"].T)


def test_an_activation_of_its_own_wins_over_the_models():
    net, x = built([{"dense": 5, "activation": "tanh"}, "dense"], (7,), activation="sigmoid"), torch.randn(4, 7)
    first, second, last = (layer.linear for layer in net.layers.values())
    torch.testing.assert_close(net(x), last(second(first(x).tanh()).sigmoid()))


def test_pools_flatten_and_reshape_are_torchs():
    layers = [{"reshape": [3, -1]}, {"pool": 3, "stride": 2, "how": "average"}, {"conv": 4}, "flatten"]
    net, x = built(layers, (3, 4, 5)), torch.randn(2, 3, 4, 5)
    conv, last = (layer.linear for layer in net.layers.values())
    given = functional.avg_pool1d(x.reshape(2, 3, 20), 3, 2)
    torch.testing.assert_close(net(x), last(conv(given).relu().flatten(1)))


@pytest.mark.parametrize(("how", "formula"), [("average", lambda y: y.mean((2, 3))), ("max", lambda y: y.amax((2, 3)))])
def test_global_pooling_makes_one_number_a_channel(how, formula):
    net, x = built([{"conv": 4}, {"global_pool": how}], (1, 6, 5)), torch.randn(2, 1, 6, 5)
    conv, last = (layer.linear for layer in net.layers.values())
    torch.testing.assert_close(net(x), last(formula(conv(x).relu())))


@pytest.mark.parametrize("skip", ["auto", "identity", "projection", "none"])
def test_a_dense_residual_block_is_its_formula(skip):
    net, x = built([{"dense_residual": 7, "skip": skip}], (7,)), torch.randn(4, 7)
    linears = {name: layer.linear for name, layer in net.layers.items()}
    around = linears["residual 1 skip"](x) if skip == "projection" else 0 if skip == "none" else x
    h = linears["residual 1 b"](linears["residual 1 a"](x).relu()) + around
    torch.testing.assert_close(net(x), linears["output"](h.relu()))


def test_a_convolutional_residual_block_projects_where_the_shape_changes():
    net, x = built([{"conv_residual": 6, "stride": 2}, "conv_residual"], (6, 9, 8)), torch.randn(2, 6, 9, 8)
    assert [name for name in net.layers if "skip" in name] == ["residual 1 skip", "residual 2 skip"]
    a, b, skip = (net.layers[f"residual 1 {part}"].linear for part in ("a", "b", "skip"))
    assert (skip.kernel_size, skip.stride) == ((1, 1), (2, 2))
    h = (b(a(x).relu()) + skip(x)).relu()
    net.layers["residual 1 b"].register_forward_hook(lambda _, __, y: torch.testing.assert_close(y, h))
    net(x)
    same = built([{"conv_residual": 6}], (6, 9, 8))
    assert list(same.layers) == ["residual 1 a", "residual 1 b", "output"]


def test_the_rows_of_a_residual_block_say_what_is_added():
    takes = {row["name"]: row["takes"] for row in rows.told(built(["conv", "conv_residual", "pool"], (1, 8, 8)))}
    assert takes["residual 1 b"] == ["residual 1 a", "conv 1"]
    assert takes["pool 1"] == ["residual 1 b"]
    takes = {row["name"]: row["takes"] for row in rows.told(built([{"conv_residual": 2, "stride": 2}], (1, 8, 8)))}
    assert takes["residual 1 b"] == ["residual 1 a", "residual 1 skip"]
    assert takes["residual 1 a"] == takes["residual 1 skip"] == ["input"]


def test_a_pool_after_a_block_pools_what_the_block_gives():
    net, x = built([{"conv_residual": 1}, {"pool": 2}], (1, 8, 8)), torch.randn(2, 1, 8, 8)
    a, b, last = (layer.linear for layer in net.layers.values())
    torch.testing.assert_close(net(x), last(functional.max_pool2d((b(a(x).relu()) + x).relu(), 2).flatten(1)))


# ------------------------------------------------------------------ text


def test_an_embedding_is_the_mean_over_the_tokens_that_are_no_padding():
    net = built([{"embedding": 4}], (3,), tokens=9)
    table, last = net.weights()["embedding 1"], net.layers["output"].linear
    assert table.shape == (9, 4)
    means = torch.stack([(table[1] + table[8]) / 2, table[5], torch.zeros(4)])
    torch.testing.assert_close(net(torch.tensor([[1, 8, 0], [5, 0, 0], [0, 0, 0]])), last(means))


def test_the_padding_learns_nothing():
    net = built([{"embedding": 4}], (3,), tokens=9)
    net(torch.tensor([[1, 8, 0], [0, 0, 0]])).square().sum().backward()
    gradient = net.weights()["embedding 1"].grad
    assert {row for row in range(9) if gradient[row].abs().sum() > 0} == {1, 8}


def test_dropout_on_tokens_strikes_out_whole_words():
    net = built([{"embedding": 4}], (50,), tokens=9)
    net.input_dropout.rate, net.input_dropout.generator = 0.5, torch.Generator().manual_seed(0)
    tokens = torch.randint(1, 9, (40, 50))
    left = net.input_dropout(tokens)
    assert left.dtype == torch.int64
    assert (left == 0).float().mean().item() == pytest.approx(0.5, abs=0.05)
    assert torch.equal(left[left > 0], tokens[left > 0])
    assert net(tokens).shape == (40, 3)


def test_tokens_are_never_scaled_and_every_one_of_them_has_a_vector():
    data = prepare(Reviews(scaling="standard"), "cpu")
    assert data.tokens == 1 + len(WORDS)
    assert data.train.inputs.dtype == torch.int64
    assert planned([{"embedding": 4}], "reviews")["plan"]["layers"][0]["weight"] == [data.tokens, 4]
    assert planned([{"embedding": 4, "vocabulary": 500}], "reviews")["plan"]["layers"][0]["weight"] == [500, 4]


# ------------------------------------------------------------------ what does not fit


@pytest.mark.parametrize(
    ("dataset", "layers", "path", "told"),
    [
        (
            "digits",
            [{"conv": 4}, {"conv": 4, "kernel": 11}],
            "1.kernel",
            "conv 2 gets 8x8, 10x10 with its padding, too",
        ),
        ("digits", [{"conv": 4}, {"pool": 4}, {"pool": 4}], "2.pool", "pool 2 gets 4 channels of 2x2, too small for f"),
        ("digits", [{"pool": 8}, "pool"], "1.pool", "pool 2 gets 1 channel of 1x1, too small for fields of 2. Leave"),
        ("wine", [{"dense": 4}, {"conv": 4}], "1", "it gets 4 features in a row. Use a dense layer, or reshape"),
        ("wine", ["pool"], "0", "pool 1 wants images (channels, height, width), signals"),
        ("wine", [{"embedding": 4}], "0", "embedding 1 wants tokens"),
        ("reviews", [{"dense": 4}], "0", "dense 1 wants numbers; these inputs are tokens"),
        ("reviews", ["flatten"], "0", "flatten 1 wants numbers"),
        ("reviews", [{"embedding": 4, "vocabulary": 9}], "0.vocabulary", "tokens here go up to 40. Use at least 41"),
        ("reviews", [{"embedding": 4}, "embedding"], "1", "it gets 4 features in a row, plain numbers"),
        ("wine", [{"reshape": [2, -1]}], "0.reshape", "13 values, which do not make 2x-1. Use sizes whose product is"),
        ("wine", [{"reshape": [1, 1, 1, 1, 13]}], "0.reshape", "makes a shape of 1 to 4 sizes"),
        ("digits", [{"conv_residual": 4, "skip": "identity"}], "0.skip", "its skip carries 1x8x8, its layers give 4x8"),
        (
            "digits",
            [{"conv_residual": 1, "kernel": 4}],
            "0.kernel",
            "its layers give 1x6x6, its skip 1x8x8. Use an odd",
        ),
        ("digits", [{"conv": 4}, {"pol": 2}], "1", "no layer is called 'pol'. Did you mean 'pool'?"),
        ("digits", [{"conv": 4, "pool": 2}], "0.pool", "conv and pool are two layers: write each as an entry of"),
        ("digits", [{"conv": 4, "kernal": 2}], "0.kernal", "Did you mean 'kernel'?"),
    ],
)
def test_what_does_not_fit_is_said_at_the_layer_that_caused_it(dataset, layers, path, told):
    (problem,) = planned(layers, dataset)["problems"]
    assert problem["path"] == f"model.params.layers.{path}"
    assert told in problem["message"]
    assert problem["message"].endswith(".")


def test_a_model_without_an_embedding_says_so_on_tokens():
    for model in ("mlp", "cnn"):
        told = answer({"dataset": {"name": "reviews"}, "model": {"name": model}})["problems"]
        assert told[0]["path"] == "model.params"
        assert "wants numbers; these inputs are tokens" in told[0]["message"]


@pytest.mark.parametrize("name", ["input_noise", "mixup", "augmentation"])
def test_what_changes_numbers_says_so_on_tokens(name):
    model = {"name": "layers", "params": {"layers": [{"embedding": 4}]}}
    spec = {"dataset": {"name": "reviews"}, "model": model, "regularizers": {name: {"enabled": True}}}
    (problem,) = answer(spec)["problems"]
    assert problem["path"] == f"regularizers.{name}.enabled"


def test_without_a_layer_tokens_have_no_output_layer_to_go_to():
    assert "output wants numbers" in planned([], "reviews")["problems"][0]["message"]


def test_a_huge_list_is_refused_without_memory():
    wide = planned([{"conv": 4096}, {"conv": 4096}])["problems"][0]
    assert "at most 50,000,000" in wide["message"]


# ------------------------------------------------------------------ writing them


def test_a_list_is_written_as_one_would_by_hand():
    written = "{model: {name: layers, params: {layers: [{conv: 16, kernel: 5}, {pool: 2}, flatten, {dense: 64}]}}}"
    spec = answer(RunSpec.parse(written).model_dump())["spec"]
    listed = spec["model"]["params"]["layers"]
    assert listed[0] == {"conv": 16, "kernel": 5, "stride": 1, "padding": 1, "activation": "model"}
    assert listed[2:] == [{"flatten": True}, {"dense": 64, "activation": "model"}]
    assert answer(spec)["spec"] == spec
    assert RunSpec.parse(RunSpec.read(spec).to_yaml()) == RunSpec.read(spec)


FITTING = {"1-D CNN": "waves", "3-D CNN": "voxels", "Text: embedding and mean": "reviews", "Residual MLP": "wine"}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.title)
def test_every_example_fits_the_data_that_it_is_for(example):
    assert "plan" in planned(list(example.value), FITTING.get(example.title, "digits"))


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_kind_trains_on_what_it_can_take(name):
    shapes = [(7,), (2, 6), (2, 6, 5), (2, 6, 5, 4)]
    trained = 0
    for shape, tokens in [*((shape, 0) for shape in shapes), ((7,), 9)]:
        try:
            net = built([name], shape, tokens)
        except ValueError:
            continue
        trained += 1
        x = torch.randint(0, tokens, (4, *shape)) if tokens else torch.randn(4, *shape)
        net(x).sum().backward()
        assert all(torch.isfinite(one.grad).all() for one in net.parameters())
        assert isinstance(net.layers["output"].linear, nn.Linear)
    assert trained
