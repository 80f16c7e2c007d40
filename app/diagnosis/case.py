"""What a diagnosis looks at: a run's state and its curves, as far as they are folded. Only reads, only NumPy.

A curve is a series' overview, at most 2,000 buckets whatever the run's length, without what is not finite; a run that
trained for days is looked at in the same time as one of a minute.
"""

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from app.buckets import Overview
from app.diagnosis.spells import Spell, Sure, trailing, watch
from app.series import Series

STEADY_SAMPLES = 512  # a loss is averaged over at least so many samples, or one of a small batch would be all noise
STEADY_STEPS = 10  # and over so many steps
NEVER = (1, Overview().cells)  # a series that was not measured
HIGHEST = 1e6  # times the loss at the begin: what is higher counts as that


class Curve(NamedTuple):
    """A series as parallel arrays (n,), a bucket of `width` steps an entry: its first step, extremes, mean, last."""

    width: int
    steps: np.ndarray
    low: np.ndarray
    high: np.ndarray
    mean: np.ndarray
    last: np.ndarray

    def __len__(self) -> int:
        return len(self.steps)


class Case:
    """One run. `level` is what a person gets, or the best that is possible: an accuracy, or an RMSE; None: unknown."""

    def __init__(self, state: Mapping[str, Any], series: Series, level: float | None = None):
        self.state = state
        self.level = level
        self._series = series
        self._curves: dict[str, Curve] = {}

    # -- what the run is

    @property
    def plan(self) -> Mapping[str, Any]:
        """The plan; empty before the run has started."""
        return self.state["plan"]

    @cached_property
    def layers(self) -> dict[str, int]:
        """The layers by name, first layer first, with their numbers of parameters; those without any are left out."""
        return {one["name"]: one["parameters"] for one in self.plan.get("layers", ()) if one.get("parameters")}

    @property
    def kind(self) -> str:
        """The kind of problem: classes, binary, number, or what else the plan says."""
        return self.plan.get("problem", {}).get("kind", "")

    @cached_property
    def chance_loss(self) -> float | None:
        """What the best constant answer costs: the entropy of the classes, the variance of the targets."""
        known = self.plan.get("chance", {}).get("loss")
        if known is None and self.kind in ("classes", "binary"):
            known = math.log(self.classes)
        return known if known and known > 0 else None

    @property
    def classes(self) -> int:
        """How many classes there are, of a problem that has some."""
        return max(2, self.plan.get("outputs", 0))

    def samples(self, part: str) -> int:
        """Return how many samples a part has."""
        return self.plan.get("samples", {}).get(part, 0)

    def epoch(self, step: int) -> int:
        """Return in which epoch a step lies, or which one ended with it."""
        each = self.state["steps_per_epoch"]
        return -(-step // each) if each else 0

    @property
    def ended(self) -> bool:
        """Whether the run came to its end: nothing more will be learned."""
        return (self.state["ended"] or {}).get("kind") in ("finished", "failed")

    # -- what it was asked, and what holds now

    def asked(self, part: str, name: str) -> Any:
        """Return a parameter of a part that was chosen when the run began: dataset, model."""
        return self.state["spec"].get(part, {}).get("params", {}).get(name)

    def knob(self, target: str, name: str) -> Any:
        """Return what a knob stands at, None when there is none."""
        return self.state["knobs"].get(target, {}).get(name, {}).get("value")

    def turned(self, target: str, name: str, since: int = 0) -> int | None:
        """Return the step at which a knob was last turned, if that was at `since` or later."""
        known = self.state["knobs"].get(target, {}).get(name, {})
        step = known.get("since", 0)
        return step if (step or known.get("by")) and step >= since else None

    def is_on(self, target: str) -> bool:
        """Return whether a regularizer or a stopping criterion is on."""
        return self.knob(target, "enabled") is True

    def has(self, target: str) -> bool:
        """Return whether there is such a regularizer or stopping criterion."""
        return target in self.state["knobs"]

    # -- what was measured

    def curve(self, name: str) -> Curve:
        """Return a series; one that was never measured is empty."""
        if name not in self._curves:
            width, cells = self._series.overview(name) or NEVER
            columns = (cells.start, cells.low, cells.high, cells.mean, cells.last)
            if not (there := cells.count > 0).all():
                columns = tuple(column[there] for column in columns)
            self._curves[name] = Curve(width, *columns)
        return self._curves[name]

    def by_layer(self, probe: str) -> dict[str, Curve]:
        """Return a probe's series of each layer that it has, first layer first."""
        return {one: curve for one in self.layers if len(curve := self.curve(f"{probe}.{one}"))}

    def worst_layer(
        self, probe: str, thresholds: Mapping[Sure, float], *, least: int = 1, wide: int = 1
    ) -> tuple[str, Spell | None]:
        """Return the layer, of at least `wide` units, where a probe tells the largest share, and its spell; or none."""
        widths = {one["name"]: (one.get("shape") or [0])[0] for one in self.plan.get("layers", ())}
        spells = {
            name: spell
            for name, curve in self.by_layer(probe).items()
            if widths.get(name, 0) >= wide and (spell := watch(curve.steps, curve.last, thresholds, least=least))
        }
        worst = max(spells, key=lambda one: (spells[one].holds, spells[one].value), default="")
        return worst, spells.get(worst)

    def together(self, *names: str) -> tuple[np.ndarray, list[np.ndarray]]:
        """Return the steps at which all of some series have a value, (n,), and the last value of each there."""
        curves = [self.curve(name) for name in names]
        steps = curves[0].steps
        if all(np.array_equal(one.steps, steps) for one in curves[1:]):  # measured together, as by one probe
            return steps, [one.last.astype(np.float64) for one in curves]
        for one in curves[1:]:
            steps = np.intersect1d(steps, one.steps, assume_unique=True)
        return steps, [one.last[np.searchsorted(one.steps, steps)].astype(np.float64) for one in curves]

    @cached_property
    def steady_count(self) -> int:
        """How many buckets of the loss of a step to average over, so that what it says is no accident of a batch."""
        batch = self.plan.get("batch_size") or 1
        width = self.curve("loss.data").width
        return max(1, -(-max(STEADY_STEPS, -(-STEADY_SAMPLES // batch)) // width))

    @cached_property
    def steady_loss(self) -> np.ndarray:
        """The loss on the data averaged over the steps before, float64, parallel to the curve of `loss.data`."""
        losses = self.curve("loss.data").mean
        if not len(losses):
            return np.empty(0)
        # one step that exploded must not take the digits of all sums after it
        ceiling = HIGHEST * max(self.chance_loss or 0.0, abs(float(losses[0])))
        return trailing(np.minimum(losses, ceiling), self.steady_count)

    def has_learned(self, left: float) -> bool:
        """Return whether the loss on the training part was ever under that share of what guessing costs."""
        losses = self.curve("train.loss").last
        return bool(self.chance_loss and len(losses) and float(losses.min()) < left * self.chance_loss)

    def any_of(self, probe: str) -> str:
        """Return the name of a probe's series of the first layer that has one: their chart shows all layers."""
        return next((f"{probe}.{one}" for one in self.by_layer(probe)), probe)

    @cached_property
    def update_ratio(self) -> tuple[np.ndarray, np.ndarray]:
        """The steps at which every layer's update was measured, (n,), and the median over the layers there, (n,)."""
        names = [f"update_ratio.{one}" for one in self.by_layer("update_ratio")]
        if not names:
            return np.empty(0, np.int64), np.empty(0)
        steps, values = self.together(*names)
        return steps, np.median(values, axis=0) if len(steps) else np.empty(0)
