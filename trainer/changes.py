"""Changes that a spec asks for in advance: each is a command, taken at its step as if somebody had sent it then.

Its id is its place in the spec, so that a checkpoint knows which it has taken, as it does of the commands of people.
"""

from trainer.protocol import OF_SPEC, Change, Swap
from trainer.run import Run
from trainer.spec import PlannedChange

BY = "the spec"


def waiting(run: Run) -> list[tuple[int, Change | Swap]]:
    """Return the changes that a run as it stands has yet to take, each with the step that it waits for."""
    found = [(due(one, run.steps_per_epoch), command(one, place)) for place, one in enumerate(run.changes)]
    return sorted((one for one in found if one[1].id not in run.answered), key=lambda one: one[0])


def due(change: PlannedChange, steps_per_epoch: int) -> int:
    """Return after which step a change takes hold."""
    return change.step if change.epoch is None else change.epoch * steps_per_epoch


def command(change: PlannedChange, place: int) -> Change | Swap:
    """Return the command that a change is; `place` says where it stands in the spec."""
    said = {"id": f"{OF_SPEC}{place}", "by": BY, "target": change.target}
    if change.name is None:
        return Change(**said, field=change.field, value=change.value)
    return Swap(**said, name=change.name, params=change.params, state=change.state)
