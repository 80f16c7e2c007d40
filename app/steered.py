"""What was changed in a run while it trained, as `changes` of a spec that repeats it bit for bit."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.errors import Damaged
from app.form_values import shown
from app.run_folder import event_logs
from trainer.protocol import OF_SPEC, AnyCommand, Change, Changed, Saved, Started, Swap, named
from trainer.runlog import LogDamaged, read_all

# they change what one sees of a run, and nothing that it computes
WATCHING = ("probes.", "training.speed", "training.budget", "training.checkpoint")


def changes_of(folder: Path, own: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the changes that a run took, each with its step; of its `own`, those of its spec, also what is to come.

    Reads all that was said, so not on the event loop.

    Raises:
        Damaged: the logs cannot be read to their end.
    """
    try:
        asked, taken = _asked(folder / "commands.log"), _taken(folder)
    except LogDamaged as damage:
        hint = "Run it again without its changes, and write those that you know into the spec."
        raise Damaged(str(damage), hint) from None
    of_spec = {f"{OF_SPEC}{place}": one for place, one in enumerate(own)}
    found = []
    for one, step in sorted(taken.items(), key=lambda each: each[1]):
        if one in of_spec:
            found.append(of_spec[one])
        elif (command := asked.get(one)) and (said := _said(command, step)):
            found.append(said)
    return found + [one for place, one in of_spec.items() if place not in taken]


def lines(changes: Any) -> list[dict[str, Any]]:
    """Return changes as a form lists them: {"value", "key": epoch or step, "count", "what", "becomes"}."""
    return [{"value": one, **_line(one)} for one in changes] if isinstance(changes, list) else []


def _line(change: Any) -> dict[str, Any]:
    if not isinstance(change, dict):
        return {"key": "", "count": 0, "what": shown(change), "becomes": ""}
    key = "epoch" if "epoch" in change else "step"
    what, field, becomes = str(change.get("target", "")), change.get("field"), shown(change.get("value"))
    if field and field != "enabled":
        what = f"{what}.{field}"
    if "name" in change:
        params = change.get("params")
        becomes = ", ".join(filter(None, (shown(change["name"]), shown(params) if isinstance(params, dict) else "")))
    return {"key": key, "count": change.get(key, ""), "what": what, "becomes": becomes}


def _asked(log: Path) -> dict[str, AnyCommand]:
    commands = (named(entry.said, frame.end) for entry, frame in read_all(log)) if log.exists() else ()
    return {one.id: one for one in commands}


def _taken(folder: Path) -> dict[str, int]:
    """Return the ids of the changes on the present line, in their order, with the steps at which they took hold."""
    taken: dict[str, int] = {}
    by_checkpoint: dict[str, dict[str, int]] = {}
    for log in event_logs(folder):
        for entry, _ in read_all(log):
            match entry.said:
                case Started(chosen=True, checkpoint=name, step=step):
                    before = {one: at for one, at in taken.items() if at < step}
                    taken = dict(by_checkpoint.get(name, before))
                case Saved(path=path):
                    by_checkpoint[Path(path).name] = dict(taken)
                case Changed(command=command, step=step) if command:
                    taken[command] = step
    return taken


def _said(command: AnyCommand, step: int) -> dict[str, Any] | None:
    match command:
        case Change(target=target, field=field, value=value):
            turned = {"step": step, "target": target, "field": field, "value": value}
            return None if f"{target}.{field}".startswith(WATCHING) else turned
        case Swap(target=target, name=name, params=params, state=state):
            return {"step": step, "target": target, "name": name, "params": params, "state": state}
    return None
