"""What freeing checkpoints must leave: the one from which somebody lets a run go on."""

import json
import os

import pytest

from app.checkpoint_files import choose
from app.freeing import Asked, Freeing
from app.life import Status
from app.run_folder import chosen_checkpoint
from app.storage import Storage
from tests.app.test_run import in_a_lab
from tests.telling import started, write
from trainer.manifest import FILES, seal, sha256
from trainer.protocol import Failed


def checkpoint(folder, step):
    """Write a checkpoint that nobody asked for, sound as its manifest says."""
    path = folder / "checkpoints" / f"step-{step}"
    path.mkdir(parents=True)
    for name in FILES:
        (path / name).write_bytes(os.urandom(100))
    kept = {
        "version": 2,
        "step": step,
        "epoch": 1,
        "epochs": 9,
        "name": "auto",
        "attempt": 1,
        "time": 1.0,
        "metrics": {},
    }
    kept |= {"files": {one: sha256(path / one) for one in FILES}, "sizes": dict.fromkeys(FILES, 100)}
    (path / "manifest.json").write_text(json.dumps(kept | {"seal": seal(kept)}))


def trained(run, status="stopped"):
    write(run.folder, started())
    for step in (10, 20, 30):
        checkpoint(run.folder, step)
    run.standing = Status(status)


def left(run):
    return sorted(one.name for one in (run.folder / "checkpoints").iterdir())


@pytest.mark.parametrize(("which", "also"), [("old", ["step-30"]), ("all", [])])
def test_a_checkpoint_that_was_chosen_for_the_next_attempt_is_not_freed(settings, which, also):
    async def free(lab, run):
        trained(run)
        choose(run.folder, "step-10", 2)
        told = await Freeing(Storage(lab)).free(Asked((run.id,), checkpoints=which))
        assert left(run) == ["step-10", *also]
        assert told["what"][0]["count"] == 2 - len(also)

    in_a_lab(settings, free)


def test_one_that_is_chosen_between_plan_and_deed_is_not_freed(settings):
    async def free(lab, run):
        trained(run)
        freeing = Freeing(Storage(lab))
        (deed,) = await freeing._plan(Asked((run.id,), checkpoints="old"))
        choose(run.folder, "step-10", 2)
        planned = deed.frees
        await freeing._do(deed)
        assert left(run) == ["step-10", "step-30"]
        assert deed.frees == planned / 2

    in_a_lab(settings, free)


def test_a_choice_that_an_attempt_has_taken_up_holds_nothing_any_more(settings):
    async def free(lab, run):
        trained(run)
        choose(run.folder, "step-10", 2)
        write(run.folder, attempt=2)  # died before it could say a word
        assert chosen_checkpoint(run.folder) == "step-10"
        write(run.folder, Failed(step=0, reason="it cannot", hint=""), attempt=3)
        assert chosen_checkpoint(run.folder) == ""
        await Freeing(Storage(lab)).free(Asked((run.id,), checkpoints="all"))
        assert left(run) == []

    in_a_lab(settings, free)
