"""Checkpoints: whole or not at all, and never a damaged one."""

import json
import math
import os

import pytest

from tests.training import SMALL, curve, go_on, of_kind, said, send, train, when, with_fields
from trainer.checkpoint_read import newest_valid
from trainer.manifest import read_manifest, seal
from trainer.protocol import Change, Epoch, Finished, Marked, Rejected, Save, Saved, Started, Stop

FILES = ("network.safetensors", "state.pt", "manifest.json")


@pytest.fixture
def saved(tmp_path):
    train(tmp_path, with_fields(SMALL, probes={}), [Save(id="s", name="early")])
    return tmp_path


def test_the_newest_checkpoint_is_the_one_that_is_loaded(saved):
    assert newest_valid(saved).step == max(one.step for one in of_kind(said(saved), Saved))


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_a_truncated_checkpoint_is_passed_over_for_the_one_before(saved, file, share):
    newest = newest_valid(saved).path
    os.truncate(newest / file, int((newest / file).stat().st_size * share))
    assert newest_valid(saved).path != newest
    assert newest_valid(saved).step == 0


def test_a_flipped_bit_is_noticed(saved):
    path = newest_valid(saved).path / "network.safetensors"
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)
    assert newest_valid(saved).path != path.parent


def test_a_half_written_checkpoint_has_no_name(saved):
    newest = newest_valid(saved).path
    newest.rename(newest.with_name(f".{newest.name}.tmp"))
    assert newest_valid(saved).step == 0


def test_a_run_without_any_checkpoint_begins_anew(saved):
    for path in (saved / "checkpoints").iterdir():
        (path / "manifest.json").unlink()
    before = curve(said(saved))
    again = go_on(saved)
    assert of_kind(again, Started)[0].step == 0
    assert curve(again) == before


def test_a_checkpoint_names_what_it_holds(saved):
    manifest = read_manifest(newest_valid(saved).path)
    assert set(manifest["files"]) == {"network.safetensors", "state.pt"}
    assert manifest["metrics"]["test.accuracy"] > 0.5


def test_a_manifest_of_a_run_that_diverged_is_plain_json(tmp_path):
    """Metrics that are no finite numbers are in it as pages have them: the text NaN or Infinity."""
    explodes = {"dataset": {"name": "diabetes"}, "optimizer": {"name": "sgd", "params": {"lr": 100.0}}}
    train(tmp_path, with_fields(SMALL, **explodes))
    path = newest_valid(tmp_path).path
    found = json.loads((path / "manifest.json").read_text(), parse_constant=lambda bare: pytest.fail(f"a bare {bare}"))
    assert found["metrics"]["test.loss"] == "Infinity"
    assert read_manifest(path) == found


def test_a_manifest_in_which_an_earlier_version_wrote_a_bare_nan_is_still_read(saved):
    path = newest_valid(saved).path
    manifest = read_manifest(path)
    manifest["metrics"] |= {"test.loss": math.nan, "train.loss": math.inf}
    (path / "manifest.json").write_text(json.dumps(manifest | {"seal": seal(manifest)}))
    assert math.isnan(read_manifest(path)["metrics"]["test.loss"])
    assert newest_valid(saved).path == path


def test_a_knob_turned_before_the_checkpoint_stays_turned(tmp_path):
    train(tmp_path, SMALL, [Change(id="c", target="optimizer", field="lr", value=0.02)])
    assert newest_valid(tmp_path).spec.optimizer.params["lr"] == 0.02


def test_only_the_newest_checkpoints_saved_by_time_are_kept(tmp_path):
    train(tmp_path, with_fields(SMALL, training=SMALL.training | {"checkpoint_every": 0.001}))
    names = [read_manifest(path)["name"] for path in (tmp_path / "checkpoints").iterdir()]
    assert sorted(names) == ["auto", "auto", "final"]


def test_a_checkpoint_that_cannot_be_written_is_told_and_training_goes_on(tmp_path):
    in_the_way = tmp_path / "checkpoints"
    in_the_way.write_text("a file where the folder should be")
    is_told = lambda event: isinstance(event, Marked) and event.kind == "disk"  # noqa: E731
    watcher = when(tmp_path, is_told, in_the_way.unlink)
    spec = with_fields(SMALL, training=SMALL.training | {"checkpoint_every": 0.001})
    events = train(tmp_path, spec, [Save(id="s")])
    watcher.join()
    assert "could not be written" in of_kind(events, Rejected)[0].reason
    assert "No checkpoint could be written" in next(one for one in of_kind(events, Marked) if one.kind == "disk").text
    assert of_kind(events, Saved)[-1].name == "final"


def test_a_stopped_run_keeps_the_weights_it_stood_at(tmp_path):
    """Its best epoch's weights would not fit the moments, the step and the curve that it may go on from."""
    patient = {"early": {"enabled": True, "patience": 100, "monitor": "train.loss"}}
    watcher = when(tmp_path, lambda event: isinstance(event, Epoch), lambda: send(tmp_path, [Stop(id="s")]))
    slow = SMALL.training | {"epochs": 1000, "speed": 300.0}
    events = train(tmp_path, with_fields(SMALL, stopping=patient, training=slow))
    watcher.join()
    assert of_kind(events, Finished)[0].reason == "stopped"
    assert not [one for one in of_kind(events, Marked) if one.kind == "best"]


def test_what_a_killed_trainer_left_half_written_is_swept(tmp_path):
    left = tmp_path / "checkpoints" / ".step-7.tmp"
    left.mkdir(parents=True)
    train(tmp_path, SMALL)
    assert not left.exists()
