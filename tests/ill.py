"""Specs and hands for the tests of faults: a run that is small, slow enough to be hit, and the same at every try."""

import csv
import io
from pathlib import Path
from typing import Any

from app.verify import verify
from tests.server import Server

# 360 steps at 150 a second, with a checkpoint every 20 steps
STEADY: dict[str, Any] = {
    "name": "steady",
    "seed": 3,
    "dataset": {"name": "circle"},
    "model": {"name": "mlp", "params": {"hidden": [8]}},
    "optimizer": {"name": "adam", "params": {"lr": 0.01}},
    "regularizers": {"dropout": {"enabled": True}},
    "training": {"epochs": 60, "batch_size": 64, "speed": 150.0, "checkpoint_steps": 20},
}


def uninterrupted(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the same spec as fast as it can be: the speed changes no number."""
    return spec | {"training": spec["training"] | {"speed": 0.0}}


def points(server: Server, run: str, name: str = "loss.total") -> list[tuple[int, str]]:
    """Return every step of a curve with its value, as the server gives it to whoever downloads it."""
    text = server.http.get(f"/api/runs/{run}/series.csv?names={name}").text
    return [(int(row["step"]), row["value"]) for row in csv.DictReader(io.StringIO(text))]


def state(server: Server, run: str) -> dict[str, Any]:
    """Return what the events of a run add up to."""
    return server.ask("GET", f"/api/runs/{run}")["state"]


def stands(server: Server, run: str) -> dict[str, Any]:
    """Return a run's status: name, reason, hint and so on."""
    return server.card(run)["status"]


def assert_sound(folder: Path, run: str) -> None:
    """Read a run again, by other code, and fail when anything is lost, duplicated or wrong."""
    found = verify(folder / "runs" / run)
    assert found.good, found.said
