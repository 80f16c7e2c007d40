"""What there is to see of a run among others: its curves and its best numbers. Of runs that rest it is kept.

A group has up to a hundred runs, of which most rest: reading all their logs for each look would take seconds.
"""

import threading
from collections import OrderedDict
from typing import Any, NamedTuple

from app.groups.curves import OF_EPOCHS, WIDTH, Curve, curve
from app.run import Run
from app.run_folder import spec_or_none, trained_s

KEPT = 400  # runs of which what was seen is kept: 40 KB each with five curves
SMALLER_IS_BETTER = ("loss", "error", "mse", "rmse", "mae", "perplexity")


class Best(NamedTuple):
    """The best value of a metric, and the step at which it was reached."""

    value: float
    step: int


class Look:
    """What was seen of one run at a moment."""

    def __init__(self, stamp: tuple[Any, ...], run: Run):
        self.stamp = stamp
        self.spec = spec_or_none(run.folder) or {}
        self._curves: dict[tuple[str, int], Curve | None] = {}
        followed = run.followed
        self.step, self.epoch = followed.state["step"], followed.state["epoch"]
        self.steps_per_epoch: int = followed.state["steps_per_epoch"]
        self.metrics = {name: one for name, one in followed.state["metrics"].items() if isinstance(one, float | int)}
        self.names: list[str] = followed.series.names
        self.changed = [one for one in followed.state["marks"] if one["kind"] in ("change", "swap")]
        self.seconds = trained_s(run.folder)
        self.best = {name: one for name in self.names if name.startswith(OF_EPOCHS) if (one := self._best(run, name))}

    def curve(self, run: Run, name: str, width: int = WIDTH) -> Curve | None:
        """Return one series of the run as it was then, or is now when nobody has asked for it before."""
        if (name, width) not in self._curves:
            self._curves[name, width] = curve(run.followed.series, name, self.steps_per_epoch, width)
        return self._curves[name, width]

    def _best(self, run: Run, name: str) -> Best | None:
        found = run.followed.series.overview(name)
        if not found or not found[1].count.any():
            return None
        cells = found[1]
        smaller = is_better_small(name)
        values = cells.low if smaller else cells.high
        known = [at for at in range(len(values)) if values[at] == values[at]]
        at = (min if smaller else max)(known, key=lambda one: values[one])
        return Best(float(values[at]), int(cells.start[at]))


class Looks:
    """The looks at runs that were taken lately. Safe to ask from any thread."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Look] = OrderedDict()
        self._lock = threading.Lock()

    def at(self, run: Run) -> Look:
        """Return a look at a run as it is now; folds its logs when it rests and was not seen lately, so not at once."""
        stamp = (run.standing.name, run.standing.since, run.followed.position if run.lab.attends(run) else None)
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


def is_better_small(name: str) -> bool:
    """Return whether a series is the better the smaller it is, judging by its name."""
    return name.rpartition(".")[2] in SMALLER_IS_BETTER
