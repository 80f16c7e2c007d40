"""What only torch can say of a lesson's finished runs, asked of a forked child before they are graded.

Grading itself stays a pure function: it gets the answers, each under the request that it answers.
"""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.lessons.checks import measure_by
from app.lessons.format import Lesson, Setting
from app.lessons.measures import Barrier, Ensemble, OfMany, OfTwo, Sharpness
from app.workers.local import LocalWorkers

KEPT = 500
Request = dict[str, Any]
Answers = Mapping[str, Any]  # key of a request -> its answer
Folders = Mapping[str, Sequence[Path]]


def key_of(request: Request) -> str:
    """Return under what a request's answer is kept."""
    return json.dumps(request, sort_keys=True)


def of_paths(setting: Setting) -> Request:
    """Return the request for the paths of a setting's variants."""
    return {"do": "paths", "asked": setting.descents}


def of_ensemble(folders: Sequence[Path]) -> Request:
    """Return the request for what the networks of some runs say together."""
    return {"do": "ensemble", "runs": [str(one) for one in folders]}


def of_sharpness(one: Sharpness, folder: Path) -> Request:
    """Return the request for how sharp the minimum of a run is."""
    epsilon = one.epsilon if one.fact == "box" else None
    return {"do": "sharpness", "run": str(folder), "samples": one.samples, "fact": one.fact, "epsilon": epsilon}


def of_barrier(one: Barrier, folders: tuple[Path, Path]) -> Request:
    """Return the request for the loss on the line between two runs."""
    return {"do": "barrier", "runs": [str(folder) for folder in folders], "samples": one.samples}


def requests_of(lesson: Lesson, setting: str, runs: Folders) -> list[Request]:
    """Return all that is to be asked before the runs of a lesson can be graded, each once."""
    asked = lesson.setting(setting)
    if asked.paths:
        return [of_paths(asked)]
    found = [one for name in asked.bands for one in _of_measure(lesson, lesson.measures[name], runs)]
    return list({key_of(one): one for one in found}.values())


def _of_measure(lesson: Lesson, one: Any, runs: Folders) -> Iterator[Request]:
    if isinstance(one, OfTwo):
        for name in one.of:
            yield from _of_measure(lesson, lesson.measures[name], runs)
    elif isinstance(one, OfMany):
        for key in ("by", "chosen") if getattr(one, "chosen", None) else ("by",):
            for variant in one.of:
                yield from _of_measure(lesson, measure_by(one, variant, key), runs)
    elif isinstance(one, Ensemble):
        yield of_ensemble(runs.get(one.of, ()))
    elif isinstance(one, Sharpness):
        yield from (of_sharpness(one, folder) for folder in runs.get(one.of, ()))
    elif isinstance(one, Barrier):
        pairs = zip(*(runs.get(name, ()) for name in one.of), strict=False)
        yield from (of_barrier(one, pair) for pair in pairs)


class Asking:
    """Asks, and keeps the answers: runs that have ended say the same again."""

    def __init__(self, workers: LocalWorkers):
        self._workers = workers
        self._kept: OrderedDict[tuple[str, int], Any] = OrderedDict()

    async def of(self, lesson: Lesson, setting: str, runs: Folders) -> Answers:
        """Return the answers to all that `grade` wants to know of these runs."""
        requests = requests_of(lesson, setting, runs)
        answers = await asyncio.gather(*(self._answer(one) for one in requests))
        return {key_of(one): answer for one, answer in zip(requests, answers, strict=True)}

    async def _answer(self, request: Request) -> Any:
        key = (key_of(request), _attempts(request))
        if key not in self._kept:
            answer = await self._workers.tell(request)
            if "problems" in answer:
                return answer
            self._kept[key] = answer
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return self._kept[key]


def _attempts(request: Request) -> int:
    """Return how many attempts the runs of a request have had: one that went on says something else."""
    folders = [*request.get("runs", ()), *filter(None, [request.get("run")])]
    return sum(len(list(Path(folder).glob("events-*.log"))) for folder in folders)
