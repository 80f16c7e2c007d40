"""Compares what the server folds of a run with what stands in its logs, number by number."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from app.followed import Followed
from app.raw_log import EPOCH, Points, RawLog
from app.state import plain
from trainer.protocol import Changed, Failed, Finished, Interrupted, Saved, Started

Finding = tuple[str, int, str]
WIDTHS = (2_000, 60)  # of windows over a whole series: as a page asks for it, and coarse
ENDS = {Finished: "finished", Failed: "failed", Interrupted: "interrupted"}


def compare_fold(folder: Path) -> Callable[[Any, list[RawLog], bool], Iterator[Finding]]:
    """Fold the run as the server does, and return what compares that with a line of raw numbers and events.

    The comparing function takes the line (`curves` and `said`), the logs it was made of, and whether the run
    trains: then the logs may have more than the fold.
    """
    followed = Followed(folder)
    followed.catch_up()

    def compare(line: Any, logs: list[RawLog], lives: bool) -> Iterator[Finding]:
        yield from _compare_numbers(followed, line.curves, lives)
        if not lives:
            yield from _compare_state(followed, line.said, logs)

    return compare


def _compare_numbers(followed: Followed, curves: dict[tuple[str, str], Points], lives: bool) -> Iterator[Finding]:
    series = followed.series
    names = [name for _, name in curves]
    for (probe, name), (steps, bits) in curves.items():
        if names.count(name) > 1 or (probe == EPOCH and name.startswith("test.")):
            continue  # the same name of two probes is one series; the test part is measured at the end, not in epochs
        if lives:
            newer = steps > series.last
            steps, bits = steps[~newer], bits[~newer]
        shown, values = series.points(name)
        yield "lost", len(np.setdiff1d(steps, shown)), f"points of {name} that stand in the log and not in the fold"
        yield "duplicated", len(shown) - len(np.unique(shown)), f"points of {name} that the fold has twice"
        if len(shown) == len(steps) and np.array_equal(shown, steps):
            differ = int((values.view("<u4") != bits).sum())
            yield "wrong", differ, f"values of {name} in the fold are not those of the log"
        elif not lives:
            extra = len(np.setdiff1d(shown, steps))
            yield "wrong", extra, f"points of {name} are in the fold and not in the log"
        if not lives and len(steps):
            yield from _compare_windows(series, name, steps, bits.view("<f4"))


def _compare_windows(series: Any, name: str, steps: np.ndarray, values: np.ndarray) -> Iterator[Finding]:
    for width in WIDTHS:
        window = series.window([name], 0, None, width)
        cells = window.cells.get(name)
        wanted = _buckets(steps, values, window.bucket)
        if cells is None or len(cells.start) != len(wanted["start"]):
            there = 0 if cells is None else len(cells.start)
            told = f"{name} has {there} buckets of {window.bucket} steps, and should have {len(wanted['start'])}"
            yield "wrong", 1, told
            continue
        for column, values_wanted in wanted.items():
            differ = ~np.isclose(getattr(cells, column), values_wanted, rtol=0, atol=0, equal_nan=True)
            yield "wrong", int(differ.sum()), f"{column} of {name} in buckets of {window.bucket} steps"


def _buckets(steps: np.ndarray, values: np.ndarray, width: int) -> dict[str, np.ndarray]:
    """Return what buckets of raw points must hold, one bucket after another."""
    start, first = np.unique(steps // width * width, return_index=True)
    finite = np.isfinite(values)
    shown = np.where(finite, values, np.float32(np.nan))
    parts = np.split(shown, first[1:])
    held = [part[~np.isnan(part)] for part in parts]
    nothing = np.float32(np.nan)
    return {
        "start": start,
        "low": np.array([part.min() if len(part) else nothing for part in held], np.float32),
        "high": np.array([part.max() if len(part) else nothing for part in held], np.float32),
        "last": np.array([part[-1] if len(part) else nothing for part in held], np.float32),
        "count": np.array([len(part) for part in held]),
        "bad": np.array([len(part) - len(one) for part, one in zip(parts, held, strict=True)]),
    }


def _compare_state(followed: Followed, said: list[Any], logs: list[RawLog]) -> Iterator[Finding]:
    state = followed.state
    damaged = any(log.damage for log in logs)
    yield "wrong", bool(state["damage"]) != damaged, f"the state says {state['damage'] or 'nothing'!r} of damage"
    started = [one for one in said if isinstance(one, Started)]
    if not started:
        return
    attempt = started[-1].attempt
    yield "wrong", state["attempt"] != attempt, f"the state is in attempt {state['attempt']}, the logs in {attempt}"
    last = said[said.index(started[-1]) :]
    ends = [ENDS[type(one)] for one in last if type(one) in ENDS]
    ended = state["ended"] and state["ended"]["kind"]
    yield "wrong", ended != (ends[-1] if ends else None), f"the state ended as {ended}, the log as {ends[-1:] or None}"
    paths = {one["path"] for one in state["checkpoints"]}
    told = {one.path for one in said if isinstance(one, Saved)}
    yield "wrong", len(paths - told), "checkpoints in the state that the log does not tell of"
    for target, values in _turned(last).items():
        for field, value in values.items():
            shown = state["knobs"].get(target, {}).get(field, {}).get("value")
            yield "wrong", shown != plain(value), f"{target}.{field} is {shown!r} in the state and {value!r} in the log"


def _turned(said: list[Any]) -> dict[str, dict[str, Any]]:
    turned: dict[str, dict[str, Any]] = {}
    for one in said:
        if isinstance(one, Changed) and one.field == "name" and isinstance(one.new, dict):
            turned[one.target] = {"name": one.new["name"], **one.new["params"]}
        elif isinstance(one, Changed):
            turned.setdefault(one.target, {})[one.field] = one.new
    return turned
