"""The paths of optimizers over a surface: the very components that train networks, with a point for their weights."""

import base64
import math
import sys
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import torch

from trainer.catalog import CATALOG
from trainer.component import ParameterError, no_such
from trainer.optimizers import Optimizer
from trainer.spec import Problem, SpecError
from trainer.surfaces import SURFACES, Surface

MAX_STEPS = 1000
MAX_OPTIMIZERS = 8
FARTHEST = 1e6  # from there on a path has left for good
COLUMNS, ROWS = 201, 151  # of the grid of heights


def surfaces() -> dict[str, Any]:
    """Return what there is to descend, by name, without the heights."""
    return {"surfaces": [_described(one) for one in SURFACES.values()], "most": _most()}


def surface(name: str) -> dict[str, Any]:
    """Return one surface with its heights: float32, row by row from the lowest y, in base64; or {"problems"}."""
    if name not in SURFACES:
        return {"problems": [{"path": "surface", "message": no_such(name, SURFACES, "surface")}]}
    heights = SURFACES[name].grid(COLUMNS, ROWS).numpy().astype("<f4").tobytes()
    return _described(SURFACES[name]) | {
        "shape": [ROWS, COLUMNS],
        "heights": base64.b64encode(heights).decode(),
    }


def answer(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return {"paths": [...]} for {"surface", "start", "steps", "optimizers"}, or {"problems": [...]}."""
    try:
        ground, start, steps, optimizers = _read(asked)
    except SpecError as error:
        return {"problems": [one.model_dump() for one in error.problems]}
    return {"paths": [descend(ground, start, steps, one) for one in optimizers]}


def descend(ground: Surface, start: tuple[float, float], steps: int, part: Optimizer) -> dict[str, Any]:
    """Return the path of one optimizer, a point for the start and one for each update, in columns.

    x, y, f; length: of the way so far; flips_x, flips_y: how often the point has so far gone over to the other side
    of the centre that it comes nearest to at its end. Ends early, with `left` the step, where it leaves for good.
    """
    point = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimizer = part.build([{"params": [point], "decayed": True}, {"params": [], "decayed": False}])

    def closure() -> torch.Tensor:
        point.grad = None
        height = ground.at(point)
        height.backward()
        return height

    points, left = [point.tolist()], None
    for step in range(1, steps + 1):
        optimizer.step(closure)
        now = point.tolist()
        if not all(abs(one) < FARTHEST for one in now):  # NaN is not under it either
            left = step
            break
        points.append(now)
    return _columns(ground, points) | {"left": left}


def _columns(ground: Surface, points: list[list[float]]) -> dict[str, Any]:
    x, y = ([point[axis] for point in points] for axis in (0, 1))
    with torch.no_grad():
        heights = ground.height(torch.tensor(x, dtype=torch.float64), torch.tensor(y, dtype=torch.float64)).tolist()
    length = [0.0]
    for before, now in pairwise(points):
        length.append(length[-1] + math.dist(before, now))
    centre = min(ground.centres, key=lambda one: math.dist(one, points[-1]))
    flips = {f"flips_{name}": _flips(along, middle) for name, along, middle in zip("xy", (x, y), centre, strict=True)}
    return {"x": x, "y": y, "f": heights, "length": length} | flips


def _flips(along: list[float], middle: float) -> list[int]:
    """Return how often a coordinate has changed sides so far; on the middle it is still on the side it came from."""
    count, side, counts = 0, 0, []
    for value in along:
        now = (value > middle) - (value < middle)
        count += side != 0 and now == -side
        side = now or side
        counts.append(count)
    return counts


def _described(one: Surface) -> dict[str, Any]:
    return {
        "name": one.name,
        "formula": one.formula,
        "window": list(one.window),
        "start": list(one.start),
        "steps": one.steps,
        "centres": [list(each) for each in one.centres],
        "lowest": one.lowest(),
        "curvatures": one.curvatures(),
        "best": one.best(),
        "lineup": [{"name": name, "params": params} for name, params in one.lineup],
    }


def _most() -> dict[str, Any]:
    return {"steps": MAX_STEPS, "optimizers": MAX_OPTIMIZERS}


def _read(asked: Mapping[str, Any]) -> tuple[Surface, tuple[float, float], int, list[Optimizer]]:
    problems: list[Problem] = []

    def refuse(path: str, message: str) -> None:
        problems.append(Problem(path=path, message=message))

    name, start, steps, wanted = (asked.get(key) for key in ("surface", "start", "steps", "optimizers"))
    if not isinstance(name, str) or name not in SURFACES:
        refuse("surface", no_such(str(name), SURFACES, "surface"))
    elif not isinstance(start, list) or len(start) != 2 or not all(map(_is_number, start)):
        refuse("start", "start is not two numbers, x and y.")
    else:
        left, right, low, high = SURFACES[name].window
        for axis, value, least, most in (("x", start[0], left, right), ("y", start[1], low, high)):
            if not least <= value <= most:
                refuse(f"start.{axis}", f"{axis} = {value:g} is outside {least:g} to {most:g}, the picture.")
    if not _is_number(steps) or steps != int(steps) or not 1 <= steps <= MAX_STEPS:
        refuse("steps", f"steps = {steps!r:.40} is not a whole number from 1 to {MAX_STEPS:,}.")
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= MAX_OPTIMIZERS:
        refuse("optimizers", f"one to {MAX_OPTIMIZERS} optimizers can set out together.")
        wanted = []
    optimizers = [_optimizer(one, f"optimizers.{place}", refuse) for place, one in enumerate(wanted)]
    if problems:
        raise SpecError(problems)
    return SURFACES[name], (float(start[0]), float(start[1])), int(steps), optimizers


def _optimizer(wanted: Any, path: str, refuse: Any) -> Optimizer | None:
    known = CATALOG["optimizers"]
    name = wanted.get("name") if isinstance(wanted, dict) else None
    params = wanted.get("params", {}) if isinstance(wanted, dict) else None
    if not isinstance(name, str) or name not in known or not isinstance(params, dict):
        refuse(f"{path}.name", no_such(str(name), known, "optimizer"))
        return None
    try:
        return known[name](**params)
    except ParameterError as error:
        refuse(f"{path}.{error.field}", str(error))
        return None


def _is_number(value: Any) -> bool:
    most = sys.float_info.max  # math.isfinite has no answer for a whole number beyond it
    return isinstance(value, int | float) and not isinstance(value, bool) and -most <= value <= most
