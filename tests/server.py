"""A real server in a process of its own, on a free port and a data folder of its own, with real trainers."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2

from tests.waiting import wait_for

ROOT = Path(__file__).parent.parent
# ends within a second
QUICK = {
    "name": "quick",
    "dataset": {"name": "circle"},
    "model": {"name": "mlp", "params": {"hidden": [4]}},
    "training": {"epochs": 3, "batch_size": 64},
}
# goes on for as long as a test needs, and leaves the processor to others
ENDLESS = QUICK | {"name": "endless", "training": {"epochs": 100_000, "batch_size": 64, "speed": 200.0}}
OVER = {"finished", "stopped", "failed"}


class Server:
    """`livefit serve` with its data in `folder`. Use as a context manager, or start and end it by hand.

    `tree`: the checkout that it runs from.
    """

    def __init__(self, folder: Path, *options: str, tree: Path = ROOT, **env: str):
        self.folder = folder
        self._tree = tree
        self._command = [sys.executable, "-m", "app.cli", "serve", "--port", "0", "--data-dir", str(folder), *options]
        self._env = {key: value for key, value in os.environ.items() if not key.startswith("LIVEFIT_")}
        self._env |= {"LIVEFIT_OFFLINE": "1", "LIVEFIT_CACHE": "/nonexistent/livefit"} | env
        self.address = ""
        self.lines: list[str] = []

    def start(self) -> "Server":
        """Start the server and return when it answers."""
        self._log = (self.folder.parent / f"{self.folder.name}.server.txt").open("a+")
        self.process = subprocess.Popen(
            self._command, cwd=self._tree, env=self._env, stdout=subprocess.PIPE, stderr=self._log, text=True
        )
        line = self.process.stdout.readline()
        assert "http://" in line, f"the server did not start: {line}{self.errors()}"
        self.lines.append(line)
        self.address = next(word for word in line.split() if word.startswith("http://"))
        self.http = httpx2.Client(base_url=self.address, timeout=100)
        return self

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, wait for the end, and return the exit code."""
        self.http.close()
        self.process.send_signal(number)
        return self.gone()

    def gone(self) -> int:
        """Wait for the end of a server that was told to end, or killed; return the exit code."""
        code = self.process.wait(30)
        self.process.stdout.close()
        self._log.close()
        return code

    def errors(self) -> str:
        """Return what the server has written to its log so far."""
        return Path(self._log.name).read_text()

    def __enter__(self) -> "Server":
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.end()

    def ask(self, method: str, path: str, body: Any = None, expect: int | None = None) -> Any:
        """Ask the API and return its JSON; fails unless the status is the one expected, or any 2xx."""
        answer = self.http.request(method, path, json=body)
        wanted = (answer.status_code == expect) if expect else answer.is_success
        assert wanted, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json() if answer.content else None

    def launch(self, spec: dict[str, Any]) -> str:
        """Queue a run and return its id."""
        return self.ask("POST", "/api/runs", spec)["id"]

    def card(self, run_id: str) -> dict[str, Any]:
        """Return a run's row of the list."""
        return next(one for one in self.ask("GET", "/api/runs")["runs"] if one["id"] == run_id)

    def status(self, run_id: str) -> str:
        """Return the name of a run's status."""
        return self.card(run_id)["status"]["name"]

    def command(self, run_id: str, **command: Any) -> str:
        """Send a command and return its id."""
        return self.ask("POST", f"/api/runs/{run_id}/commands", command)["id"]

    def wait(self, run_id: str, *names: str, within_s: float = 60.0) -> dict[str, Any]:
        """Return a run's card as soon as its status is one of these."""
        return wait_for(lambda: self.card(run_id), lambda card: card["status"]["name"] in names, within_s)

    def wait_for_step(self, run_id: str, step: int = 1) -> dict[str, Any]:
        """Return a run's card as soon as it has trained so far."""
        return wait_for(lambda: self.card(run_id), lambda card: card["step"] >= step, 60.0)

    def trainer(self, run_id: str) -> int:
        """Return the pid of the process that trains a run, or did last."""
        return json.loads((self.folder / "runs" / run_id / "trainer.json").read_text())["pid"]

    def stop(self, run_id: str) -> None:
        """Stop a run, whatever it is doing, and wait until it has."""
        if self.status(run_id) not in OVER:
            self.command(run_id, type="stop")
            self.wait(run_id, *OVER)
