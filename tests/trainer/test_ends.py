"""A run whose trainer died at its end, or just after somebody asked it to go on from there."""

import pytest

from tests.hard_life import attempt, check_equal, fault, kill, live, make
from tests.test_law_of_resuming import TRAINING, WINE, turn
from tests.trainer.test_lineage import choose
from tests.training import of_kind, said, with_fields
from trainer.attempts import event_logs
from trainer.protocol import Finished, Started, Stop

EARLY = {"early": {"enabled": True, "patience": 1, "min_delta": 10.0, "restore_best": False}}
STOP = Stop(id="stop", by="Kim")


def last_attempt(folder):
    """Return where the last attempt of a run began, and how it ended."""
    events = said(folder, event_logs(folder)[-1])
    (began,), (ended,) = of_kind(events, Started), of_kind(events, Finished)
    return began.step, ended


@pytest.fixture
def whole(tmp_path):
    folder = make(tmp_path / "whole", WINE)
    live(folder, {})
    return folder


@pytest.mark.parametrize("dies", [1, 3])
def test_a_run_that_goes_on_from_its_end_goes_on_although_it_dies_before_its_first_checkpoint(tmp_path, dies):
    folder = make(tmp_path / "run", with_fields(WINE, stopping=EARLY))
    live(folder, {})
    end = last_attempt(folder)[1].step
    off = {end: [turn("off", "stopping.early", "enabled", False)]}
    choose(folder, f"step-{end}")
    for more in range(dies):
        attempt(folder, off, kill(end + 2 + more))
    assert attempt(folder, off) == 0
    began, ended = last_attempt(folder)
    assert (began, ended.reason, ended.epoch) == (end, "completed", TRAINING["epochs"])


def test_a_stopped_run_that_was_restarted_goes_on_although_it_dies_before_its_first_checkpoint(tmp_path, whole):
    folder = make(tmp_path / "run", WINE)
    attempt(folder, {20: [STOP]})
    attempt(folder, fate=kill(25))
    live(folder, {})
    assert last_attempt(folder)[0] == 20
    check_equal(folder, whole)


@pytest.mark.parametrize("site", ["checkpoint.renamed", "checkpoint.saved"])
def test_a_stop_holds_although_the_trainer_dies_before_it_says_so_and_a_restart_goes_on(tmp_path, whole, site):
    folder = make(tmp_path / "run", WINE)
    attempt(folder, {20: [STOP]}, fault(f"{site}:kill@1"))
    assert not of_kind(said(folder), Finished)
    assert attempt(folder) == 0
    _, ended = last_attempt(folder)
    assert (ended.step, ended.reason, ended.by, ended.command) == (20, "stopped", "Kim", "stop")
    live(folder, {})
    assert last_attempt(folder)[0] == 20
    check_equal(folder, whole)


def test_a_run_that_dies_at_its_second_end_does_not_train_beyond_it(tmp_path):
    folder = make(tmp_path / "run", with_fields(WINE, stopping=EARLY))
    live(folder, {})
    choose(folder, f"step-{last_attempt(folder)[1].step}")
    attempt(folder, fate=fault("checkpoint.renamed:kill@1"))
    second = max(int(one.name.split("-")[1].split(".")[0]) for one in (folder / "checkpoints").iterdir())
    live(folder, {})
    began, ended = last_attempt(folder)
    assert began == ended.step == second
