"""A group in a few numbers, as a row of the list and the head of its page show it."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from app.groups.group import Group
from app.life import OVER
from app.run import Run


def group_card(group: Group, runs: Sequence[Run]) -> dict[str, Any]:
    """Return a group's card: what it is, its runs' ids, how many have which status, and how far all are together."""
    return {
        "id": group.id,
        "name": group.name,
        "by": group.by,
        "created": group.created,
        "kind": group.kind,
        "lesson": group.lesson,
        "runs": [run.id for run in runs],
        **progress([run.card() for run in runs]),
    }


def progress(cards: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return how far runs are together: `statuses`, `step` of `steps`, and `eta_s`, None while no speed is known.

    A run that came to its end early has all its steps behind it.
    """
    step = sum(one["step"] for one in cards)
    left = {one["id"]: max(0, one["steps"] - one["step"]) for one in cards if one["status"]["name"] not in OVER}
    moving = [one for one in cards if one["eta_s"] and left.get(one["id"])]
    speed = sum(left[one["id"]] / one["eta_s"] for one in moving)
    longest = max((one["eta_s"] for one in moving), default=0.0)
    return {
        "statuses": dict(Counter(one["status"]["name"] for one in cards)),
        "step": step,
        "steps": step + sum(left.values()),
        "eta_s": max(longest, sum(left.values()) / speed) if speed else None,
    }
