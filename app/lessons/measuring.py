"""Takes the measures of a lesson from its finished runs: one number for each seed, and what they come to together."""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.lessons.checks import measure_by
from app.lessons.format import Lesson
from app.lessons.measures import (
    Across,
    At,
    Capture,
    Count,
    End,
    Marks,
    Mean,
    Measure,
    OfCurve,
    OfTwo,
    Order,
    Parameters,
    Passes,
    Reached,
    Weights,
)  # fmt: skip
from app.lessons.readings import NEVER, Reading, Unmeasured

Runs = Mapping[str, Sequence[Reading]]  # variant -> its runs, seed by seed


@dataclass(frozen=True)
class Measured:
    """What a measure came to. `value` of an order is the variants, least first; `each` has a number for each seed."""

    value: float | tuple[str, ...]
    each: tuple[float, ...] = ()
    by_variant: Mapping[str, float] | None = None

    @property
    def spread(self) -> float | None:
        """The deviation over the seeds, of a sample; None for one seed."""
        return spread(self.each) if len(self.each) > 1 else None


def measure(lesson: Lesson, one: Any, runs: Runs) -> Measured:
    """Return what a measure of a lesson comes to.

    Raises:
        Unmeasured: a run that it needs is missing, did not finish, or has not what is measured.
    """
    if isinstance(one, Across):
        return _across(one, runs)
    if isinstance(one, Order | Count):
        by = {variant: _together(measure_by(one, variant), runs).value for variant in one.of}
        if isinstance(one, Count):
            return Measured(float(sum(_beyond(value, one.over, one.under) for value in by.values())), by_variant=by)
        # what is not a number diverged: it stands last, whatever is measured
        order = sorted(by, key=lambda name: (math.isnan(by[name]), by[name]))
        return Measured(tuple(order), by_variant=by)
    if isinstance(one, OfTwo):
        first, second = (measure(lesson, lesson.measures[name], runs) for name in one.of)
        pairs = zip(first.each, second.each, strict=False)
        each = tuple(a - b if one.take == "difference" else _ratio(a, b) for a, b in pairs)
        return Measured(BROUGHT_TOGETHER[one.seeds](each), each)
    return _together(one, runs)


def _across(one: Across, runs: Runs) -> Measured:
    taken = [_together(measure_by(one, variant), runs) for variant in one.of]
    seeds = list(zip(*(found.each for found in taken), strict=False))  # for each seed the numbers of all variants
    if one.chosen is None:
        each = tuple(float(BROUGHT_TOGETHER[one.variants](values)) for values in seeds)
    else:
        pick = max if one.variants == "highest" else min
        asked = zip(*(_together(measure_by(one, variant, "chosen"), runs).each for variant in one.of), strict=False)
        each = tuple(values[judged.index(pick(judged))] for values, judged in zip(seeds, asked, strict=False))
    by = {variant: found.value for variant, found in zip(one.of, taken, strict=True)}
    return Measured(BROUGHT_TOGETHER[one.seeds](each), each, by)


def _together(one: Any, runs: Runs) -> Measured:
    found = runs.get(one.of, ())
    if not found:
        raise Unmeasured(f"there is no run of the variant {one.of}")
    each = tuple(float(TAKES[type(one)](one, run)) for run in found)
    return Measured(BROUGHT_TOGETHER[one.seeds](each), each)


def _of_curve(one: OfCurve, run: Reading) -> float:
    steps, values = run.curve(one.series)
    finite = np.isfinite(values)
    if one.take == "not_finite":
        return float(not finite.all())
    if one.take == "last":
        return values[-1]
    if not finite.any():
        return math.nan
    at = np.nanargmin if one.take.endswith("lowest") else np.nanargmax
    best = int(at(np.where(finite, values, np.nan)))
    return run.epoch(int(steps[best])) if one.take.startswith("epoch") else values[best]


def _at(one: At, run: Reading) -> float:
    steps, values = run.curve(one.series)
    wanted = one.step if one.epoch is None else run.step_of(one.epoch)
    place = int(np.searchsorted(steps, wanted, "right")) - 1
    if place < 0:
        raise Unmeasured(f"{one.series} begins at step {steps[0]}, after step {wanted}")
    return values[place]


def _mean(one: Mean, run: Reading) -> float:
    steps, values = run.curve(one.series)
    end = len(steps) if one.step is None else int(np.searchsorted(steps, one.step, "right"))
    return values[max(0, end - one.points) : end].mean() if end else math.nan


def _passes(one: Passes, run: Reading) -> float:
    steps, values = run.curve(one.series)
    beyond = values > one.over if one.over is not None else values < one.under
    if not beyond.any():
        return NEVER
    step = int(steps[int(beyond.argmax())])
    return run.epoch(step) if one.counted_in == "epochs" else step


def _end(one: End, run: Reading) -> float:
    return run.judged(one.series)


def _capture(one: Capture, run: Reading) -> float:
    seen = run.capture(one.probe, one.tensor, one.when)
    if one.between is None:
        return seen.fact(one.fact)
    inside = seen.inside(*one.between)
    return inside if one.fact == "inside" else 1 - inside


def _weights(one: Weights, run: Reading) -> float:
    layers = run.weights
    if one.layer != "all" and one.layer not in layers:
        raise Unmeasured(f"there is no layer {one.layer!r} with weights; there are: {', '.join(layers)}")
    rows = list(layers.values()) if one.layer == "all" else [layers[one.layer]]
    every = np.concatenate([matrix.ravel() for matrix in rows]).astype(np.float64)
    sizes = np.abs(every)
    match one.fact:
        case "size":
            return sizes.mean()
        case "std":
            return every.std()
        case "largest":
            return sizes.max()
        case "small":
            return (sizes < one.below).mean()
        case "longest":
            return max(np.linalg.norm(matrix.astype(np.float64), axis=1).max() for matrix in rows)
    return np.linalg.norm(every)


def _marks(one: Marks, run: Reading) -> float:
    return sum(mark["kind"] == one.kind for mark in run.state["marks"])


def _reached(one: Reached, run: Reading) -> float:
    return run.state["epoch" if one.counted_in == "epochs" else "step"]


def _parameters(one: Parameters, run: Reading) -> float:
    return run.state["plan"]["parameters"]


def _ratio(a: float, b: float) -> float:
    return a / b if b else math.copysign(math.inf, a) if a else math.nan


def _beyond(value: float, over: float | None, under: float | None) -> bool:
    return value > over if over is not None else value < under


def spread(values: Sequence[float]) -> float:
    """Return the standard deviation of a sample; NaN where a value is not finite, 0 for one value."""
    if not all(map(math.isfinite, values)):
        return math.nan
    return statistics.stdev(values) if len(values) > 1 else 0.0


def _mean_of(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if all(map(math.isfinite, values)) else float(np.mean(values))


BROUGHT_TOGETHER: Mapping[str, Callable[[Sequence[float]], float]] = {
    "mean": _mean_of,
    "median": lambda values: float(np.median(values)),
    "lowest": min,
    "highest": max,
    "spread": spread,
}
TAKES: Mapping[type[Measure], Callable[[Any, Reading], float]] = {
    OfCurve: _of_curve, At: _at, Mean: _mean, Passes: _passes, End: _end, Capture: _capture, Weights: _weights,
    Marks: _marks, Reached: _reached, Parameters: _parameters,
}  # fmt: skip
