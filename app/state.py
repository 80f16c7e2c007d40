"""What the events of a run add up to: step, knobs, marks, metrics, log, how it ended. A pure fold.

`RunState` is a JSON document, which is also what a browser gets as a snapshot; static/js/run_state.js goes
on folding it there by the same rules, so that fold(snapshot + tail) = fold(all events). Both fold the event
as JSON, which `as_event` makes: with its position, its time, and `text`, what it says in a sentence. A NaN is
the text "NaN" in it, an infinity "Infinity" or "-Infinity".

    id, name, attempt, step, epoch, epochs, steps_per_epoch, steps, paused, device
    spec, plan      as they were when the attempt began
    knobs           {target: {field: {value, since: step, by}}}, live or not; a swap replaces a target's fields
    marks           [{step, kind, text, target, field, old, new, by}]; kind: change, swap, saved, nan, best, lr,
                    attempt, stop
    metrics         {series: its last value}
    best            {epoch, step, metrics} of the best epoch so far, when a stopping criterion looks for it
    overhead        {share, probes, steps_per_second} or null
    pace            {epochs, seconds, began, paused_at}: how long epochs took, see `app.pace`
    checkpoints     [{step, name, path, sha256, size, time}]
    captured        {probe: [tensor]}
    log             the last 300 events but for numbers, arrays and overhead
    ended           null or {kind: finished | failed | interrupted, reason, hint, suggests: {path of a knob: value}}
    damage          "", or which log is damaged and at what byte; what stands before it is shown
"""

import math
import threading
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from app.pace import NO_PACE, paced
from app.sentence import sentence
from trainer.protocol import Captured, Entry, Measured, Thinned

MAX_LOG = 300
MAX_MARKS = 500
MAX_CHECKPOINTS = 200
KEPT_AUTO = 2  # the trainer removes the older ones of those that it saves by itself
LOGGED_WITHOUT = {"spec", "plan", "versions"}
NOT_MARKED = {"measured"}
FLEETING_MARKS = {"saved", "best", "lr"}
PLAIN = frozenset({str, int, bool, type(None)})
TOGGLED = ("regularizers", "stopping", "probes")


class RunState:
    """The state of one run. `spec` is complete; with it the knobs are known before the run has started."""

    def __init__(self, run_id: str = "", spec: Mapping[str, Any] | None = None):
        self._lock = threading.Lock()
        self._state: dict[str, Any] = {
            "id": run_id, "name": "", "attempt": 0, "step": 0, "epoch": 0, "epochs": 0, "steps_per_epoch": 0,
            "steps": 0, "paused": False, "device": "", "spec": {}, "plan": {}, "knobs": {}, "marks": [],
            "metrics": {}, "best": {}, "overhead": None, "checkpoints": [], "captured": {}, "log": [], "ended": None,
            "damage": "", "pace": dict(NO_PACE),
        }  # fmt: skip
        if spec:
            self._state |= {"name": spec.get("name", ""), "spec": dict(spec), "knobs": knobs_of(spec)}
            self._state["epochs"] = spec.get("training", {}).get("epochs", 0)

    def __getitem__(self, key: str) -> Any:
        return self._state[key]

    def apply(self, entry: Entry) -> None:
        """Fold one entry of the event log. What was thinned away leaves no trace."""
        said = entry.said
        if isinstance(said, Thinned):
            return
        with self._lock:
            if isinstance(said, Measured):
                last = {
                    name: plain(float(np.frombuffer(column[-4:], "<f4")[0])) for name, column in said.columns.items()
                }
                self._state["metrics"].update(last)
            elif isinstance(said, Captured):
                names = self._state["captured"].setdefault(said.probe, [])
                if said.name not in names:
                    names.append(said.name)
            else:
                hear(self._state, as_event(entry))
                return
            self._state["step"] = max(self._state["step"], said.step)

    def flag(self, damage: str) -> None:
        """Take note of damage in a log; the first one stays."""
        with self._lock:
            self._state["damage"] = self._state["damage"] or damage

    def restore(self, state: dict[str, Any]) -> None:
        """Become a state that `as_json` gave."""
        with self._lock:
            self._state = state

    def as_json(self) -> dict[str, Any]:
        """Return the state as a document of its own, which later events leave as it is."""
        with self._lock:
            return {key: _copied(value) for key, value in self._state.items()}


def as_event(entry: Entry) -> dict[str, Any]:
    """Return an event as JSON, with its position, its time, and what it says in a sentence."""
    event = msgspec.to_builtins(entry.said)
    event |= {"seq": entry.seq, "time": entry.time}
    if text := sentence(entry.said):
        event["text"] = text
    return plain(event)


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it: what is not finite becomes the text NaN, Infinity or -Infinity."""
    if type(value) in PLAIN:
        return value
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value


def hear(state: dict[str, Any], event: dict[str, Any]) -> None:
    """Fold one event, as `as_event` gives it, into a state. static/js/run_state.js does the same."""
    kind = event["type"]
    if kind == "started":
        _start(state, event)
    else:
        state["step"] = max(state["step"], event["step"])
    state["pace"] = paced(state["pace"], event, state["steps_per_epoch"])
    match kind:
        case "epoch":
            state["epoch"] = event["epoch"]
            state["metrics"].update(event["metrics"])
            if event["best"]:
                best = {"epoch": event["epoch"], "step": event["step"], "metrics": event["metrics"]}
                state["best"] = best
                _mark(state, event, "best", new=best)
        case "changed":
            _change(state, event)
        case "paused" | "resumed":
            state["paused"] = kind == "paused"
        case "saved":
            kept = {key: event[key] for key in ("step", "name", "path", "sha256", "size", "time")}
            state["checkpoints"] = _those_there([*state["checkpoints"], kept])
            _mark(state, event, "saved")
        case "marked":
            if event["kind"] not in NOT_MARKED:
                _mark(state, event, event["kind"])
        case "overhead":
            state["overhead"] = {key: event[key] for key in ("share", "probes", "steps_per_second")}
        case "finished" | "failed" | "interrupted":
            state["metrics"].update(event.get("metrics", {}))
            told = {"reason": event["reason"], "hint": event.get("hint", ""), "suggests": event.get("suggests", {})}
            state["ended"] = {"kind": kind, **told}
            state["paused"] = False
            _mark(state, event, "stop")
    if kind != "overhead":
        logged = {key: value for key, value in event.items() if key not in LOGGED_WITHOUT}
        state["log"] = [*state["log"][1 - MAX_LOG :], logged]


def _those_there(checkpoints: list[dict[str, Any]]) -> list[dict[str, Any]]:
    own = [one for one in checkpoints if one["name"] == "auto"]
    gone = own[:-KEPT_AUTO]
    return [one for one in checkpoints if one not in gone][-MAX_CHECKPOINTS:]


def _start(state: dict[str, Any], event: dict[str, Any]) -> None:
    step, spec, plan = event["step"], event["spec"], event["plan"]
    if step < state["step"]:
        # what lies after is superseded; what the numbers were at that step is not known here
        state["metrics"] = {}
        for key in ("marks", "checkpoints"):
            state[key] = [one for one in state[key] if one["step"] <= step]
        state["best"] = next((one["new"] for one in reversed(state["marks"]) if one["kind"] == "best"), {})
    each = plan.get("steps_per_epoch", 0)
    state |= {
        "name": spec.get("name", ""), "attempt": event["attempt"], "step": step, "device": event["device"],
        "epoch": step // each if each else 0, "epochs": plan.get("epochs", 0), "steps_per_epoch": each,
        "steps": plan.get("steps", 0), "paused": False, "spec": spec, "plan": plan, "knobs": knobs_of(spec),
        "overhead": None, "ended": None,
    }  # fmt: skip
    for mark in state["marks"]:
        if mark["kind"] in ("change", "swap"):
            _date(state["knobs"], mark)
    if event["attempt"] > 1:
        _mark(state, event, "attempt")


def _change(state: dict[str, Any], event: dict[str, Any]) -> None:
    target, field, new = event["target"], event["field"], event["new"]
    swapped = field == "name" and isinstance(new, dict)
    value = {"name": new["name"], **new["params"]} if swapped else {field: new}
    fresh = {name: {"value": one, "since": event["step"], "by": event["by"]} for name, one in value.items()}
    state["knobs"][target] = fresh if swapped else {**state["knobs"].get(target, {}), **fresh}
    if target == "training" and field == "epochs":
        state["epochs"] = new
        state["steps"] = new * state["steps_per_epoch"]
    _mark(state, event, "swap" if swapped else "change")


def _date(knobs: dict[str, Any], mark: dict[str, Any]) -> None:
    # a resumed attempt's spec has the knobs as they were turned; since when and by whom, the marks know
    known = knobs.get(mark["target"], {})
    fields = list(known) if mark["kind"] == "swap" else [mark["field"]] if mark["field"] in known else []
    for field in fields:
        known[field] = {"value": known[field]["value"], "since": mark["step"], "by": mark["by"]}


def _mark(state: dict[str, Any], event: dict[str, Any], kind: str, new: Any = None) -> None:
    mark = {
        "step": event["step"], "kind": kind, "text": event["text"], "target": event.get("target", ""),
        "field": event.get("field", ""), "old": event.get("old"), "new": event.get("new", new),
        "by": event.get("by", ""),
    }  # fmt: skip
    marks = [*state["marks"], mark]
    if len(marks) > MAX_MARKS:
        drop = next((i for i, one in enumerate(marks) if one["kind"] in FLEETING_MARKS), 0)
        del marks[drop]
    state["marks"] = marks


def knobs_of(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return the knobs of a complete spec by target, none of them turned yet."""
    parts = {
        target: {"name": spec[target]["name"], **spec[target].get("params", {})}
        for target in ("optimizer", "schedule")
        if target in spec
    }
    parts |= {f"{folder}.{name}": fields for folder in TOGGLED for name, fields in spec.get(folder, {}).items()}
    parts["training"] = spec.get("training", {})
    return {
        target: {field: {"value": value, "since": 0, "by": ""} for field, value in fields.items()}
        for target, fields in parts.items()
    }


def _copied(value: Any) -> Any:
    # what lies deeper is replaced by the fold and never changed in place, but for the fields of `captured`
    if isinstance(value, dict):
        return {key: list(one) if isinstance(one, list) else one for key, one in value.items()}
    return list(value) if isinstance(value, list) else value
