"""The binary messages of the websocket: a small JSON header and raw buffers that a browser views without a copy.

    u32 length of the header | header, JSON, padded with spaces so that 4 + length is a multiple of 8 | buffers

Everything is little endian and each buffer is padded to 8 bytes; `at` counts bytes from the end of the header.
A NaN is just a value in a buffer; in JSON it is the text "NaN". static/js/wire.js reads what is written here.

`snapshot`: everything a page needs to begin.

    {type, run, position: [attempt, seq], status, state, diagnosis, overviews: {name: {width, count, at}},
     captures: [capture]}
    an overview at `at`: start f64 (count,), then f32 (count,) each: min, max, mean, last, count, bad

`delta`: what was said since; `from` is the position that it goes on from, `time` that of its newest event.

    {type, run, from, position, status, time, diagnosis, events: [event], tables: [{probe, names, count, at}],
     captures: [capture]}
    a table at `at`: steps f64 (count,), then the values f32 (count,) of each name in the order of `names`
    events are those that are neither numbers nor arrays, as JSON with seq, time, and text: what they say in words.
    When one of them is `started` it comes first, and before the tables.
    `diagnosis` is null while it is what it was

`history`: the captures that are kept of one probe; the body of GET /api/runs/{id}/captures/{probe}/history.

    {type, probe, captures: [capture]}

capture: {probe, name, step, shape, facts, dtype, at}; at `at`: as many values of dtype as `shape` says.
"""

import json
import struct
from collections.abc import Iterable
from typing import Any

import numpy as np

from app.followed import Followed
from app.state import as_event, plain
from trainer.protocol import Captured, Entry, Measured, Thinned

ALIGN = 8


class Message:
    """A message under construction: buffers are put, and remember where they lie."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def put(self, *buffers: bytes | np.ndarray) -> int:
        """Take buffers, one after another, and return where the first begins."""
        begins = self._size
        for buffer in buffers:
            data = buffer if isinstance(buffer, bytes) else buffer.tobytes()
            padding = -len(data) % ALIGN
            self._parts += (data, bytes(padding))
            self._size += len(data) + padding
        return begins

    def capture(self, one: Captured) -> dict[str, Any]:
        """Put a capture's data and return its description."""
        said = {"probe": one.probe, "name": one.name, "step": one.step, "shape": one.shape, "dtype": one.dtype}
        return said | {"facts": plain(one.facts), "at": self.put(one.data)}

    def encode(self, header: dict[str, Any]) -> bytes:
        """Return the message with its header."""
        text = json.dumps(header, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        text += b" " * (-(4 + len(text)) % ALIGN)
        return b"".join((struct.pack("<I", len(text)), text, *self._parts))


def snapshot(run_id: str, followed: Followed, status: dict[str, Any], diagnosis: dict[str, Any]) -> bytes:
    """Return everything a page needs to begin with a run."""
    message = Message()
    overviews = {}
    for name, (width, cells) in followed.series.overviews().items():
        floats = (cells.low, cells.high, cells.mean, cells.last, cells.count, cells.bad)
        at = message.put(cells.start.astype("<f8"), *(column.astype("<f4") for column in floats))
        overviews[name] = {"width": width, "count": len(cells.start), "at": at}
    return message.encode(
        {
            "type": "snapshot",
            "run": run_id,
            "position": followed.position,
            "status": plain(status),
            "state": followed.state.as_json(),
            "diagnosis": diagnosis,
            "overviews": overviews,
            "captures": [message.capture(one) for one in followed.captures.newest()],
        }
    )


def delta(
    run_id: str,
    since: list[int],
    position: list[int],
    status: dict[str, Any],
    entries: list[Entry],
    diagnosis: dict[str, Any] | None = None,
) -> bytes:
    """Return what some entries say, in order, from one position to another. Of each array only the newest is sent."""
    message = Message()
    arrays = {(one.said.probe, one.said.name): one.said for one in entries if isinstance(one.said, Captured)}
    events = [as_event(one) for one in entries if not isinstance(one.said, Measured | Captured | Thinned)]
    return message.encode(
        {
            "type": "delta",
            "run": run_id,
            "from": since,
            "position": position,
            "status": plain(status),
            "time": entries[-1].time if entries else None,
            "diagnosis": diagnosis,
            "events": events,
            "tables": [_table(message, *one) for one in _tables(entries)],
            "captures": [message.capture(one) for one in arrays.values()],
        }
    )


def history(probe: str, captures: Iterable[Captured]) -> bytes:
    """Return the captures of one probe, each tensor's from old to new."""
    message = Message()
    described = [message.capture(one) for one in captures]
    return message.encode({"type": "history", "probe": probe, "captures": described})


def _tables(entries: Iterable[Entry]) -> list[tuple[str, tuple[str, ...], list[Measured]]]:
    # frames of a probe with the same columns become one table; when its columns change, another begins
    tables = []
    open_tables: dict[str, tuple[tuple[str, ...], list[Measured]]] = {}
    for entry in entries:
        one = entry.said
        if not isinstance(one, Measured) or not one.steps:
            continue
        names = tuple(one.columns)
        if one.probe not in open_tables or open_tables[one.probe][0] != names:
            open_tables[one.probe] = (names, [])
            tables.append((one.probe, *open_tables[one.probe]))
        open_tables[one.probe][1].append(one)
    return tables


def _table(message: Message, probe: str, names: tuple[str, ...], rows: list[Measured]) -> dict[str, Any]:
    steps = np.frombuffer(b"".join(one.steps for one in rows), "<i8").astype("<f8")
    at = message.put(steps, *(b"".join(one.columns[name] for one in rows) for name in names))
    return {"probe": probe, "names": list(names), "count": len(steps), "at": at}
