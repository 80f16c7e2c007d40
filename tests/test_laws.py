"""The laws: what may never depend on who looks, who pauses, who saves or who kills."""

import os
import signal
from functools import partial

import pytest
import torch

from tests.training import SMALL, curve, ended, go_on, of_kind, said, send, train, when, with_fields
from trainer.attempts import event_logs
from trainer.catalog import CATALOG
from trainer.checkpoint_read import newest_valid
from trainer.protocol import (
    Captured,
    Change,
    Changed,
    Epoch,
    Interrupted,
    Pause,
    Paused,
    Resume,
    Save,
    Saved,
    Started,
    Step,
)

OFF = {name: {"enabled": False} for name in CATALOG["probes"]}
EVERYTHING = {
    "model": {"name": "cnn", "params": {"channels": [4], "dense": [16]}},
    "regularizers": {name: {"enabled": True} for name in CATALOG["regularizers"]},
}


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return train(tmp_path_factory.mktemp("plain"), with_fields(SMALL, probes=OFF))


def weights(folder):
    return newest_valid(folder).network


def test_the_same_spec_trains_the_same_bit_for_bit(tmp_path, plain):
    assert curve(train(tmp_path, with_fields(SMALL, probes=OFF))) == curve(plain)


def test_another_seed_trains_another_curve(tmp_path, plain):
    assert curve(train(tmp_path, with_fields(SMALL, probes=OFF, seed=2))) != curve(plain)


@pytest.mark.parametrize("probe", sorted(CATALOG["probes"]))
def test_watching_does_not_change_what_is_watched(tmp_path, plain, probe):
    (tmp_path / "watched").touch()
    eager = {**OFF, probe: {"enabled": True, "rate": 50}}
    events = train(tmp_path, with_fields(SMALL, probes=eager, training=SMALL.training | {"budget": 0.5}))
    assert any(one.probe == probe for one in events if hasattr(one, "probe")), "the probe never looked"
    assert curve(events) == curve(plain)


def test_watching_everything_does_not_change_a_network_with_every_regularizer(tmp_path):
    (tmp_path / "on").mkdir()
    (tmp_path / "on" / "watched").touch()
    eager = {name: {"enabled": True, "rate": 50} for name in CATALOG["probes"]}
    watched = train(tmp_path / "on", with_fields(SMALL, **EVERYTHING, probes=eager))
    unwatched = train(tmp_path / "off", with_fields(SMALL, **EVERYTHING, probes=OFF))
    assert curve(watched) == curve(unwatched)
    assert of_kind(watched, Captured)
    assert not of_kind(unwatched, Captured)


# batch_norm moves into the network when switched on, and folding it back rounds: its own tests bound that
@pytest.mark.parametrize("name", sorted(CATALOG["regularizers"].keys() - {"batch_norm"}))
def test_a_regularizer_that_is_off_leaves_no_trace(tmp_path, plain, name):
    """Switched on and off again before the first step, it changes no bit: its chance is its own."""
    target = f"regularizers.{name}"
    commands = [
        Change(id="on", target=target, field="enabled", value=True),
        Change(id="off", target=target, field="enabled", value=False),
    ]
    events = train(tmp_path, with_fields(SMALL, probes=OFF), commands)
    assert [one.new for one in of_kind(events, Changed)] == [True, False]
    assert curve(events) == curve(plain)


def test_a_regularizer_that_is_on_changes_the_curve(tmp_path, plain):
    events = train(tmp_path, with_fields(SMALL, probes=OFF, regularizers={"l2": {"enabled": True, "strength": 0.01}}))
    assert curve(events) != curve(plain)


def test_pause_and_resume_leave_no_trace(tmp_path, plain):
    commands = [Pause(id="p", by="Kim"), Resume(id="r", by="Lee")]
    events = train(tmp_path, with_fields(SMALL, probes=OFF), commands)
    assert of_kind(events, Paused)[0].by == "Kim"
    assert curve(events) == curve(plain)


def test_saving_leaves_no_trace(tmp_path, plain):
    events = train(tmp_path, with_fields(SMALL, probes=OFF), [Save(id="s", name="early")])
    assert [one.name for one in of_kind(events, Saved)] == ["early", "final"]
    assert curve(events) == curve(plain)


@pytest.mark.parametrize("optimizer", sorted(CATALOG["optimizers"]))
def test_load_leaves_no_trace_for_any_optimizer(tmp_path, optimizer):
    check_resumed(tmp_path, with_fields(SMALL, probes=OFF, optimizer={"name": optimizer}))


@pytest.mark.parametrize("schedule", sorted(CATALOG["schedules"]))
def test_load_leaves_no_trace_for_any_schedule(tmp_path, schedule):
    check_resumed(tmp_path, with_fields(SMALL, probes=OFF, schedule={"name": schedule}))


@pytest.mark.parametrize("name", sorted(CATALOG["regularizers"]))
def test_load_leaves_no_trace_for_any_regularizer(tmp_path, name):
    check_resumed(tmp_path, with_fields(SMALL, probes=OFF, regularizers={name: {"enabled": True}}))


def test_load_leaves_no_trace_with_everything_on(tmp_path):
    check_resumed(tmp_path, with_fields(SMALL, **EVERYTHING, probes=OFF))


def check_resumed(folder, spec):
    """A run whose last 2/3 were lost with its trainer equals the uninterrupted one, bit for bit."""
    whole = train(folder / "whole", spec)
    half = folder / "half"
    third = of_kind(whole, Epoch)[0].step + 3  # in the middle of an epoch
    interrupt_at(half, spec, third)
    # it stood paused, so it does again: each attempt says so, and this is the second time
    watcher = when(half, lambda event: isinstance(event, Paused), lambda: send(half, [Resume(id="on")]), times=2)
    events = go_on(half)
    watcher.join()
    assert of_kind(events, Started)[0].step == third
    assert curve(said(half)) == curve(whole)
    left, right = weights(half), weights(folder / "whole")
    assert all(torch.equal(left[name], right[name]) for name in right)


def interrupt_at(folder, spec, step):
    """Train to a step, pause there, and send the trainer a SIGTERM: it saves itself and goes."""
    terminate = partial(os.kill, os.getpid(), signal.SIGTERM)
    watcher = when(folder, lambda event: isinstance(event, Paused), terminate)
    events = train(folder, spec, [Step(id="there", count=step)])
    watcher.join()
    assert of_kind(events, Interrupted)[0].step == step


def test_a_change_after_the_checkpoint_is_taken_again_at_its_step(tmp_path):
    """Killed between a change and the next checkpoint, the resumed curve is still the steered one."""
    spec = with_fields(SMALL, probes=OFF)
    steered = tmp_path / "steered"
    change = [Change(id="c", target="regularizers.l2", field="enabled", value=True, by="Kim")]
    whole = train(steered, spec, change)
    # lose every checkpoint: the next attempt begins anew, and must steer as the first was steered
    for path in (steered / "checkpoints").iterdir():
        for file in path.iterdir():
            file.unlink()
    again = go_on(steered)
    assert of_kind(again, Started)[0].attempt == 2
    assert [one.step for one in of_kind(again, Changed)] == [one.step for one in of_kind(whole, Changed)]
    assert curve(again) == curve(whole)


def test_a_finished_run_says_how_it_did_on_data_it_never_saw(plain):
    metrics = ended(plain).metrics
    assert ended(plain).reason == "completed"
    assert metrics["test.accuracy"] > 0.8, metrics


def test_an_attempt_never_reopens_an_old_log(tmp_path):
    train(tmp_path, with_fields(SMALL, probes=OFF))
    first = event_logs(tmp_path)[0].read_bytes()
    send(tmp_path, [])
    go_on(tmp_path)
    assert event_logs(tmp_path)[0].read_bytes() == first
    assert len(event_logs(tmp_path)) == 2
