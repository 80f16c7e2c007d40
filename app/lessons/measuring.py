"""Takes the measures of a lesson from its finished runs: one number for each seed, and what they come to together."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.lessons.asking import of_barrier, of_ensemble, of_sharpness
from app.lessons.checks import measure_by
from app.lessons.format import Lesson
from app.lessons.measures import (
    Across,
    At,
    Barrier,
    Capture,
    Count,
    End,
    Ensemble,
    Marks,
    Mean,
    Measure,
    OfCurve,
    OfMany,
    OfTwo,
    Order,
    Parameters,
    Passes,
    Path,
    Reached,
    Sharpness,
    Weights,
)  # fmt: skip
from app.lessons.numbers import BROUGHT_TOGETHER, rank_correlation, spread
from app.lessons.readings import NEVER, Reading, Unmeasured, Walk

Runs = Mapping[str, Sequence[Any]]  # variant -> its runs, seed by seed: a Reading each, or the Walk of an optimizer


@dataclass(frozen=True)
class Measured:
    """What a measure came to. `value` of an order is the variants, least first; `each` has a number for each seed.

    by_variant: what each variant came to · places: of an influence, each variant's value and measure.
    """

    value: float | tuple[str, ...]
    each: tuple[float, ...] = ()
    by_variant: Mapping[str, float] | None = None
    places: tuple[tuple[float, float], ...] = ()

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
    if isinstance(one, OfMany):
        return _of_many(one, runs)
    if isinstance(one, OfTwo):
        first, second = (measure(lesson, lesson.measures[name], runs).each for name in one.of)
        # what all seeds came to together stands against each of the others
        longest = max(len(first), len(second))
        pairs = zip(*(each * longest if len(each) == 1 else each for each in (first, second)), strict=False)
        return _brought(one, tuple(a - b if one.take == "difference" else _ratio(a, b) for a, b in pairs))
    if isinstance(one, Barrier):
        pairs = zip(*(_found(name, runs) for name in one.of), strict=False)
        return _brought(one, tuple(a.told(of_barrier(one, (a.folder, b.folder)), b)["barrier"] for a, b in pairs))
    return _together(one, runs)


def _of_many(one: Any, runs: Runs) -> Measured:
    taken = {variant: _together(measure_by(one, variant), runs) for variant in one.of}
    by = {variant: found.value for variant, found in taken.items()}
    if isinstance(one, Count):
        return Measured(float(sum(_beyond(value, one.over, one.under) for value in by.values())), by_variant=by)
    if isinstance(one, Order):
        # what is not a number diverged: it stands last, whatever is measured
        return Measured(tuple(sorted(by, key=lambda name: (math.isnan(by[name]), by[name]))), by_variant=by)
    columns = zip(*(found.each for found in taken.values()), strict=False)  # a seed each
    settings = [runs[variant][0].setting(one.setting) for variant in one.of]
    each = tuple(rank_correlation(settings, column) for column in columns)
    found = _brought(one, tuple(value**2 for value in each) if one.squared else each)
    return Measured(found.value, found.each, places=tuple(zip(settings, by.values(), strict=True)))


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


def _brought(one: Any, each: tuple[float, ...]) -> Measured:
    return Measured(BROUGHT_TOGETHER[one.seeds](each), each)


def _found(variant: str, runs: Runs) -> Sequence[Any]:
    if not (found := runs.get(variant, ())):
        raise Unmeasured(f"there is no run of the variant {variant}")
    return found


def _together(one: Any, runs: Runs) -> Measured:
    found = _found(one.of, runs)
    if isinstance(one, Ensemble):
        return _brought(one, (_ensemble(one, found),))
    return _brought(one, tuple(float(TAKES[type(one)](one, run)) for run in found))


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


def _ensemble(one: Ensemble, found: Sequence[Reading]) -> float:
    told = found[0].told(of_ensemble([run.folder for run in found]), *found[1:])
    if one.fact == "drawn":
        return float(np.mean(told["drawn"]))
    if one.part not in told["parts"]:
        raise Unmeasured(f"these runs have no samples in common in their {one.part} part")
    by_size = told["parts"][one.part]["together"]
    if one.members and one.members > len(by_size):
        raise Unmeasured(f"there are {len(by_size)} networks, not {one.members}")
    metrics = by_size[(one.members or len(by_size)) - 1]
    if one.fact not in metrics:
        raise Unmeasured(f"nothing was judged by {one.fact!r}; there are: {', '.join(metrics)}")
    return math.nan if metrics[one.fact] is None else metrics[one.fact]


def _sharpness(one: Sharpness, run: Reading) -> float:
    value = run.told(of_sharpness(one, run.folder))["value"]
    return math.nan if value is None else value


def _path(one: Path, run: Walk) -> float:
    return run.at(one.fact, one.step)


def _ratio(a: float, b: float) -> float:
    return a / b if b else math.copysign(math.inf, a) if a else math.nan


def _beyond(value: float, over: float | None, under: float | None) -> bool:
    return value > over if over is not None else value < under


TAKES: Mapping[type[Measure], Callable[[Any, Reading], float]] = {
    OfCurve: _of_curve, At: _at, Mean: _mean, Passes: _passes, End: _end, Capture: _capture, Weights: _weights,
    Marks: _marks, Reached: _reached, Parameters: _parameters, Sharpness: _sharpness, Path: _path,
}  # fmt: skip
