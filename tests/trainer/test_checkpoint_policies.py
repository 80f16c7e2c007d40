"""When checkpoints are saved by themselves, what they are called, and how many are kept."""

import pytest

from tests.hard_life import attempt, kill, live, make
from tests.test_law_of_resuming import TRAINING, WINE, turn
from tests.training import of_kind, said, with_fields
from trainer.checkpoint_read import load
from trainer.manifest import newest_first, read_manifest
from trainer.protocol import Epoch, Marked, Save, Saved

ALL = {"checkpoints_kept": 1000}


def saved(folder, *names):
    return [(one.name, one.step) for one in of_kind(said(folder), Saved) if not names or one.name in names]


def kept(folder):
    there = [
        (read_manifest(path)["name"], read_manifest(path)["step"]) for path in newest_first(folder / "checkpoints")
    ]
    return there[::-1]


def trained(tmp_path, fields=None, script=None, **training):
    folder = make(tmp_path / "run", with_fields(WINE, training=TRAINING | training, **(fields or {})))
    live(folder, script or {})
    return folder


@pytest.fixture
def each(tmp_path):
    """Steps in an epoch, and how many there are in all."""
    folder = make(tmp_path / "each", WINE)
    live(folder, {})
    epochs = of_kind(said(folder), Epoch)
    return epochs[0].step, epochs[-1].step


def test_every_so_many_steps(tmp_path, each):
    folder = trained(tmp_path, checkpoint_steps=7, **ALL)
    assert saved(folder, "auto") == [("auto", step) for step in range(7, each[1] + 1, 7)]


def test_every_so_many_epochs(tmp_path, each):
    folder = trained(tmp_path, checkpoint_epochs=2, epochs=5, **ALL)
    assert saved(folder, "epoch") == [("epoch", 2 * each[0]), ("epoch", 4 * each[0])]


def test_nothing_but_the_final_one_when_nothing_is_asked(tmp_path, each):
    assert saved(trained(tmp_path)) == [("final", each[1])]


def test_the_best_by_the_validation_loss(tmp_path):
    folder = trained(tmp_path, {"optimizer": {"name": "sgd", "params": {"lr": 2.0}}}, checkpoint_best=True, epochs=12)
    losses = [one.metrics["validation.loss"] for one in of_kind(said(folder), Epoch)]
    best = [one.step for i, one in enumerate(of_kind(said(folder), Epoch)) if losses[i] == min(losses[: i + 1])]
    assert [step for _, step in saved(folder, "best")] == best
    assert len(best) < 12, "not every epoch was the best"


def test_the_best_by_what_early_stopping_watches(tmp_path):
    early = {"early": {"enabled": True, "monitor": "validation.accuracy", "patience": 100}}
    folder = trained(tmp_path, {"stopping": early}, checkpoint_best=True, epochs=8)
    seen = [one.metrics["validation.accuracy"] for one in of_kind(said(folder), Epoch)]
    best = [one.step for i, one in enumerate(of_kind(said(folder), Epoch)) if seen[i] > max([-1.0, *seen[:i]])]
    assert [step for _, step in saved(folder, "best")] == best
    assert len(best) < 8


def test_as_many_are_kept_as_asked_and_the_best_the_final_and_those_asked_for_besides(tmp_path, each):
    save = {4: [Save(id="s", name="mine")]}
    folder = trained(
        tmp_path, {"optimizer": {"name": "sgd", "params": {"lr": 2.0}}}, save,
        checkpoint_steps=5, checkpoint_epochs=1, checkpoint_best=True, checkpoints_kept=3, epochs=12,
    )  # fmt: skip
    there = kept(folder)
    best = [one for one in there if one[0] == "best"]
    assert ("mine", 4) in there
    assert ("final", 12 * each[0]) in there
    assert saved(folder, "best")[-1] in best
    others = [one for one in there if one[0] in ("auto", "epoch", "best") and one != saved(folder, "best")[-1]]
    newest = [one for one in saved(folder, "auto", "epoch", "best") if one != saved(folder, "best")[-1]][-3:]
    assert sorted(others, key=lambda one: one[1]) == newest


def test_how_many_are_kept_may_be_turned_while_it_trains(tmp_path):
    fewer = {31: [turn("k", "training", "checkpoints_kept", 1)], 34: [turn("s", "training", "checkpoint_steps", 11)]}
    folder = trained(tmp_path, script=fewer, checkpoint_steps=5, checkpoints_kept=10)
    assert [step for name, step in kept(folder) if name == "auto"] == [44]


def test_those_of_a_line_that_was_left_do_not_push_out_the_present_ones(tmp_path):
    folder = make(tmp_path / "run", with_fields(WINE, training=TRAINING | {"checkpoint_steps": 10}))
    attempt(folder, fate=kill(45))
    assert [step for _, step in kept(folder)] == [30, 40]
    for path in (folder / "checkpoints").iterdir():
        (path / "state.pt").write_bytes(b"")
    attempt(folder, fate=kill(25))
    present = [path for path in newest_first(folder / "checkpoints") if read_manifest(path)["attempt"] == 2]
    assert [load(path).step for path in present] == [20, 10]


def test_a_full_disk_is_told_and_the_next_one_is_saved(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVEFIT_TESTING", "1")
    monkeypatch.setenv("LIVEFIT_FAULT", "checkpoint.write:raise@1")
    monkeypatch.setattr("trainer.checkpoint.AGAIN_S", 0.0)
    folder = trained(tmp_path, checkpoint_steps=10, **ALL)
    (told,) = [one.text for one in of_kind(said(folder), Marked) if one.kind == "disk"]
    assert told.startswith("No checkpoint could be written: No space left on device.")
    assert [step for _, step in saved(folder, "auto")][:2] == [11, 20]


def test_one_that_cannot_be_taken_away_is_told_once_and_the_next_ones_are_saved_as_ever(tmp_path):
    in_the_way = tmp_path / "run" / "checkpoints" / ".step-10.gone.tmp"
    folder = make(tmp_path / "run", with_fields(WINE, training=TRAINING | {"checkpoint_steps": 10}))
    in_the_way.parent.mkdir()
    in_the_way.write_text("a file where a folder should be")
    attempt(folder, {31: [turn("k", "training", "checkpoints_kept", 1)]})
    (told,) = [one for one in of_kind(said(folder), Marked) if one.kind == "disk"]
    assert told.step == 30
    assert told.text == "step-10 could not be taken away: Not a directory. It is tried again with the next checkpoint."
    assert [step for _, step in saved(folder, "auto")] == [10, 20, 30, 40, 50]
    assert kept(folder) == [("auto", 10), ("auto", 50), ("final", 54)]
