"""What server and trainer say to one another. No torch.

Commands are imperative, events past tense: the grammar tells the direction. All are typed structs
that refuse unknown fields. On disk they are msgpack inside the frames of `trainer.runlog`; commands
travel from the browser as JSON of the same shape. docs/protocol.md is made from this file.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct, structs

Name = Annotated[str, Meta(max_length=100)]
Whole = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Layers = Annotated[dict[Name, float], Meta(max_length=64)]  # a number for each layer that is named
Value = (
    bool | Whole | float | Annotated[str, Meta(max_length=200)] | Annotated[list[Whole], Meta(max_length=64)] | Layers
)


def snake(name: str) -> str:
    """Return the tag of a struct: its class name in lower case."""
    return name.lower()


class Command(Struct, tag_field="type", tag=snake, forbid_unknown_fields=True, kw_only=True):
    """Something asked of a trainer. `id` pairs it with its answer, `by` says who asked."""

    id: str = ""
    by: str = ""


class Change(Command):
    """Turn one live knob. `target` is a readable path: optimizer, regularizers.l2, probes.weights, training."""

    target: Name
    field: Name
    value: Value


class Swap(Command):
    """Take another optimizer or schedule in mid-run; `state` says what becomes of the moments."""

    target: Literal["optimizer", "schedule"]
    name: Name
    params: Annotated[dict[Name, Value], Meta(max_length=64)] = {}
    state: Literal["reset", "keep", "transfer"] = "reset"


class Pause(Command):
    """Hold before the next step."""


class Resume(Command):
    """Go on after a pause."""


class Step(Command):
    """Train so many steps or epochs more, then pause."""

    count: Whole = 1
    unit: Literal["steps", "epochs"] = "steps"


class Stop(Command):
    """End the run for good: save it, then finish."""


class Save(Command):
    """Save a checkpoint now."""

    name: Name = ""


class Measure(Command):
    """Take one probe at the next step, whatever it costs."""

    probe: Name


AnyCommand = Change | Swap | Pause | Resume | Step | Stop | Save | Measure
OF_SPEC = "changes."  # with which the ids of changes begin that a spec asks for: changes.0


def named(command: AnyCommand, end: int) -> AnyCommand:
    """Return a command with an id: one without is known by the byte of commands.log at which it ends.

    So is one whose id is that of a change of the spec: it must not pass for it.
    """
    own = command.id and not command.id.startswith(OF_SPEC)
    return command if own else structs.replace(command, id=f"at-{end}")


class Event(Struct, tag_field="type", tag=snake, forbid_unknown_fields=True, kw_only=True):
    """Something that happened in a trainer. `step` counts updates done: 0 before the first."""

    step: int = 0


class Started(Event):
    """An attempt began. Attempt n > 1 goes on from `step`: later events of earlier attempts are superseded.

    checkpoint: the name of the one that it began from · chosen: somebody chose it. Of what stands in the first
    `forgets` bytes of commands.log only that is taken again which took hold before `step`.
    """

    attempt: int
    spec: dict[str, Any]
    plan: dict[str, Any]
    pid: int
    device: str
    versions: dict[str, str] = {}
    checkpoint: str = ""
    chosen: bool = False
    forgets: int = 0


class Measured(Event):
    """Numbers of one probe over many steps, as parallel columns. `step` is the last of them.

    steps: int64, little endian, (n,) · columns: name -> float32, little endian, (n,). NaN is a value.
    """

    probe: str
    steps: bytes
    columns: dict[str, bytes]


class Captured(Event):
    """One array of one probe at one step: a histogram of a tensor, a confusion matrix. Replaces what it showed before.

    data: `shape` values of `dtype`, little endian · facts of a histogram: low, high (its edges), mean, std,
    q05, q25, q50, q75, q95 (quantiles), count, zeros, nan, neg_inf, pos_inf · of a ROC curve: area and area.<class>,
    false.<class> and true.<class> (the rates of what is answered).
    """

    probe: str
    name: str
    shape: list[int]
    dtype: Literal["float32", "uint32"]
    data: bytes
    facts: dict[str, float] = {}


class Thinned(Event):
    """Stands for `count` entries one after another, all `Captured`, that were taken out of the log of an ended attempt.

    Its own `seq` is that of the last of them, `step` too: nothing else of the log is renumbered.
    """

    count: Annotated[int, Meta(ge=1)]


class Epoch(Event):
    """An epoch ended and was evaluated. metrics: train.loss, validation.loss, train.accuracy, ..."""

    epoch: int
    metrics: dict[str, float]
    best: bool = False


class Changed(Event):
    """A knob was turned, and took hold before step `step` + 1."""

    target: str
    field: str
    old: Any
    new: Any
    by: str = ""
    command: str = ""
    note: str = ""


class Rejected(Event):
    """A command was refused; nothing changed."""

    reason: str
    target: str = ""
    field: str = ""
    by: str = ""
    command: str = ""


class Paused(Event):
    """Training holds after `step`."""

    by: str = ""
    command: str = ""


class Resumed(Event):
    """Training goes on after a pause; `until` a step, where it was asked for some steps only."""

    by: str = ""
    command: str = ""
    until: int | None = None


class Saved(Event):
    """A checkpoint is on the disk. path is relative to the run's folder, size in bytes."""

    name: str
    path: str
    sha256: str
    size: int
    metrics: dict[str, float] = {}
    command: str = ""


class Marked(Event):
    """Anything worth a mark on the charts. kind: nan, best, lr, measured, disk (it was full), damage."""

    kind: str
    text: str
    command: str = ""


class Overhead(Event):
    """What instruments cost in the last second. share: of wall time; probes: seconds by probe."""

    share: float
    probes: dict[str, float]
    steps_per_second: float


class Finished(Event):
    """The run came to its end. reason: completed, stopped, early stopping. metrics: of the test part too.

    suggests: knobs that it has found a value for, by their paths: what a learning-rate finder is for.
    """

    reason: str
    epoch: int
    metrics: dict[str, float] = {}
    suggests: dict[str, float] = {}
    by: str = ""
    command: str = ""


class Interrupted(Event):
    """The trainer was asked to save itself and go (SIGTERM); a later attempt goes on from here."""

    reason: str


class Failed(Event):
    """The run cannot go on. reason in a sentence, hint says what to do."""

    reason: str
    hint: str = ""
    traceback: str = ""


AnyEvent = (
    Started | Measured | Captured | Thinned | Epoch | Changed | Rejected | Paused | Resumed | Saved | Marked | Overhead
    | Finished | Interrupted | Failed
)  # fmt: skip


class Entry(Struct, array_like=True):
    """One frame of a log: `seq` from 1 without gaps, wall-clock `time` in seconds, and what was said."""

    seq: int
    time: float
    said: AnyEvent | AnyCommand

    @property
    def first(self) -> int:
        """The `seq` of the first entry that this one stands for: its own, but for `Thinned`."""
        return self.seq - self.said.count + 1 if isinstance(self.said, Thinned) else self.seq


encode = msgspec.msgpack.Encoder().encode
_entry = msgspec.msgpack.Decoder(Entry)
_command = msgspec.json.Decoder(AnyCommand)


def decode(payload: bytes) -> Entry:
    """Return the entry in a frame.

    Raises:
        msgspec.DecodeError: not an entry of this version.
    """
    return _entry.decode(payload)


def read_command(data: bytes | dict[str, Any]) -> AnyCommand:
    """Return the command in JSON text or a mapping.

    Raises:
        msgspec.ValidationError: no such command, an unknown field, or a value of the wrong type.
    """
    return msgspec.convert(data, AnyCommand) if isinstance(data, dict) else _command.decode(data)
