"""Commands: each is confirmed or refused between two steps, in the words of the schema."""

import json
from copy import deepcopy
from itertools import product

import pytest
import torch

from tests.training import SMALL, curve, go_on, of_kind, send, train, when, with_fields
from trainer.assembly import assemble
from trainer.catalog import CATALOG
from trainer.moments import carry
from trainer.protocol import (
    Change,
    Changed,
    Epoch,
    Finished,
    Marked,
    Measure,
    Pause,
    Paused,
    Rejected,
    Resume,
    Step,
    Stop,
    Swap,
)
from trainer.run import Run


def steered(folder, *commands, **fields):
    return train(folder, with_fields(SMALL, **fields), [*commands])


@pytest.mark.parametrize(
    ("target", "field", "value"),
    [
        ("optimizer", "lr", 0.01),
        ("optimizer", "momentum", 0.0),
        ("regularizers.l2", "enabled", True),
        ("regularizers.l2", "strength", 0.01),
        ("regularizers.dropout", "enabled", True),
        ("regularizers.batch_norm", "enabled", True),
        ("stopping.early", "enabled", True),
        ("probes.weights", "rate", 5.0),
        ("training", "epochs", 2),
        ("training", "budget", 0.01),
    ],
)
def test_a_turned_knob_is_confirmed_with_its_step_and_who_did_it(tmp_path, target, field, value):
    events = steered(tmp_path, Change(id="c", by="Kim", target=target, field=field, value=value))
    (changed,) = of_kind(events, Changed)
    assert (changed.step, changed.target, changed.field, changed.new) == (0, target, field, value)
    assert (changed.by, changed.command) == ("Kim", "c")


@pytest.mark.parametrize(
    ("target", "field", "value", "told"),
    [
        ("optimizer", "lr", -1, "outside 0 to 100"),
        ("optimizer", "lr", float("nan"), "not a finite number"),
        ("optimizer", "lr", "fast", "is not a number"),
        ("optimizer", "momentun", 0.5, "Did you mean 'momentum'?"),
        ("optimizer", "nesterov", 1, "is not true or false"),
        ("optimiser", "lr", 0.1, "Did you mean 'optimizer'?"),
        ("regularizers.l3", "enabled", True, "no component in regularizers is called 'l3'"),
        ("regularizers.l2", "enabled", 1, "is not true or false"),
        ("training", "batch_size", 32, "fixed when a run starts"),
        ("model", "hidden", [3], "no target of a change is called 'model'"),
        ("stopping.early", "monitor", "train.loss", "fixed when a run starts"),
    ],
)
def test_a_refused_knob_says_why_and_changes_nothing(tmp_path, target, field, value, told):
    events = steered(tmp_path, Change(id="c", by="Kim", target=target, field=field, value=value))
    (refused,) = of_kind(events, Rejected)
    assert told in refused.reason
    assert (refused.target, refused.field, refused.by) == (target, field, "Kim")
    assert not of_kind(events, Changed)


def test_a_criterion_whose_metric_is_not_there_is_refused(tmp_path):
    command = Change(id="c", target="stopping.early", field="enabled", value=True)
    nothing_kept = {"name": "digits", "params": {"validation": 0.0}}
    (refused,) = of_kind(steered(tmp_path, command, dataset=nothing_kept), Rejected)
    assert "no metric of this run is called 'validation.loss'" in refused.reason


def test_the_learning_rate_in_the_log_is_the_one_that_was_set(tmp_path):
    events = steered(tmp_path, Change(id="c", target="optimizer", field="lr", value=0.5))
    assert len(set(curve(events, "optimizer.lr").values())) == 1


def test_a_shorter_run_ends_at_its_new_last_epoch(tmp_path):
    events = steered(tmp_path, Change(id="c", target="training", field="epochs", value=1))
    assert [one.epoch for one in of_kind(events, Epoch)] == [1]


def test_some_steps_are_trained_and_then_it_pauses(tmp_path):
    events = steered(tmp_path, Step(id="a", count=5), Step(id="b", count=1, unit="epochs"), Resume(id="c"))
    assert not of_kind(events, Paused), "three commands at once: the last one wins"


def test_a_stopped_run_says_who_stopped_it(tmp_path):
    (finished,) = [one for one in steered(tmp_path, Stop(id="s", by="Lee")) if type(one).__name__ == "Finished"]
    assert (finished.reason, finished.by, finished.command, finished.step) == ("stopped", "Lee", "s", 0)


def test_a_probe_that_is_asked_for_looks_at_the_next_step(tmp_path):
    off = {"weights": {"enabled": False}}
    events = steered(tmp_path, Measure(id="m", probe="weights"), probes=off)
    (told,) = [one for one in of_kind(events, Marked) if one.command == "m"]
    assert told.step == 1
    assert any(getattr(one, "probe", "") == "weights" for one in events)


@pytest.mark.parametrize(
    ("old", "new", "state", "told"),
    [
        ("sgd", "adam", "reset", "fresh moments"),
        ("adam", "adamw", "keep", "went on with adam's moments"),
        ("sgd", "adam", "transfer", "running mean of gradients became adam's first moment"),
        ("adam", "sgd", "transfer", "running mean of gradients became sgd's first moment"),
    ],
)
def test_a_swap_says_what_became_of_the_moments(tmp_path, old, new, state, told):
    params = {"momentum": 0.9} if "sgd" in (old, new) else {}
    spec = with_fields(SMALL, optimizer={"name": old, "params": params if old == "sgd" else {}})
    swap = Swap(id="w", target="optimizer", name=new, params=params if new == "sgd" else {}, state=state)
    events = swap_at(tmp_path, spec, 10, swap)
    (changed,) = of_kind(events, Changed)
    assert changed.step == 10
    assert changed.old["name"] == old
    assert changed.new["name"] == new
    assert told in changed.note


@pytest.mark.parametrize(
    ("old", "new", "state", "told"),
    [
        ("sgd", "adam", "keep", "Choose reset, or transfer"),
        ("adagrad", "sgd", "transfer", "adagrad keeps no running mean of gradients"),
        ("sgd", "adamm", "reset", "Did you mean 'adam'?"),
    ],
)
def test_a_swap_that_has_no_meaning_is_refused(tmp_path, old, new, state, told):
    spec = with_fields(SMALL, optimizer={"name": old})
    events = swap_at(tmp_path, spec, 10, Swap(id="w", target="optimizer", name=new, params={}, state=state))
    assert told in of_kind(events, Rejected)[0].reason


def test_a_swapped_schedule_takes_over(tmp_path):
    events = steered(tmp_path, Swap(id="w", target="schedule", name="cosine"))
    rates = list(curve(events, "optimizer.lr").values())
    assert len(set(rates)) > 10


def swap_at(folder, spec, step, swap):
    """Train so many steps, pause, swap, go on."""
    watcher = when(folder, lambda event: isinstance(event, Paused), lambda: send(folder, [swap, Resume(id="on")]))
    events = train(folder, spec, [Step(id="there", count=step)])
    watcher.join()
    return events


@pytest.mark.parametrize("old", sorted(CATALOG["optimizers"]))
def test_after_any_swap_training_goes_on(old):
    """Done or refused with words, whatever the pair: the next steps are finite."""
    spec = with_fields(SMALL, optimizer={"name": old, "params": MOMENTUM.get(old, {})})
    run = Run(spec, assemble(spec))
    few_steps(run, run.optimizer)
    weights = {name: one.clone() for name, one in run.network.state_dict().items()}
    moments = deepcopy(run.optimizer.state_dict())
    for new, state in product(sorted(CATALOG["optimizers"]), ("reset", "keep", "transfer")):
        run.network.load_state_dict(weights)
        fresh = CATALOG["optimizers"][new](**MOMENTUM.get(new, {}))
        before, optimizer = run.assembly.optimizer.build(run.groups()), fresh.build(run.groups())
        before.load_state_dict(deepcopy(moments))
        refused = ""
        try:
            carry(run.assembly.optimizer, before, fresh, optimizer, state)
        except ValueError as error:
            refused = str(error)
        if refused:
            assert state != "reset", (new, refused)
            assert "hoose reset" in refused, (new, state)
            continue
        few_steps(run, optimizer)
        assert all(torch.isfinite(one).all() for one in run.network.parameters()), (new, state)


MOMENTUM = {"sgd": {"momentum": 0.9}}


def few_steps(run, optimizer):
    for _ in range(3):
        inputs, targets = run.next_batch()

        def closure(inputs=inputs, targets=targets):
            optimizer.zero_grad()
            loss = run.assembly.loss(run.network(inputs), targets)
            loss.backward()
            return loss

        optimizer.step(closure)


def test_a_pause_that_holds_already_is_answered_too(tmp_path):
    commands = [Pause(id="a", by="Kim"), Pause(id="b", by="Lee"), Resume(id="c")]
    assert [one.command for one in of_kind(steered(tmp_path, *commands), Paused)] == ["a", "b"]


def test_a_probe_is_not_promised_while_paused(tmp_path):
    events = steered(tmp_path, Pause(id="a"), Measure(id="m", probe="weights"), Resume(id="c"))
    assert "training is paused" in of_kind(events, Rejected)[0].reason


def test_a_swap_cannot_smuggle_a_name_of_python_in(tmp_path):
    events = steered(tmp_path, Swap(id="w", target="optimizer", name="adam", params={"self": 1}))
    assert "no parameter of adam is called 'self'" in of_kind(events, Rejected)[0].reason


def test_a_stop_that_an_earlier_attempt_never_answered_does_not_stop_the_next(tmp_path):
    train(tmp_path, SMALL)
    send(tmp_path, [Stop(id="late", by="Kim")])
    for path in (tmp_path / "checkpoints").iterdir():
        (path / "manifest.json").unlink()
    again = go_on(tmp_path)
    assert [one.command for one in of_kind(again, Rejected)] == ["late"]
    assert of_kind(again, Finished)[0].reason == "completed"


def test_commands_that_cannot_be_read_are_told_and_training_goes_on(tmp_path):
    change = Change(id="c", target="optimizer", field="lr", value=0.02)
    send(tmp_path, [change])
    log = bytearray((tmp_path / "commands.log").read_bytes())
    log[-1] ^= 1
    (tmp_path / "spec.json").write_text(json.dumps(SMALL.model_dump()))
    (tmp_path / "commands.log").write_bytes(log)
    events = go_on(tmp_path)
    assert "commands.log is damaged at byte 0" in of_kind(events, Marked)[0].text
    assert of_kind(events, Finished)[0].reason == "completed"


def test_each_of_some_commands_without_an_id_is_heard_and_heard_again_where_it_took_hold(tmp_path):
    turned = [Change(target="optimizer", field="lr", value=0.02), Change(target="optimizer", field="momentum", value=0)]
    first = steered(tmp_path, Pause(), *turned, Resume())
    assert [(one.step, one.field) for one in of_kind(first, Changed)] == [(0, "lr"), (0, "momentum")]
    for path in (tmp_path / "checkpoints").iterdir():
        (path / "manifest.json").unlink()
    again = go_on(tmp_path)
    assert [(one.step, one.field) for one in of_kind(again, Changed)] == [(0, "lr"), (0, "momentum")]
    assert curve(again) == curve(first)
    assert not of_kind(again, Rejected)


def test_all_who_ask_for_a_probe_before_it_looks_are_answered(tmp_path):
    asked = [Measure(id=one, probe="weights") for one in ("a", "b")]
    told = of_kind(steered(tmp_path, *asked), Marked)
    assert [(one.kind, one.command) for one in told if one.command] == [("measured", "a"), ("measured", "b")]
