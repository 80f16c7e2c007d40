"""What tests share: one real server for a whole session of tests, and an application without one."""

from collections.abc import Iterator

import pytest

from app.settings import Settings
from tests.server import Server


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
