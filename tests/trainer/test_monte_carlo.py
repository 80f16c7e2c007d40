"""Monte-Carlo dropout: the mean of several predictions, judged beside the plain one, and no trace of it."""

import math

import pytest
import torch
from torch.nn import functional

from tests.training import SMALL, curve, of_kind, train, with_fields
from trainer import ensemble
from trainer.catalog import CATALOG
from trainer.data import Data, Part
from trainer.models.mlp import Mlp
from trainer.protocol import Change, Epoch, Finished
from trainer.regularizers import Parts

LOSSES = CATALOG["losses"]
DROPOUT = {"enabled": True, "rate": 0.3, "input_rate": 0.1}


def judged(net, loss, part, **params):
    dropout = CATALOG["regularizers"]["dropout"](**params)
    dropout.generator = torch.Generator().manual_seed(1)
    data = Data(part, part, part, kind=loss.kinds[0], outputs=1)
    dropout.on_switch(Parts(net, loss, data), True)
    return dropout.judge(net, loss, part, lambda: None), dropout


def test_each_unit_is_struck_out_by_its_rate_and_the_mean_of_all_passes_is_the_plain_prediction():
    """A linear network of fixed weights: the mean and the variance of what it gives are known by hand."""
    net = Mlp(hidden=[6], activation="linear").build((4,), 1, torch.Generator().manual_seed(0))
    x = torch.randn(50, 4, generator=torch.Generator().manual_seed(2))
    hidden, output = (layer.linear for layer in net.layers.values())
    with torch.no_grad():
        plain, given = net(x), hidden(x)
    found, _ = judged(net, LOSSES["mse"](), Part(x, plain), rate=0.4, passes=200)
    # h m / (1 - p) w has variance (h w)^2 p / (1 - p)
    deviation = ((given * output.weight).square().sum(1) * 0.4 / 0.6).sqrt()
    assert found["mc_deviation"].item() == pytest.approx(deviation.mean().item(), rel=0.05)
    assert found["mc_rmse"].item() == pytest.approx((deviation.square().mean() / 200).sqrt().item(), rel=0.4)
    assert set(found) == {"mc_loss", "mc_rmse", "mc_mae", "mc_deviation"}


@pytest.mark.parametrize(
    ("name", "outputs", "worst"), [("cross_entropy", 3, math.log(3)), ("binary_cross_entropy", 1, math.log(2))]
)
def test_probabilities_are_averaged_and_the_mean_is_judged(name, outputs, worst):
    loss = LOSSES[name]()
    given = torch.randn(5, 7, outputs, generator=torch.Generator().manual_seed(0)) * 3
    targets = torch.arange(7) % 3 if outputs == 3 else (torch.arange(7.0) % 2).view(-1, 1)
    turns = iter(given)
    found = ensemble.judge(5, lambda _: next(turns), loss, Part(torch.zeros(7, 2), targets), lambda: None)
    p = given.double().softmax(2).mean(0) if outputs == 3 else given.double().sigmoid().mean(0)
    both = p if outputs == 3 else torch.cat([1 - p, p], 1)
    truth = targets.long().flatten()
    assert found["loss"].item() == pytest.approx(functional.nll_loss(both.log(), truth).item(), rel=1e-5)
    assert found["accuracy"].item() == pytest.approx((both.argmax(1) == truth).double().mean().item())
    assert found["entropy"].item() == pytest.approx(-(both * both.log()).sum(1).mean().item())
    unsure = loss.entropy(loss.predict(torch.zeros(4, outputs)))
    assert unsure.item() == pytest.approx(worst)


@pytest.mark.parametrize("name", ["cross_entropy", "binary_cross_entropy", "mse"])
def test_outputs_of_a_prediction_predict_it_again_even_where_it_is_certain(name):
    loss = LOSSES[name]()
    outputs = torch.tensor([[-80.0, 0.0, 80.0], [0.5, -3.0, 2.0]])
    said = loss.predict(outputs)
    torch.testing.assert_close(loss.predict(loss.unpredict(said)), said, atol=1e-6, rtol=1e-5)


def test_judging_leaves_the_network_and_every_generator_as_they_were():
    net = Mlp(hidden=[6]).build((4,), 3, torch.Generator().manual_seed(0))
    net.train()
    before = torch.get_rng_state()
    part = Part(torch.randn(9, 4, generator=torch.Generator()), torch.arange(9) % 3)
    first, dropout = judged(net, LOSSES["cross_entropy"](), part, rate=0.4, passes=5)
    state = torch.Generator().manual_seed(1).get_state()
    assert torch.equal(dropout.generator.get_state(), state)
    assert torch.equal(torch.get_rng_state(), before)
    assert all(one.training for one in net.modules())
    assert all(slot.generator is dropout.generator for slot in net.dropout_slots())
    again = dropout.judge(net, LOSSES["cross_entropy"](), part, lambda: None)
    assert again == first, "the same units are struck out at each evaluation"


def test_it_is_told_at_each_epoch_and_of_the_test_part_and_does_not_change_the_training(tmp_path):
    plain = train(tmp_path / "plain", with_fields(SMALL, regularizers={"dropout": DROPOUT}))
    spec = with_fields(SMALL, regularizers={"dropout": DROPOUT | {"passes": 8, "enabled": True}})
    watched = train(tmp_path / "watched", spec)
    assert curve(watched) == curve(plain)
    assert not any("mc_" in name for one in of_kind(plain, Epoch) for name in one.metrics)
    for one in of_kind(watched, Epoch):
        extra = {"mc_loss", "mc_accuracy", "mc_entropy", "entropy"}
        assert {f"validation.{name}" for name in extra} <= one.metrics.keys()
        assert not any(name.startswith("train.mc_") for name in one.metrics)
        assert one.metrics["validation.mc_entropy"] > one.metrics["validation.entropy"], "less sure than one network"
    assert "test.mc_accuracy" in of_kind(watched, Finished)[0].metrics


def test_passes_are_turned_on_live(tmp_path):
    turn = Change(id="on", target="regularizers.dropout", field="passes", value=4)
    events = train(tmp_path, with_fields(SMALL, regularizers={"dropout": DROPOUT}), [turn])
    assert all("validation.mc_accuracy" in one.metrics for one in of_kind(events, Epoch))
