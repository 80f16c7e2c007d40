"""How long a run's epochs took, pauses left out. A pure fold over what begins, holds and ends an epoch.

    epochs      how many epochs were timed from end to end, those too that a later attempt trained again
    seconds     what they took together, evaluation and instruments with it
    began       when the epoch under way began, moved on by each pause; null when an attempt went on within it
    paused_at   when the pause under way began, or null

The times are those of the log. It is written some 20 times a second, which evens out over the epochs.
static/js/pace.js does the same.
"""

from collections.abc import Mapping
from typing import Any

NO_PACE: Mapping[str, Any] = {"epochs": 0, "seconds": 0.0, "began": None, "paused_at": None}


def paced(pace: Mapping[str, Any], event: Mapping[str, Any], steps_per_epoch: int) -> dict[str, Any]:
    """Return the pace after an event, as `as_event` gives it."""
    now, began = event["time"], pace["began"]
    match event["type"]:
        case "started":
            is_whole = steps_per_epoch > 0 and event["step"] % steps_per_epoch == 0
            return {**pace, "began": now if is_whole else None, "paused_at": None}
        case "paused" if pace["paused_at"] is None:
            return {**pace, "paused_at": now}
        case "resumed" if pace["paused_at"] is not None:
            held = max(0.0, now - pace["paused_at"])
            return {**pace, "began": None if began is None else began + held, "paused_at": None}
        case "epoch":
            pace = {**pace, "began": now}
            if began is None:
                return pace
            return {**pace, "epochs": pace["epochs"] + 1, "seconds": pace["seconds"] + max(0.0, now - began)}
    return dict(pace)


def epoch_seconds(pace: Mapping[str, Any]) -> float | None:
    """Return what an epoch took on average; None before the first whole one."""
    return pace["seconds"] / pace["epochs"] if pace["epochs"] else None
