"""What the runs of a variant come to together: worked out by a forked child from their last checkpoints, and kept.

A reader would not guess: nothing of this is written down. It takes seconds, and the checkpoints it is made from stay.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from app.errors import NoSuchReading, NotNow
from app.groups.curves import summary
from app.groups.looks import Look
from app.groups.table import variants_of
from app.run import Run
from app.workers.local import LocalWorkers

KEPT = 200
Seen = Sequence[tuple[Run, Look]]


class Ensembles:
    """The ensembles that were worked out lately, by the runs that they are made of."""

    def __init__(self, workers: LocalWorkers):
        self._workers = workers
        self._kept: OrderedDict[tuple[tuple[str, int], ...], dict[str, Any]] = OrderedDict()

    async def of(self, seen: Seen, variant: int) -> dict[str, Any]:
        """Return {"runs", "parts"} of the finished runs of a variant, by its place among the variants.

        parts: {name: {"samples", "alone": {metric: {mean, std, min, max, count}}, "together": {metric: value},
        "by_size": [{metric: value}]}}, where `by_size` has the ensembles of the first 1, 2, ... runs.

        Raises:
            NoSuchReading: there is no such variant. NotNow: fewer than two have finished, or the child says why not.
        """
        found = variants_of(seen)
        if variant >= len(found):
            raise NoSuchReading(f"There are {len(found)} variants, counted from 0.")
        runs = [seen[place][0] for place in found[variant].places]
        finished = [run for run in runs if run.standing.name == "finished"]
        if len(finished) < 2:
            told = f"{len(finished)} of the {len(runs)} runs of this variant have finished."
            raise NotNow(told, "An ensemble is made of two at least.")
        key = tuple((run.id, run.next_attempt()) for run in finished)
        if key not in self._kept:
            answer = await self._workers.ensemble([run.folder for run in finished])
            if "problems" in answer:
                raise NotNow(answer["problems"][0]["message"])
            self._kept[key] = {name: _told(part) for name, part in answer["parts"].items()}
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return {"runs": [run.id for run in finished], "parts": self._kept[key]}


def _told(part: dict[str, Any]) -> dict[str, Any]:
    alone = part["alone"]
    metrics = {name: summary([one[name] for one in alone if one[name] is not None]) for name in alone[0]}
    return {"samples": part["samples"], "alone": metrics, "together": part["together"][-1], "by_size": part["together"]}
