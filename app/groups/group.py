"""A group: several runs that were launched as one. Which they are, the runs say; what it is, each run's group.json."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ulid import ULID


@dataclass(frozen=True)
class Group:
    """What is known of a group besides its runs.

    kind: what the act is, in a word: "several", "lesson", "search" · lesson: the name of the lesson that launched it,
    or "" · asked: {"spec", "vary", "combine", "baseline"}, from which it can be launched again; may be empty.
    """

    name: str
    by: str
    kind: str = "several"
    lesson: str = ""
    asked: Mapping[str, Any] = field(default_factory=dict)
    id: str = field(default_factory=lambda: str(ULID()))
    created: float = field(default_factory=time.time)

    def row(self) -> dict[str, Any]:
        """Return the group's columns in the catalogue."""
        return {**vars(self), "asked": dict(self.asked)}

    def membership(self, label: str, place: int) -> dict[str, Any]:
        """Return what group.json says in the folder of one of its runs: enough to find the group again without more."""
        return self.row() | {"label": label, "place": place}


def group_of(known: Mapping[str, Any]) -> Group:
    """Return the group that a row of the catalogue, or a group.json, tells of."""
    return Group(**{key: known[key] for key in Group.__dataclass_fields__})
