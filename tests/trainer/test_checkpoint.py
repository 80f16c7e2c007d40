"""Checkpoints: whole or not at all, and never a damaged one."""

import os

import pytest

from tests.training import SMALL, curve, go_on, of_kind, said, train, with_fields
from trainer.checkpoint import newest_valid, read_manifest
from trainer.protocol import Change, Save, Saved, Started

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


def test_a_knob_turned_before_the_checkpoint_stays_turned(tmp_path):
    train(tmp_path, SMALL, [Change(id="c", target="optimizer", field="lr", value=0.02)])
    assert newest_valid(tmp_path).spec.optimizer.params["lr"] == 0.02


def test_only_the_newest_checkpoints_saved_by_time_are_kept(tmp_path):
    train(tmp_path, with_fields(SMALL, training=SMALL.training | {"checkpoint_every": 0.001}))
    names = [read_manifest(path)["name"] for path in (tmp_path / "checkpoints").iterdir()]
    assert sorted(names) == ["auto", "auto", "final"]
