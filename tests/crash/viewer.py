"""A page without a browser: watches runs over the websocket, folds what it hears, and forgets nothing it was shown.

It keeps the numbers of every step. What probes measure now and then, as time allows, is not computed again by an
attempt that resumes.
"""

import json
import queue
import struct
import threading
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import connect

Points = dict[int, int]  # step -> the bits of the value
TOLD = 3  # findings of each run that are told in full
OF_EVERY_STEP = ("loss.", "penalty.", "optimizer.")


@dataclass
class Seen:
    """What one run has shown: `curve` as a page has it now, `shown` everything that ever stood on it."""

    position: list[int] | None = None
    status: dict[str, Any] = field(default_factory=dict)
    ended: bool = False
    attempt: int = 0
    curve: dict[str, Points] = field(default_factory=dict)
    shown: dict[str, Points] = field(default_factory=dict)
    changed: list[dict[str, Any]] = field(default_factory=list)
    lost: int = 0
    duplicated: int = 0
    otherwise: int = 0
    said: list[str] = field(default_factory=list)

    def hear(self, header: dict[str, Any], body: memoryview) -> None:
        """Fold one message."""
        if header["type"] == "snapshot":
            self._take_snapshot(header, body)
        else:
            self._take_delta(header, body)
        self.position, self.status = header["position"], header["status"]

    def _take_snapshot(self, header: dict[str, Any], body: memoryview) -> None:
        self.curve = {}
        self.attempt = header["state"]["attempt"]
        self.ended = bool(header["state"]["ended"])
        for name, one in header["overviews"].items():
            count, at = one["count"], one["at"]
            if one["width"] != 1:
                continue  # too long to be shown step by step
            steps = np.frombuffer(body, "<f8", count, at)
            last = np.frombuffer(body, "<u4", count, at + 8 * count + 3 * _padded(4 * count))
            self._show(name, steps, last)

    def _take_delta(self, header: dict[str, Any], body: memoryview) -> None:
        if header["from"] != self.position:
            self.lost += 1
            self.said.append(f"a delta goes on from {header['from']}, and the page had {self.position}")
        for event in header["events"]:
            if event["type"] == "started":
                self.attempt, self.ended = event["attempt"], False
                back = {
                    name: {s: v for s, v in points.items() if s <= event["step"]} for name, points in self.curve.items()
                }
                self.curve = back
            elif event["type"] in ("finished", "failed", "interrupted"):
                self.ended = True
            elif event["type"] == "changed":
                self.changed.append(event)
        for table in header["tables"]:
            count, at = table["count"], table["at"]
            steps = np.frombuffer(body, "<f8", count, at)
            for i, name in enumerate(table["names"]):
                self._show(name, steps, np.frombuffer(body, "<u4", count, at + 8 * count + i * _padded(4 * count)))

    def _show(self, name: str, steps: np.ndarray, bits: np.ndarray) -> None:
        if not name.startswith(OF_EVERY_STEP):
            return
        curve, shown = self.curve.setdefault(name, {}), self.shown.setdefault(name, {})
        for step, value in zip(steps.astype(int).tolist(), bits.tolist(), strict=True):
            if step in curve:
                self.duplicated += 1
                self._say(f"{name} came twice at step {step}")
            if shown.setdefault(step, value) != value:
                self.otherwise += 1
                self._say(f"{name} at step {step} was shown and is otherwise now")
            curve[step] = value

    def _say(self, told: str) -> None:
        if len(self.said) < TOLD:
            self.said.append(told)


class Viewer:
    """One page's socket. What it hears goes into `heard` as (kind, run id, message); `gone` when the line is cut."""

    def __init__(self, heard: "queue.Queue[tuple[str, str, Any]]"):
        self.heard = heard
        self.seen: dict[str, Seen] = {}
        self.socket: Any = None
        self._reader: threading.Thread | None = None
        self._stay = ExitStack()

    def connect(self, address: str) -> None:
        """Open the line, and go on with every run from where it was."""
        if self._reader:
            self._reader.join()
        url = address.replace("http", "ws").rstrip("/") + "/live"
        self._stay.close()
        self.socket = self._stay.enter_context(connect(url, max_size=None, open_timeout=30, close_timeout=0.2))
        self._reader = threading.Thread(target=self._read, args=(self.socket,), daemon=True)
        self._reader.start()
        for run, seen in self.seen.items():
            self.say(type="watch", run=run, after=seen.position)

    def watch(self, run: str) -> None:
        """Watch a run from its beginning."""
        self.seen[run] = Seen()
        self.say(type="watch", run=run)

    def leave(self, run: str) -> Seen:
        """Watch a run no more; return what was seen of it."""
        self.say(type="unwatch", run=run)
        return self.seen.pop(run)

    def say(self, **message: Any) -> None:
        """Send a message; a line that is cut will be opened again by `connect`."""
        try:
            self.socket.send(json.dumps(message))
        except (ConnectionClosed, OSError):
            return

    def close(self) -> None:
        """Close the line."""
        self._stay.close()

    def _read(self, socket: Any) -> None:
        try:
            for message in socket:
                if isinstance(message, bytes):
                    (length,) = struct.unpack_from("<I", message)
                    header = json.loads(message[4 : 4 + length])
                    self.heard.put(("message", header["run"], (header, memoryview(message)[4 + length :])))
        except (ConnectionClosed, InvalidHandshake, OSError):
            pass
        self.heard.put(("gone", "", socket))


def _padded(size: int) -> int:
    return -(-size // 8) * 8
