"""Changes that stand in a spec: commands that nobody has to send, taken at their step and once."""

import json

import pytest

from tests.hard_life import KILLED_WHILE_PAUSED, check_equal, fault, kill, live, make, term
from tests.test_law_of_resuming import FATES, OFTEN, TRAINING, TROUBLE, WINE
from tests.training import SMALL, curve, go_on, of_kind, said, train, with_fields
from trainer import plan
from trainer.__main__ import main
from trainer.protocol import Change, Changed, Failed, Finished, Pause, Rejected, Resume, Swap
from trainer.spec import RunSpec, SpecError

EACH = 18  # steps in an epoch of WINE
DECAY = {"epoch": 1, "target": "regularizers.l2", "field": "enabled", "value": True}
DROP = {"step": 20, "target": "optimizer", "field": "lr", "value": 0.005}
ADAM = {"epoch": 2, "target": "optimizer", "name": "adam", "params": {"lr": 0.01}, "state": "transfer"}
NORM = {"step": 9, "target": "regularizers.batch_norm", "field": "enabled", "value": True}
COSINE = {"step": 25, "target": "schedule", "name": "cosine"}
LONGER = {"epoch": 2, "target": "training", "field": "epochs", "value": 4}
ALL = [DECAY, DROP, ADAM, NORM, COSINE, LONGER]


def planned(*changes, spec=WINE):
    return with_fields(spec, changes=list(changes))


def problems(*changes, spec=WINE):
    with pytest.raises(SpecError) as refused:
        plan.make(planned(*changes, spec=spec))
    return {one.path: one.message for one in refused.value.problems}


def taken(events):
    return [(one.step, one.target, one.command) for one in of_kind(events, Changed)]


def test_a_spec_without_changes_is_written_as_it_always_was():
    assert "changes" not in SMALL.model_dump()
    assert "changes" not in SMALL.to_yaml()


def test_changes_come_back_from_yaml_and_json_as_they_were():
    spec = planned(*ALL)
    assert RunSpec.parse(spec.to_yaml()) == spec
    assert RunSpec.parse(spec.model_dump_json()).model_dump() == spec.model_dump()
    assert spec.model_dump()["changes"][1] == DROP


def test_a_plan_keeps_the_changes_of_its_spec():
    assert plan.make(planned(*ALL))[1].changes == planned(*ALL).changes


@pytest.mark.parametrize(
    ("change", "path", "told"),
    [
        ({"target": "optimizer", "field": "lr", "value": 1}, "changes.0", "say one of them"),
        (DROP | {"epoch": 1}, "changes.0", "say one of them"),
        (DROP | {"name": "adam"}, "changes.0", "a field and its value, or the name"),
        ({"epoch": 1, "target": "optimizer"}, "changes.0", "a field and its value, or the name"),
        ({"epoch": 1, "target": "model", "name": "mlp"}, "changes.0", "optimizer or schedule"),
        (DROP | {"step": -1}, "changes.0.step", "is at least 0"),
        (ADAM | {"state": "kept"}, "changes.0.state", "is one of 'reset', 'keep' or 'transfer'"),
        (DROP | {"feild": "lr"}, "changes.0.feild", "Did you mean 'field'?"),
    ],
)
def test_a_change_of_another_shape_is_refused(change, path, told):
    with pytest.raises(SpecError) as refused:
        planned(change)
    (problem,) = refused.value.problems
    assert problem.path == path
    assert told in problem.message


@pytest.mark.parametrize(
    ("change", "path", "told"),
    [
        (DROP | {"value": -1}, "value", "outside 0 to 100"),
        (DROP | {"value": [1]}, "value", "is not a number"),
        (DROP | {"field": "momentun"}, "field", "Did you mean 'momentum'?"),
        (DROP | {"target": "optimiser"}, "target", "Did you mean 'optimizer'?"),
        (DROP | {"target": "training", "field": "batch_size"}, "field", "fixed when a run starts"),
        (DECAY | {"target": "regularizers.l3"}, "target", "no component in regularizers is called 'l3'"),
        (DECAY | {"value": 1}, "value", "is not true or false"),
        (ADAM | {"name": "adamm"}, "name", "Did you mean 'adam'?"),
        (ADAM | {"params": {"lr": -1}}, "params.lr", "outside"),
        (ADAM | {"state": "keep"}, "state", "Choose reset, or transfer"),
        (ADAM | {"epoch": 3}, "epoch", "this run ends after epoch 3, which is step 54"),
        (DROP | {"step": 54}, "step", "Take at most 53"),
    ],
)
def test_a_change_that_would_be_refused_is_so_at_the_plan(change, path, told):
    found = problems(DECAY, change)
    assert list(found) == [f"changes.1.{path}"]
    assert told in found[f"changes.1.{path}"]


def test_every_change_is_checked_as_those_before_it_leave_the_run():
    longer = {"epoch": 0, "target": "training", "field": "epochs", "value": 5}
    plan.make(planned(DROP | {"step": 70}, longer))
    gone = problems(DROP | {"step": 30, "field": "momentum"}, ADAM | {"epoch": 1, "state": "reset"})
    assert "no parameter of adam is called 'momentum'" in gone["changes.0.field"]


def test_there_are_at_most_a_hundred_changes():
    with pytest.raises(SpecError, match="has at most 100 entries"):
        planned(*[DROP] * 101)


def test_changes_are_told_with_their_step_and_as_the_specs_own(tmp_path):
    events = train(tmp_path, planned(DECAY, DROP))
    assert taken(events) == [(EACH, "regularizers.l2", "changes.0"), (20, "optimizer", "changes.1")]
    assert {one.by for one in of_kind(events, Changed)} == {"the spec"}


def test_a_run_with_changes_is_the_one_that_was_steered_so(tmp_path):
    """The law: a steered run, written down, is repeated bit for bit."""
    steered, written = make(tmp_path / "steered", WINE), make(tmp_path / "written", planned(*ALL))
    script = {}
    for place, one in enumerate(ALL):
        said = {key: value for key, value in one.items() if key not in ("epoch", "step")} | {"id": f"by-hand-{place}"}
        step = one["step"] if "step" in one else one["epoch"] * EACH
        script.setdefault(step, []).append((Swap if "name" in one else Change)(**said))
    by_hand = live(steered, script)
    by_itself = live(written, {})
    assert len(taken(by_itself)) == len(ALL)
    assert [one[:2] for one in taken(by_itself)] == [one[:2] for one in taken(by_hand)]
    check_equal(written, steered)


@pytest.mark.parametrize(
    "fates",
    [
        FATES,
        # before, at and after a change; and half way through saving what has it
        (kill(20), kill(20), term(21), kill(36), term(36), KILLED_WHILE_PAUSED, fault("checkpoint.half:kill@1")),
    ],
)
def test_through_every_trouble_no_change_is_lost_and_none_taken_twice(tmp_path, fates):
    whole = make(tmp_path / "whole", planned(*ALL))
    hard = make(tmp_path / "hard", planned(*ALL, spec=with_fields(WINE, training=TRAINING | OFTEN)))
    wanted = taken(live(whole, {}))
    events = live(hard, {20: [Pause(id="there")]} | TROUBLE, fates)
    check_equal(hard, whole)
    assert set(taken(events)) == set(wanted), "taken again after a kill, each at the step that it had"


def test_who_turns_a_knob_after_the_spec_did_has_the_last_word(tmp_path):
    lr = {"target": "optimizer", "field": "lr"}
    spec = planned({"step": 10, **lr, "value": 0.01}, {"step": 30, **lr, "value": 0.02})
    events = live(
        make(tmp_path / "run", spec), {10: [Change(id="Kim", by="Kim", **lr, value=0.5)]}, [kill(12), kill(31)]
    )
    assert {(one.step, one.new, one.command) for one in of_kind(events, Changed)} == {
        (10, 0.01, "changes.0"), (10, 0.5, "Kim"), (30, 0.02, "changes.1")
    }  # fmt: skip
    rates = curve(events, "optimizer.lr")
    assert rates[11] == rates[30] != rates[31] == rates[54]


def test_a_pause_at_the_step_of_a_change_comes_after_it(tmp_path):
    events = train(tmp_path, planned(DROP | {"step": 0}), [Pause(id="hold"), Resume(id="on")])
    assert [getattr(one, "command", "") for one in events][1:4] == ["changes.0", "hold", "on"]


def test_a_command_of_a_person_cannot_pass_for_a_change_of_the_spec(tmp_path):
    command = Change(id="changes.0", by="Kim", target="optimizer", field="momentum", value=0.5)
    events = train(tmp_path, planned(DROP), [command])
    assert [(one.step, one.field, one.by) for one in of_kind(events, Changed)] == [
        (0, "momentum", "Kim"), (20, "lr", "the spec")
    ]  # fmt: skip


def test_what_is_chosen_to_continue_from_takes_the_changes_after_it_again(tmp_path):
    often = with_fields(WINE, training=TRAINING | OFTEN | {"checkpoints_kept": 20})
    first = train(tmp_path, planned(DROP, ADAM, spec=often))
    size = (tmp_path / "commands.log").stat().st_size if (tmp_path / "commands.log").exists() else 0
    chosen = {"checkpoint": "step-20", "attempt": 2, "commands": size}
    (tmp_path / "chosen.json").write_text(json.dumps(chosen))
    again = go_on(tmp_path)
    assert [one[::2] for one in taken(again)] == [(20, "changes.0"), (36, "changes.1")]
    assert {step: one for step, one in curve(first).items() if step > 20} == curve(again)


def test_changes_that_were_edited_after_a_run_began_are_refused(tmp_path):
    train(tmp_path, WINE)
    (tmp_path / "spec.json").write_text(planned(DROP).model_dump_json())
    assert main([str(tmp_path)]) == 1
    (failed,) = of_kind(said(tmp_path), Failed)
    assert "spec.json was edited after this run began: changes was []" in failed.reason


def test_a_change_that_the_run_refuses_changes_nothing_and_is_told(tmp_path):
    """As where a spec.json was never planned."""
    events = train(tmp_path, planned(DROP | {"value": -1}))
    assert [one.command for one in of_kind(events, Rejected)] == ["changes.0"]
    assert of_kind(events, Finished)
    assert not of_kind(events, Failed)
