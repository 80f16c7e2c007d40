"""Each finding on a real run that has the illness, and on one that has not."""

import json
import re
from pathlib import Path

import pytest

from app.diagnosis import tries
from app.diagnosis.case import Case
from app.diagnosis.diagnose import all_findings, diagnose
from tests.app.diagnosis.runs import case_of

ROOT = Path(__file__).resolve().parents[3]
WORDS = json.loads((ROOT / "static" / "texts" / "en.json").read_text(encoding="utf-8"))
# finding: run that has it, run that has not
ILL = {
    "not_finite": ("diverges to NaN", "healthy"),
    "lr_too_high": ("steps of 100", "healthy"),
    "lr_too_low": ("steps of a ten-thousandth", "healthy"),
    "exploding_gradients": ("weights of 1", "weights of 1, clipped"),
    "vanishing_gradients": ("deep sigmoid", "healthy deep"),
    "dead_relus": ("raw inputs", "healthy"),
    "saturation": ("weights of 1, sigmoid", "healthy sigmoid"),
    "symmetry": ("ones, sigmoid", "healthy sigmoid"),
    "stuck_at_chance": ("weights of 0.01", "healthy"),
    "majority_only": ("majority", "healthy cancer"),
    "overfitting": ("150 samples", "healthy"),
    "underfitting": ("one unit", "healthy circle"),
    "noise_in_training": ("dropout", "healthy"),
    "scaling_leak": ("scaled on all", "healthy"),
    "data_mismatch": ("shifted test", "healthy"),
}


def seen(name, run, **options):
    return all_findings()[name].look(case_of(run, **options))


def test_every_finding_has_a_run_that_has_it():
    assert ILL.keys() == all_findings().keys()


@pytest.mark.parametrize("name", ILL)
def test_a_run_that_has_it_is_told_so_and_one_that_has_not_is_not(name):
    ill, well = ILL[name]
    finding = seen(name, ill)
    assert finding is not None
    assert finding.holds
    assert finding.sure in ("likely", "sure")
    assert finding.evidence
    assert seen(name, well) is None


@pytest.mark.parametrize("name", ILL)
def test_every_sentence_of_a_finding_is_in_the_catalogue_with_what_it_needs(name):
    finding = seen(name, ILL[name][0])
    assert f"diagnosis.{name}.title" in WORDS
    sentences = [finding.says, finding.why, *(one.says for one in (*finding.evidence, *finding.tries))]
    for says in sentences:
        needed = set(re.findall(r"\{(\w+)\}", WORDS[f"diagnosis.{says.key}"]))
        assert needed <= says.values.keys(), says
    json.dumps(finding.as_json(name), allow_nan=False)


@pytest.mark.parametrize("run", ["healthy", "healthy tanh", "healthy sigmoid", "healthy deep", "healthy circle"])
def test_a_healthy_run_has_nothing(run):
    told = diagnose(case_of(run))
    assert [(one["name"], one["sure"]) for one in told["findings"]] == []
    assert told["balance"]["quadrant"] == "fine"


@pytest.mark.parametrize(
    ("run", "first", "without"),
    [
        ("zeros", {"symmetry", "stuck_at_chance"}, {"dead_relus", "lr_too_low", "underfitting"}),
        ("deep sigmoid", {"vanishing_gradients", "stuck_at_chance"}, {"underfitting"}),
        ("raw inputs", {"dead_relus"}, {"underfitting", "lr_too_low"}),
        ("steps of a ten-thousandth", {"lr_too_low"}, {"underfitting", "stuck_at_chance"}),
        ("weights of 0.01", {"stuck_at_chance", "vanishing_gradients"}, {"underfitting", "lr_too_low"}),
        ("diverges to NaN", {"not_finite"}, {"underfitting", "overfitting"}),
    ],
)
def test_a_cause_is_named_and_its_symptoms_are_not(run, first, without):
    names = {one["name"] for one in diagnose(case_of(run))["findings"] if one["until"] is None}
    assert first <= names
    assert not without & names


def test_the_first_tensor_that_was_not_finite_is_named():
    finding = seen("not_finite", "diverges to NaN")
    assert finding.says.key == "not_finite.where"
    assert finding.says.values["where"] == "the loss", "its square was too large, the answer itself was not"
    assert finding.evidence[0].step == finding.since > 0


def test_the_learning_rate_is_offered_lower_to_the_running_trainer_and_to_a_new_run():
    lower = seen("lr_too_high", "steps of 100").tries[0]
    assert lower.command == {"type": "change", "target": "optimizer", "field": "lr", "value": 10.0}
    assert lower.changes == {"optimizer": "sgd", "optimizer.lr": "10"}
    assert lower.done is None


def test_what_only_a_new_run_can_have_is_no_command():
    by_key = {one.says.key: one for one in seen("dead_relus", "raw inputs").tries}
    assert by_key["try.scaling"].changes == {"dataset": "digits", "dataset.scaling": "standard"}
    assert by_key["try.scaling"].command is None
    assert by_key["try.batch_norm"].command["target"] == "regularizers.batch_norm"


def test_dead_units_are_counted_and_shown_where_they_are():
    finding = seen("dead_relus", "raw inputs")
    layer = finding.says.values["layer"]
    assert int(finding.says.values["share"].removesuffix(" %")) > 75
    assert finding.evidence[0].series == f"dead_units.{layer}"


def test_the_epoch_at_which_validation_turned_is_told():
    finding = seen("overfitting", "150 samples")
    assert finding.sure == "likely"
    assert finding.kind == "warn"
    assert {"dropout", "l2"} <= {one.says.key.removeprefix("try.") for one in finding.tries}


def test_without_a_level_nobody_is_sure_of_bias_and_a_level_that_is_reached_ends_it():
    assert seen("underfitting", "one unit").sure == "likely"
    assert seen("underfitting", "one unit", level=1.0).sure == "sure"
    reached = case_of("one unit").curve("train.accuracy").last[-1]
    assert seen("underfitting", "one unit", level=float(reached)) is None


def test_a_level_moves_the_quadrant():
    assert diagnose(case_of("one unit"))["balance"]["quadrant"] == "bias"
    reached = float(case_of("one unit").curve("train.accuracy").last[-1])
    told = diagnose(case_of("one unit", level=reached))["balance"]
    assert told["quadrant"] == "fine"
    assert (told["bias"], told["best"]) == (0.0, pytest.approx(1 - reached, abs=1e-4))


@pytest.mark.parametrize(
    ("plan", "offered"), [({}, True), ({"scalings": ["none", "standard"]}, True), ({"scalings": ["none"]}, False)]
)
def test_inputs_are_offered_to_be_scaled_where_they_can_be(plan, offered):
    state = {"plan": plan, "spec": {"dataset": {"name": "imdb", "params": {"scaling": "none"}}}}
    assert (tries.scaling(Case(state, None)) is not None) == offered
