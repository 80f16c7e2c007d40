"""What a run has measured, over HTTP: series, events, captures, and files to take away.

These are plain `def` routes: they read logs, so they run on threads and never hold up the event loop.
"""

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from app.deps import TheRun
from app.errors import BadRequest, Damaged, NoSuchReading
from app.run import Run
from app.run_folder import unusable_spec
from app.state import as_event, plain
from app.wire import history
from trainer.protocol import Captured, Entry, Measured
from trainer.runlog import LogDamaged, read_all
from trainer.spec import RunSpec

router = APIRouter(prefix="/api/runs/{run_id}", tags=["readings"])

MAX_NAMES = 200
MAX_EVENTS = 1_000
NOT_FOUND = {404: {"description": "Problem details (RFC 9457): no such run, or nothing measured by that name"}}
Names = Annotated[str, Query(max_length=8_000, description="Names of series, with commas between; none: all")]


@router.get("/series", responses=NOT_FOUND)
def series(
    run: TheRun,
    names: Names = "",
    first: Annotated[int, Query(alias="from", ge=0, description="First step")] = 0,
    last: Annotated[int | None, Query(alias="to", ge=0, description="Last step; none: the newest")] = None,
    width: Annotated[int, Query(ge=1, le=20_000, description="Buckets at most")] = 2_000,
) -> dict[str, Any]:
    """Return series between two steps in the finest buckets that fit, down to single steps.

    Each bucket has min, max, mean and last of its finite values (null when there are none), their count, and
    `bad`, the count of NaN and infinities. `bucket` is the number of steps in one; 1 is raw.
    """
    return run.series.window(_names(run, names), first, last, width).as_json()


@router.get("/series.csv", responses=NOT_FOUND)
def series_csv(run: TheRun, names: Names = "") -> StreamingResponse:
    """Return the raw points of series as CSV: name, step, value. NaN, inf and -inf are kept apart."""
    asked = _names(run, names)
    return StreamingResponse(_rows(run, asked), media_type="text/csv", headers=_attachment(f"{run.id}.csv"))


@router.get("/events", responses=NOT_FOUND)
def events(
    run: TheRun,
    after: Annotated[
        str, Query(pattern=r"^\d{1,9}\.\d{1,18}$", description="<attempt>.<seq> of the last one had")
    ] = "0.0",
    limit: Annotated[int, Query(ge=1, le=MAX_EVENTS)] = 200,
) -> dict[str, Any]:
    """Return what happened after a position, oldest first; numbers and arrays are told of, not sent.

    `position` is what to ask after next. `damaged` says that a log cannot be read beyond there.
    """
    attempt, seq = (int(one) for one in after.split("."))
    found, damaged = [], ""
    try:
        found.extend(islice(_events(run, attempt, seq), limit))
    except LogDamaged as damage:
        damaged = str(damage)
    position = f"{found[-1]['attempt']}.{found[-1]['seq']}" if found else after
    return {"events": found, "position": position, "damaged": damaged}


@router.get("/captures/{probe}", responses=NOT_FOUND)
def captures(run: TheRun, probe: str, step: Annotated[int | None, Query(ge=0)] = None) -> dict[str, Any]:
    """Return the newest array of each tensor that a probe captured, at or before a step."""
    try:
        found = run.captures.at(probe, step)
    except LogDamaged as damage:
        raise Damaged(str(damage)) from None
    if not found:
        raise NoSuchReading(f"The probe {probe[:40]!r} has captured nothing{f' up to step {step}' if step else ''}.")
    return {"step": max(one.step for one in found), "tensors": {one.name: _array(one) for one in found}}


@router.get("/captures/{probe}/history", responses=NOT_FOUND)
def captures_history(run: TheRun, probe: str) -> Response:
    """Return every array of a probe that is kept, thinned in time, as one binary message (docs/protocol.md)."""
    return Response(history(probe, run.captures.history(probe)), media_type="application/octet-stream")


@router.get("/spec.yaml")
def spec_yaml(run: TheRun) -> Response:
    """Return what the run was asked to be, complete, as YAML."""
    if problem := unusable_spec(run.folder):
        raise Damaged(problem, "What the run has shown so far is there all the same.")
    spec = RunSpec.parse((run.folder / "spec.json").read_text())
    return Response(spec.to_yaml(), media_type="application/yaml", headers=_attachment(f"{run.id}.yaml"))


def _names(run: Run, names: str) -> list[str]:
    known = run.series.names
    asked = [one for one in names.split(",") if one] or known
    if len(asked) > MAX_NAMES:
        raise BadRequest(f"At most {MAX_NAMES} series at once; {len(asked)} were asked for.", "Name those you want.")
    if unknown := [one for one in asked if one not in known]:
        there = ", ".join(known[:30]) or "none yet"
        raise NoSuchReading(f"There is no series {unknown[0][:60]!r} in this run. There are: {there}.")
    return asked


def _rows(run: Run, names: list[str]) -> Iterator[str]:
    out = io.StringIO()
    write = csv.writer(out).writerow
    write(["series", "step", "value"])
    for name in names:
        for steps, values in run.series.pieces(name):
            for step, value in zip(steps.tolist(), values.tolist(), strict=True):
                write([name, step, value])
            if out.tell() > 64 * 1024:
                yield out.getvalue()
                out.seek(0)
                out.truncate()
    yield out.getvalue()


def _events(run: Run, after_attempt: int, after_seq: int) -> Iterator[dict[str, Any]]:
    followed = run.followed
    for attempt in range(max(1, after_attempt), run.next_attempt()):
        known = followed.offset_before(attempt, after_seq) if attempt == after_attempt else 0
        for entry, _ in read_all(run.folder / f"events-{attempt}.log", known):
            if (attempt, entry.seq) > (after_attempt, after_seq):
                yield _told(entry) | {"attempt": attempt}


def _told(entry: Entry) -> dict[str, Any]:
    said = entry.said
    where = {"step": said.step, "seq": entry.seq, "time": entry.time}
    if isinstance(said, Measured):
        return {
            "type": "measured",
            "probe": said.probe,
            "names": list(said.columns),
            "count": len(said.steps) // 8,
        } | where
    if isinstance(said, Captured):
        return {"type": "captured", "probe": said.probe, "name": said.name, "shape": said.shape} | where
    return as_event(entry)


def _array(one: Captured) -> dict[str, Any]:
    values = np.frombuffer(one.data, np.dtype(one.dtype).newbyteorder("<")).tolist()
    told = {"step": one.step, "shape": one.shape, "dtype": one.dtype}
    return told | {"facts": plain(one.facts), "counts": plain(values)}


def _attachment(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{re.sub(r"[^A-Za-z0-9._-]", "_", name)}"'}
