"""What there is to see of a run among others: its curves and its best numbers. Of runs that rest it is kept.

A group has up to a hundred runs, of which most rest: reading all their logs for each look would take seconds.
"""

import threading
from collections import OrderedDict
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from app.groups.curves import OF_EPOCHS, WIDTH, Curve, curve
from app.pace import epoch_seconds
from app.run import Run
from app.run_folder import spec_or_none, trained_s

KEPT = 400  # runs of which what was seen is kept: 40 KB each with five curves
SMALLER_IS_BETTER = ("loss", "error", "mse", "rmse", "mae", "perplexity")


class Best(NamedTuple):
    """The best value of a metric, and the step at which it was reached."""

    value: float
    step: int


class Look:
    """What was seen of one run at a moment; each thing is looked up when it is first asked for, and stays so."""

    def __init__(self, stamp: tuple[Any, ...], run: Run):
        self.stamp = stamp
        self._run = run
        self._curves: dict[tuple[str, int], Curve | None] = {}
        followed = run.followed
        self._series = followed.series
        state = followed.state
        self.step, self.epoch, self.steps_per_epoch = state["step"], state["epoch"], state["steps_per_epoch"]
        self.metrics = {name: one for name, one in list(state["metrics"].items()) if isinstance(one, float | int)}
        self.epoch_seconds = epoch_seconds(state["pace"])
        self.changed = sum(one["kind"] in ("change", "swap") for one in state["marks"])

    @property
    def spec(self) -> dict[str, Any]:
        """The complete spec of the run; empty for one that cannot be read."""
        return spec_of(self._run.folder)

    @cached_property
    def names(self) -> list[str]:
        """The names of all that it has measured."""
        return self._series.names

    @cached_property
    def seconds(self) -> float:
        """For how long it has trained."""
        return trained_s(self._run.folder)

    @cached_property
    def best(self) -> dict[str, Best]:
        """The best value of each metric that was evaluated at the end of epochs."""
        return {name: one for name in self.names if name.startswith(OF_EPOCHS) if (one := self._best(name))}

    def curve(self, name: str, width: int = WIDTH) -> Curve | None:
        """Return one series of the run; None when it has not measured it."""
        if (name, width) not in self._curves:
            self._curves[name, width] = curve(self._series, name, self.steps_per_epoch, width)
        return self._curves[name, width]

    def _best(self, name: str) -> Best | None:
        _, cells = self._series.overview(name) or (0, None)
        if cells is None or not cells.count.any():
            return None
        at = int(np.nanargmin(cells.low) if is_better_small(name) else np.nanargmax(cells.high))
        return Best(float((cells.low if is_better_small(name) else cells.high)[at]), int(cells.start[at]))


class Looks:
    """The looks at runs that were taken lately. Safe to ask from any thread."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Look] = OrderedDict()
        self._lock = threading.Lock()

    def at(self, run: Run) -> Look:
        """Return a look at a run as it is now; folds its logs when it rests and was not seen lately, so not at once."""
        stamp = stamp_of(run)
        with self._lock:
            if (kept := self._kept.get(run.id)) and kept.stamp == stamp:
                self._kept.move_to_end(run.id)
                return kept
        look = Look(stamp, run)
        with self._lock:
            self._kept[run.id] = look
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return look


def stamp_of(run: Run) -> tuple[Any, ...]:
    """Return what changes when there is something new to see of a run."""
    said = tuple(run.followed.position) if run.lab.attends(run) else None
    return run.standing.name, run.standing.since, said


def is_better_small(name: str) -> bool:
    """Return whether a series is the better the smaller it is, judging by its name."""
    return name.rpartition(".")[2] in SMALLER_IS_BETTER


def spec_of(folder: Path) -> dict[str, Any]:
    """Return the complete spec of a run, which does not change; empty while it cannot be read."""
    try:
        return _read_spec(folder)
    except LookupError:
        return {}


@lru_cache(maxsize=KEPT)
def _read_spec(folder: Path) -> dict[str, Any]:
    if (spec := spec_or_none(folder)) is None:
        raise LookupError(folder)  # which is not kept: it may be there the next time
    return spec
