"""What tests share: one real server for a whole session of tests, an application without one, and real data."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import Settings
from tests.server import Server

ROOT = Path(__file__).resolve().parents[1]
REAL_DATA = Path(os.environ.get("LIVEFIT_CACHE") or ROOT.parent / "shared" / "data")
# a test downloads nothing, and what lies on this machine makes it no other test
os.environ.update(LIVEFIT_OFFLINE="1", LIVEFIT_CACHE="/nonexistent/livefit")
# few tests that take minutes: begun last, they would leave one worker alone at work
LONG = ("tests/crash/test_crash.py", "tests/lessons/test_offline_lessons.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long, then with those of most tests; within a file the order stays."""
    files = [one.nodeid.partition("::")[0] for one in items]
    counts = Counter(files)
    place = dict(zip(items, files, strict=True))
    items.sort(key=lambda one: (place[one] not in LONG, -counts[place[one]], place[one]))


@pytest.fixture
def real_data(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder with mnist.npz and others, as the cache of downloads; where there is none the test is skipped."""
    if not (REAL_DATA / "mnist.npz").is_file():
        pytest.skip(f"no real data in {REAL_DATA}")
    monkeypatch.setenv("LIVEFIT_CACHE", str(REAL_DATA))
    return REAL_DATA


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that all tests share: each launches its own runs, and looks only at those."""
    with Server(tmp_path_factory.mktemp("lab") / "data", "--max-running", "8", LIVEFIT_STOP_WITHIN_S="1") as shared:
        yield shared


@pytest.fixture
def settings(tmp_path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings with a data folder of their own, whatever the environment says."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"LIVEFIT_{name.upper()}", raising=False)
    return Settings(data_dir=tmp_path / "data")
