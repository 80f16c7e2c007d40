"""Fault: a checkpoint that is there in part, or damaged. It is never loaded; the one before it is used."""

import json
import os
import random
import shutil

import pytest

from tests.hard_life import attempt, check_equal, fault, kill, live, make
from tests.test_law_of_resuming import TRAINING, WINE
from tests.training import of_kind, said, with_fields
from trainer.checkpoint_read import load, newest_valid
from trainer.manifest import FILES, Unsound
from trainer.protocol import Marked, Started

EVERY_FILE = (*FILES, "manifest.json")
SITES = ("write", "half", "written", "sync", "rename", "renamed", "saved")
SAVING = with_fields(WINE, training=TRAINING | {"checkpoint_steps": 10})


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """A run that was killed at step 25, with checkpoints at 10 and 20."""
    folder = make(tmp_path_factory.mktemp("killed") / "run", SAVING)
    assert attempt(folder, fate=kill(25)) == -9
    return folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = make(tmp_path_factory.mktemp("whole") / "run", SAVING)
    live(folder, {})
    return folder


@pytest.fixture
def damaged(killed, tmp_path):
    return shutil.copytree(killed, tmp_path / "run")


@pytest.mark.parametrize("file", EVERY_FILE)
def test_truncated_to_any_length_it_is_never_loaded(damaged, file):
    path = damaged / "checkpoints" / "step-20" / file
    data, chance = path.read_bytes(), random.Random(file)
    lengths = {0, 1, len(data) // 2, len(data) - 1, *(chance.randrange(len(data)) for _ in range(60))}
    for length in lengths:
        path.write_bytes(data[:length])
        with pytest.raises(Unsound, match="step-20"):
            load(path.parent)
    assert newest_valid(damaged).step == 10
    path.write_bytes(data)
    assert newest_valid(damaged).step == 20


def says_the_same(one, other):
    """Say whether two texts are the same JSON."""
    try:
        return json.loads(one) == json.loads(other)
    except ValueError:
        return False


@pytest.mark.parametrize("file", EVERY_FILE)
def test_with_any_bit_flipped_it_is_never_loaded(damaged, file):
    path = damaged / "checkpoints" / "step-20" / file
    data, chance = path.read_bytes(), random.Random(file)
    for _ in range(200):
        flipped = bytearray(data)
        flipped[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        if file == "manifest.json" and says_the_same(flipped, data):
            continue  # 1e-07 and 1E-07 are the same number, and so are many that differ in a 17th digit
        path.write_bytes(flipped)
        with pytest.raises(Unsound, match="step-20"):
            load(path.parent)
    assert newest_valid(damaged).step == 10


@pytest.mark.parametrize("file", EVERY_FILE)
@pytest.mark.parametrize("harm", ["missing", "truncated", "flipped"])
def test_the_run_goes_on_from_the_one_before_and_says_so(damaged, whole, file, harm):
    path = damaged / "checkpoints" / "step-20" / file
    if harm == "missing":
        path.unlink()
    elif harm == "truncated":
        os.truncate(path, path.stat().st_size - 7)
    else:
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 16
        path.write_bytes(data)
    events = live(damaged, {})
    assert [one.step for one in of_kind(events, Started)] == [0, 10]
    assert [one.text for one in of_kind(events, Marked) if one.kind == "damage" and "step-20" in one.text]
    check_equal(damaged, whole)


def test_when_all_are_damaged_it_begins_anew(damaged, whole):
    for one in (damaged / "checkpoints").iterdir():
        os.truncate(one / "state.pt", 100)
    assert [one.step for one in of_kind(live(damaged, {}), Started)] == [0, 0]
    check_equal(damaged, whole)


@pytest.mark.parametrize("site", SITES)
def test_killed_anywhere_while_it_saves_nothing_is_lost(tmp_path, whole, site):
    folder = make(tmp_path / "run", SAVING)
    events = live(folder, {}, [fault(f"checkpoint.{site}:kill@2")])
    assert [one.step for one in of_kind(events, Started)] == [0, 20 if site in ("renamed", "saved") else 10]
    assert not list((folder / "checkpoints").glob(".*")), "what was half written is swept"
    check_equal(folder, whole)


@pytest.mark.parametrize("site", ["renamed", "saved"])
def test_killed_after_its_last_checkpoint_the_run_says_how_it_ended(tmp_path, site):
    early = {"early": {"enabled": True, "patience": 2, "min_delta": 0.3}}
    spec = with_fields(WINE, stopping=early, training=TRAINING | {"epochs": 30})
    whole, folder = make(tmp_path / "whole", spec), make(tmp_path / "run", spec)
    live(whole, {})
    events = live(folder, {}, [fault(f"checkpoint.{site}:kill@1")])
    assert of_kind(events, Started)[1].step > 0
    check_equal(folder, whole)
    assert len(list((folder / "checkpoints").iterdir())) == 1
    assert said(folder)[-1].reason.startswith("early stopping")
