"""What was trained and then superseded: the numbers of earlier attempts beyond the step from which a later one goes on.

They are read from the logs when somebody asks, and folded into few buckets as they are read; nothing is kept.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
from fastapi import APIRouter, Query

from app.buckets import Cells, Overview, cells_of, grouped
from app.deps import TheRun
from app.raw_numbers import points_of
from app.readings import MAX_NAMES, NOT_FOUND
from app.run import Run, attempts_of
from trainer.protocol import Entry, Epoch, Finished, Measured, Started
from trainer.runlog import HEADER, LogDamaged, read_entries

MAX_SEGMENTS = 20  # the newest
MAX_CELLS = 100_000  # in one answer
LEAST_WIDTH = 16
PIECE_BYTES = 1024 * 1024
SETTLE_FRAMES = 512
NEAR = 1_024  # entries that are read for nothing at most, where a segment begins

router = APIRouter(prefix="/api/runs/{run_id}", tags=["readings"])


class Segment(NamedTuple):
    """What an attempt trained from step `first`, where a later attempt goes on, to step `last`."""

    attempt: int
    first: int
    last: int
    bucket: int
    cells: dict[str, Cells]

    def as_json(self) -> dict[str, Any]:
        """Return the segment as the API gives it: what is not finite is null."""
        return {
            "attempt": self.attempt,
            "from": self.first,
            "to": self.last,
            "bucket": self.bucket,
            "series": {name: _rows(cells) for name, cells in self.cells.items()},
        }


@router.get("/superseded", responses=NOT_FOUND)
def superseded(
    run: TheRun,
    names: Annotated[str, Query(max_length=8_000, description="Names of series, with commas between; none: all")] = "",
    width: Annotated[int, Query(ge=1, le=2_000, description="Buckets of one attempt at most")] = 500,
) -> dict[str, Any]:
    """Return what earlier attempts measured beyond the step from which a later attempt goes on.

    A segment for each such attempt, oldest first, 20 at most: `from` is where it was left, `to` its last step,
    and each series has rows of first step, min, max and mean; `bucket` is the number of steps in one.
    """
    asked = [one for one in names.split(",") if one][:MAX_NAMES]
    return {"segments": [one.as_json() for one in segments(run, asked, width)]}


def segments(run: Run, names: list[str], width: int) -> list[Segment]:
    """Return what later attempts superseded; `names`: of these series, or of all when there is none.

    A log that is damaged is read up to the damage.
    """
    left = [(attempt, step) for attempt, step in _left_at(run.folder) if _goes_beyond(run, attempt, step)]
    many = len(names or run.series.names) * min(len(left), MAX_SEGMENTS)
    width = min(width, max(LEAST_WIDTH, MAX_CELLS // max(1, many)))
    return [_segment(run, attempt, step, names, width) for attempt, step in left[-MAX_SEGMENTS:]]


def _left_at(folder: Path) -> list[tuple[int, int]]:
    """Return (attempt, the least step from which a later one goes on) of every attempt but the last."""
    begun: list[tuple[int, int]] = []
    for attempt in range(1, attempts_of(folder) + 1):
        first = _entry_at(folder / f"events-{attempt}.log", 0)
        if first and isinstance(first.said, Started):
            begun.append((attempt, first.said.step))
    return [(attempt, min(step for _, step in begun[at + 1 :])) for at, (attempt, _) in enumerate(begun[:-1])]


def _goes_beyond(run: Run, attempt: int, step: int) -> bool:
    return any(said.step > step for said in _said(run, attempt, step))


def _segment(run: Run, attempt: int, first: int, names: list[str], width: int) -> Segment:
    curves: dict[str, Overview] = {}
    pending: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
    last = first
    for count, said in enumerate(_said(run, attempt, first)):
        last = max(last, said.step)
        for name, steps, values in _points(said):
            if (not names or name in names) and (name in curves or len(curves) < MAX_NAMES):
                curves.setdefault(name, Overview())
                pending.setdefault(name, []).append((steps[steps >= first], values[steps >= first]))
        if count % SETTLE_FRAMES == 0:
            _settle(curves, pending)
    _settle(curves, pending)
    found = {name: one.cells for name, one in curves.items() if one.size}
    bucket = max((curves[name].width for name in found), default=1)
    while any(len(grouped(cells, bucket).start) > width for cells in found.values()):
        bucket *= 2
    return Segment(attempt, first, last, bucket, {name: grouped(cells, bucket) for name, cells in found.items()})


def _settle(curves: dict[str, Overview], pending: dict[str, list[tuple[np.ndarray, np.ndarray]]]) -> None:
    for name, parts in pending.items():
        steps, values = (np.concatenate(column) for column in zip(*parts, strict=True))
        if len(steps):
            curves[name].append(cells_of(steps, values))
    pending.clear()


def _points(said: Any) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    if isinstance(said, Measured):
        steps = np.frombuffer(said.steps, "<i8")
        for name, column in said.columns.items():
            yield name, steps, np.frombuffer(column, "<f4")
    else:
        for name, value in points_of(said).items():
            yield name, np.int64([said.step]), np.float32([value])


def _said(run: Run, attempt: int, step: int) -> Iterator[Measured | Epoch | Finished]:
    """Yield what an attempt measured, from a little before a step on."""
    path = run.folder / f"events-{attempt}.log"
    end, before = _offset_of(run, attempt, path, step), -1
    while end > before:
        before = end
        try:
            for entry, frame in read_entries(path, end, PIECE_BYTES):
                end = frame.end
                if isinstance(entry.said, Measured | Epoch | Finished):
                    yield entry.said
        except LogDamaged:
            return


def _offset_of(run: Run, attempt: int, path: Path, step: int) -> int:
    """Return a byte at which an entry begins that comes before all that were measured beyond a step."""
    offset_before = partial(run.followed.offset_before, attempt)
    newest = _entry_at(path, offset_before(2**62))
    low, high = 0, newest.seq + NEAR if newest else 0
    while high - low > NEAR:
        middle = (low + high) // 2
        entry = _entry_at(path, offset_before(middle))
        low, high = (low, middle) if entry is None or entry.said.step > step else (middle, high)
    return offset_before(max(0, low - NEAR))


def _entry_at(path: Path, offset: int) -> Entry | None:
    try:
        return next((entry for entry, _ in read_entries(path, offset, HEADER.size)), None)
    except LogDamaged:
        return None


def _rows(cells: Cells) -> list[list[float | None]]:
    columns = [cells.start.tolist()]
    for column in (cells.low, cells.high, cells.mean):
        finite = np.isfinite(column)
        columns.append([value if good else None for value, good in zip(column.tolist(), finite, strict=True)])
    return [list(row) for row in zip(*columns, strict=True)]
