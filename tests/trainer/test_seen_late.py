"""A loss that is looked at in the next flush only, as on a GPU: what diverged is marked and obeyed none the less."""

import pytest

from tests.faults.test_nan_or_inf import DIVERGING, STOPPING, bad_steps, marks
from tests.hard_life import make
from tests.training import of_kind, said, with_fields
from trainer import not_finite
from trainer.__main__ import main
from trainer.checkpoint_read import load
from trainer.manifest import newest_first, read_manifest
from trainer.protocol import Failed, Finished


@pytest.fixture
def late(monkeypatch):
    """Have losses looked at as they are on a GPU, where nothing but a checkpoint and the end makes a flush."""
    monkeypatch.setattr(not_finite, "look", lambda *_: None)
    monkeypatch.setattr(not_finite, "seen_late", lambda run: True)
    monkeypatch.setattr("trainer.reporter.FLUSH_EVERY_S", 1000.0)


def trained(folder, spec=DIVERGING, code=0, **training):
    make(folder, with_fields(spec, training=spec.training | training))
    assert main([str(folder)]) == code
    return said(folder)


def kept(folder):
    """Return the step of each checkpoint that was saved by itself, with whether all its weights are finite."""
    paths = [one for one in newest_first(folder / "checkpoints") if read_manifest(one)["name"] == "auto"]
    there = [load(one) for one in paths]
    return {one.step: all(bool(weight.isfinite().all()) for weight in one.network.values()) for one in there}


def test_what_diverged_does_not_push_the_last_good_checkpoints_out(tmp_path, late):
    events = trained(tmp_path / "run", checkpoint_steps=2)
    (mark,) = marks(events)
    last = (mark.step - 1) // 2 * 2
    assert kept(tmp_path / "run") == {last: True, last - 2: True}


def test_what_diverges_at_the_very_end_is_marked(tmp_path, late):
    events = trained(tmp_path / "run")
    (mark,) = marks(events)
    assert mark.step == min(bad_steps(events))
    assert isinstance(events[-1], Finished)


def test_what_diverges_at_the_very_end_ends_a_run_that_is_to_stop_at_it(tmp_path, late):
    events = trained(tmp_path / "run", STOPPING, code=1, checkpoint_steps=0)
    (mark,) = marks(events)
    assert isinstance(events[-1], Failed)
    assert events[-1].reason == mark.text
    assert not of_kind(events, Finished)
