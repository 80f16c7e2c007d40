"""livefit lesson: what it prints, and that its exit code says whether all landed."""

import subprocess
import sys

import pytest

from tests.app.test_cli import ENV, ROOT
from tests.lessons.conftest import write_shelf


def lesson(*arguments, **env):
    command = [sys.executable, "-m", "app.cli", "lesson", *map(str, arguments)]
    environment = ENV | {"COLUMNS": "200"} | env
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """A folder of lessons, one that lands and one that misses."""
    return write_shelf(tmp_path_factory.mktemp("shelf"), lands=0.5, misses=1.5)


def test_the_list_names_every_lesson():
    told = lesson("list")
    assert told.returncode == 0
    assert "weight_decay" in told.stdout
    assert "Regularization" in told.stdout


def test_the_exit_code_says_whether_all_landed(shelf, tmp_path):
    told = lesson("run", "lands", "--seeds", 1, "--out", tmp_path / "kept", LIVEFIT_LESSONS_DIR=str(shelf))
    assert told.returncode == 0, told.stderr
    assert "1 of 1 landed" in told.stdout
    assert "Landed at" in told.stdout
    assert len(list((tmp_path / "kept").glob("*/spec.json"))) == 2
    told = lesson("run", "--all", LIVEFIT_LESSONS_DIR=str(shelf))
    assert told.returncode == 1
    assert "1 of 2 landed; missed: misses" in told.stdout
    assert "L: " in told.stdout.partition("All of them")[2]


def test_what_is_wrong_is_said_in_a_sentence(shelf):
    for arguments, words in (
        (["run", "weight_decai"], "Did you mean 'weight_decay'?"),
        (["run"], "livefit lesson list"),
    ):
        told = lesson(*arguments)
        assert told.returncode != 0
        assert "Traceback" not in told.stderr
        assert words in " ".join(told.stderr.replace("│", " ").split())
    told = lesson("run", "lands", "--reference", LIVEFIT_LESSONS_DIR=str(shelf))
    assert (told.returncode, "has no reference runs" in told.stderr) == (1, True)
