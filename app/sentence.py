"""What an event says, in a sentence: for the log and the marks of a run."""

from typing import Any

from trainer.protocol import (
    AnyEvent,
    Changed,
    Epoch,
    Failed,
    Finished,
    Interrupted,
    Marked,
    Paused,
    Rejected,
    Resumed,
    Saved,
    Started,
)


def sentence(event: AnyEvent) -> str:
    """Return what an event says, or "" when it says nothing to a reader."""
    match event:
        case Started(attempt=1):
            return f"Started on {event.device}."
        case Started(chosen=True):
            return f"Attempt {event.attempt} continues from {event.checkpoint}, as somebody chose, on {event.device}."
        case Started():
            return f"Attempt {event.attempt} goes on from step {event.step} on {event.device}."
        case Epoch():
            best = " The best so far." if event.best else ""
            numbers = ", ".join(f"{name} {value:.4g}" for name, value in event.metrics.items())
            return f"Epoch {event.epoch}: {numbers}.{best}"
        case Changed():
            note = f" {event.note}" if event.note else ""
            return f"{event.target} {event.field}: {_short(event.old)} → {_short(event.new)}{_by(event)}.{note}"
        case Rejected():
            what = " ".join(filter(None, (event.target, event.field)))
            return f"Refused{_by(event)}{f' ({what})' if what else ''}: {event.reason}"
        case Paused():
            return f"Paused{_by(event)}."
        case Resumed():
            return f"Goes on{_by(event)}."
        case Saved():
            return f"Saved as {event.name}."
        case Marked():
            return event.text
        case Finished():
            return f"Finished: {event.reason.removesuffix('.')}{_by(event)}."
        case Interrupted():
            return f"Interrupted: {event.reason}"
        case Failed():
            return f"Failed: {event.reason}"
    return ""


def _by(event: Any) -> str:
    return f", by {event.by}" if event.by else ""


def _short(value: Any) -> str:
    if isinstance(value, dict) and "name" in value:
        return str(value["name"])
    if isinstance(value, dict):
        return ", ".join(f"{name}: {number:g}" for name, number in value.items()) or "–"
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)
