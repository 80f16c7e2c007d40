"""The list of runs as the front page has it: a row for each run alone, and one for each group, the newest first.

A group of a hundred runs is one row and its numbers together; a page asks for the runs when it unfolds the row.
"""

import operator
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from app.groups.card import progress
from app.run import Run

ROWS_AT_ONCE = 200
# what a group is judged by, and which of its runs' values is the best one
BEST = (("validation.accuracy", max), ("validation.rmse", min), ("validation.loss", min), ("loss.data", min))
SAID = ("name", "by", "dataset", "dataset_name", "model", "optimizer", "id", "group_name")


class Home(Protocol):
    """What is asked of a lab."""

    group_names: dict[str, str]

    def everything(self) -> list[Run]:
        """Return every run, also those in the trash."""

    def attends(self, run: Run) -> bool:
        """Say whether the run trains: then its card is another one each time."""


class Listing:
    """The rows of a lab. Of groups whose runs rest the numbers are kept: a lab may have thousands of them."""

    def __init__(self, lab: Home):
        self._lab = lab
        self._kept: dict[str, tuple[list[Any], dict[str, Any]]] = {}

    def rows(self, limit: int = ROWS_AT_ONCE, offset: int = 0, search: str = "") -> dict[str, Any]:
        """Return {"rows", "count", "runs", "moving"}: some rows, how many rows and runs there are, how many runs train.

        A row is {"run": card} or {"group": its numbers}; a group stands where the newest of its runs does. With words
        to search for, `rows` and `count` are of what has all of them: of a run, or of any run of a group.
        """
        there = [run for run in self._lab.everything() if not run.deleted_at]
        rows: dict[str, list[Run]] = {}
        for run in sorted(there, key=lambda one: one.id, reverse=True):
            rows.setdefault(run.group_id or run.id, []).append(run)
        self._kept = {group: one for group, one in self._kept.items() if group in rows}
        found = list(rows.values())
        if words := search.lower().split():
            found = [runs for runs in found if any(_has(run.card(), words) for run in runs)]
        return {
            "rows": [self._row(runs) for runs in found[offset : offset + limit]],
            "count": len(found),
            "runs": len(there),
            "moving": sum(run.standing.name == "running" for run in there),
        }

    def _row(self, runs: Sequence[Run]) -> dict[str, Any]:
        if (group := runs[0].group_id) is None:
            return {"run": runs[0].card()}
        # a run that rests is the same as long as these are: both are replaced, never changed
        seen = [part for run in runs for part in (run.standing, run.summary)]
        kept, row = self._kept.get(group, ([], {}))
        if len(kept) == len(seen) and all(map(operator.is_, kept, seen)):
            return row
        row = {"group": {"id": group, "name": self._lab.group_names.get(group, "")}}
        row["group"] |= _together([run.card() for run in runs])
        if not any(map(self._lab.attends, runs)):
            self._kept[group] = (seen, row)
        return row


def _together(cards: Sequence[dict[str, Any]]) -> dict[str, Any]:
    first = min(cards, key=lambda one: (one["place"], one["id"]))
    metric, value = "", None
    for name, best in BEST:
        if values := [one["metrics"][name] for one in cards if _is_finite(one["metrics"].get(name))]:
            metric, value = name, best(values)
            break
    return {
        **{key: first[key] for key in ("by", "dataset", "dataset_name", "model", "optimizer")},
        "created": min(one["created"] for one in cards),
        "runs": len(cards),
        "metric": metric,
        "best": value,
        "deletable": all("delete" in one["status"]["actions"] for one in cards),
        **progress(cards),
    }


def _is_finite(value: Any) -> bool:
    return isinstance(value, int | float) and value - value == 0


def _has(card: Mapping[str, Any], words: Sequence[str]) -> bool:
    text = " ".join([*(str(card[key]) for key in SAID), card["status"]["name"]]).lower()
    return all(word in text for word in words)
