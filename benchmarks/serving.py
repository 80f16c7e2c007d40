"""Starts a real server for a benchmark, in a process of its own, and talks to it."""

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

START_WITHIN_S = 60


@dataclass
class Server:
    """A running server: where it is, its process, and when it was started and answered (seconds)."""

    url: str
    process: psutil.Process
    answered_s: float
    runs: Path

    def get(self, path: str) -> Any:
        """Return what the API says."""
        return json.loads(urllib.request.urlopen(self.url + path, timeout=60).read())

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Ask the API for something."""
        headers = {"Content-Type": "application/json"}
        asked = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers, method="POST")
        return json.loads(urllib.request.urlopen(asked, timeout=60).read() or b"null")

    def ready(self) -> "Server":
        """Wait until the fork server has imported torch: a plan is answered."""
        self.post("/api/plans", {})
        return self

    def trainers(self) -> list[psutil.Process]:
        """Return the trainers that this server started, by the runs that say their pid."""
        pids = [json.loads(path.read_text())["pid"] for path in self.runs.glob("*/trainer.json")]
        return [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]


@contextmanager
def server(*options: str, data: Path | None = None) -> Iterator[Server]:
    """Start `livefit serve` on a free port; stop it at the end. `data`: its data folder, an empty one when left out."""
    with contextlib.nullcontext(data) if data else tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "serve", "--port", "0", "--data-dir", str(folder), *options],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        try:
            url = next(found[0] for line in process.stdout if (found := re.findall(r"http://[\d.]+:\d+", line)))
            urllib.request.urlopen(f"{url}/healthz", timeout=START_WITHIN_S).read()
            yield Server(url, psutil.Process(process.pid), time.perf_counter() - began, Path(folder) / "runs")
        finally:
            process.terminate()
            process.wait(30)


def busy_spec(name: str, speed: float = 200.0, **fields: Any) -> dict[str, Any]:
    """Return a spec that trains on the digits for as long as one looks, at a steady speed."""
    return {
        "name": name,
        "dataset": {"name": "digits"},
        "model": {"name": "mlp", "params": {"hidden": [100, 100]}},
        "optimizer": {"name": "sgd", "params": {"lr": 0.01, "momentum": 0.9}},
        "training": {"epochs": 100_000, "batch_size": 64, "speed": speed},
    } | fields
