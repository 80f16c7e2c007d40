"""Strengths of single layers: the formula with a number for each, words for layers that are not there, and live."""

import pytest
import torch

from tests.training import SMALL, of_kind, train, with_fields
from trainer.catalog import CATALOG
from trainer.component import ParameterError
from trainer.data import Data, Part
from trainer.models.mlp import Mlp
from trainer.plan import answer
from trainer.protocol import Change, Changed, Rejected
from trainer.regularizers import Parts

OURS = CATALOG["regularizers"]
PER_LAYER = sorted(name for name, one in OURS.items() if "per_layer" in one.params)
STRENGTHS = {"dense 1": 0.5, "output": 0.0}  # dense 2 takes the common one


@pytest.fixture
def net():
    return Mlp(hidden=[12, 9]).build((1, 8, 8), 10, torch.Generator().manual_seed(0))


def parts(net):
    part = Part(torch.zeros(10, 1, 8, 8), torch.arange(10))
    data = Data(part, part, part, kind="classes", outputs=10)
    return Parts(net, CATALOG["losses"]["cross_entropy"](), data, fresh=True)


def test_penalties_constraint_and_dropout_have_it():
    assert PER_LAYER == ["dropout", "elastic_net", "l1", "l2", "max_norm"]


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("l1", lambda w: w.abs().sum()),
        ("l2", lambda w: (w * w).sum() / 2),
        ("elastic_net", lambda w: (w.abs().sum() + (w * w).sum() / 2) / 2),
    ],
)
def test_a_penalty_weighs_each_layer_by_its_own_strength_or_by_the_common_one(name, size, net):
    penalty = OURS[name](strength=0.1, per_layer=STRENGTHS).penalty(net)
    first, second, _ = (size(weight.detach()) for weight in net.weights().values())
    torch.testing.assert_close(penalty.detach(), 0.5 * first + 0.1 * second)
    penalty.backward()
    assert net.layers["output"].linear.weight.grad is None


@pytest.mark.parametrize("name", ["l1", "l2", "elastic_net"])
def test_strength_zero_for_every_layer_is_exactly_the_plain_run(name, net):
    assert OURS[name](strength=0.1, per_layer=dict.fromkeys(net.weights(), 0)).penalty(net) is None


def test_max_norm_has_a_limit_for_each_layer(net):
    OURS["max_norm"](limit=0.4, per_layer={"output": 0.1}).after_update(net)
    longest = [weight.flatten(1).norm(dim=1).max().item() for weight in net.weights().values()]
    assert longest == pytest.approx([0.4, 0.4, 0.1], rel=1e-5)


def test_dropout_has_a_rate_for_each_hidden_layer(net):
    dropout = OURS["dropout"](rate=0.5, input_rate=0.1, per_layer={"dense 2": 0.2})
    dropout.generator = torch.Generator()
    dropout.on_switch(parts(net), True)
    assert [net.input_dropout.rate, *(slot.rate for slot in net.dropout_slots())] == [0.1, 0.5, 0.2]


@pytest.mark.parametrize("name", PER_LAYER)
def test_a_layer_that_is_not_there_is_refused_with_the_nearest_and_all_there_are(name, net):
    part = OURS[name](per_layer={"dense 1": 0.2, "dence 2": 0.3})
    with pytest.raises(ParameterError, match=r"layer is called 'dence 2'\. Did you mean 'dense 2'\?") as caught:
        part.check(parts(net))
    assert caught.value.field == "per_layer"
    assert ("dense 1, dense 2, output." in str(caught.value)) == (name != "dropout")


def test_dropout_has_no_rate_for_the_output_layer(net):
    with pytest.raises(ParameterError, match=r"no hidden layer is called 'output'. There are: dense 1, dense 2."):
        OURS["dropout"](per_layer={"output": 0.2}).check(parts(net))


def test_a_plan_puts_the_problem_at_its_field():
    spec = with_fields(SMALL, regularizers={"l2": {"enabled": True, "per_layer": {"dense 3": 0.1}}})
    (problem,) = answer(spec.model_dump())["problems"]
    assert problem["path"] == "regularizers.l2.per_layer"
    assert problem["message"].startswith("no layer is called 'dense 3'.")


def test_strengths_of_layers_turn_live_and_a_refusal_changes_nothing(tmp_path):
    spec = with_fields(SMALL, regularizers={"l2": {"enabled": True, "per_layer": {"dense 1": 0.1}}})
    turns = [{"output": 1}, {"dense 9": 1}, {"output": 99}]
    commands = [
        Change(id=str(i), target="regularizers.l2", field="per_layer", value=one) for i, one in enumerate(turns)
    ]
    events = train(tmp_path, spec, commands)
    (changed,) = of_kind(events, Changed)
    assert (changed.old, changed.new) == ({"dense 1": 0.1}, {"output": 1.0})
    assert [one.reason.partition(" There")[0] for one in of_kind(events, Rejected)] == [
        "no layer is called 'dense 9'. Did you mean 'dense 2'?",
        "per_layer of output = 99.0 is outside 0 to 10.",
    ]
