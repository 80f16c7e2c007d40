"""What the tests of faults share: a data folder that leaves no trainer behind, and a checkout that may be changed."""

import contextlib
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.workers.process import Process
from tests.server import ROOT


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A data folder; whatever still serves or trains in it afterwards, as after a failure, is killed."""
    data = tmp_path / "data"
    yield data
    with contextlib.suppress(OSError, ValueError):
        holder = int((data / "lock").read_text())
        if str(data) in Path(f"/proc/{holder}/cmdline").read_text():
            os.kill(holder, signal.SIGKILL)
    for run in (data / "runs").glob("*"):
        for pid in process.group() if (process := Process.read(run)) else []:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the checkout whose files may be changed."""
    copy = tmp_path / "tree"
    copy.mkdir()
    for part in ("app", "trainer", "static", "templates"):
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy
