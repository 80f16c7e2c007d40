"""Writes docs/protocol.md from the protocol itself: `python docs/generate_protocol.py`."""

import ast
import inspect
import sys
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "protocol.md"
sys.path.insert(0, str(ROOT))

from trainer import protocol, runlog  # noqa: E402

HEAD = """# Protocol

<!-- Written by docs/generate_protocol.py from trainer/protocol.py and the docstrings of app/; do not edit. -->

Commands are imperative, events past tense: the grammar tells the direction. A command is appended by the server to
the run's `commands.log`; the trainer applies it between two steps and answers with an event in `events-<attempt>.log`.
An event travels from there to every browser that watches the run.

| in | read by | what it is |
| --- | --- | --- |
| `commands.log` | trainer | commands |
| `events-<attempt>.log` | server, `livefit train` | events of one attempt |
| websocket `/live` | browser | events as JSON; numbers and arrays as raw buffers |
"""

PLAN = """## The plan

`Started.plan`, and the answer of `POST /api/plans`: what a spec trains, found out on the meta device.

| field | what it is |
| --- | --- |
| `parameters`, `bytes` | numbers to train; an estimate of the memory of weights, gradients, moments and data |
| `layers` | one for each step from input to output: `name`, `kind`, `shape` of its output and the `formula` that it \
follows from, `weight`'s shape or null, `parameters` and how they are counted (`count`), names of the steps that it \
`takes` (two where a skip is added), its `place` in a list of layers, or null, and whether dropout strikes out units \
of it (`drops`) |
| `tensors` | names of weights and biases, as probes use them: `dense 1.weight` |
| `input_shape`, `outputs`, `classes` | of one sample; size of the answer; names of the classes, if any |
| `samples` | `train`, `validation`, `test` |
| `batch_size`, `steps_per_epoch`, `epochs`, `steps` | steps = samples x epochs / batch size, each epoch rounded up |
| `sweeps` | whether the schedule goes through learning rates to compare them: its loss is read over the rates |
| `problem` | `kind`, and what belongs to it: `loss`, `last_activation`, `metrics`; `why` in a sentence |
| `monitors` | names of what each epoch is judged by, which stopping and schedules may watch: `validation.f1` |
| `chance` | what always giving the best constant `answer` gets: `loss`, `accuracy` of `train` and `validation` |
| `download` | what has to be downloaded before the run can begin, `title` and `bytes`; null when nothing has |

## Names of series

| name | measured |
| --- | --- |
| `loss.data`, `loss.total` | each step: the loss on the data, and with all penalties |
| `penalty.<regularizer>` | each step while the regularizer is on |
| `optimizer.lr` | each step |
| `optimizer.momentum` | each step while the schedule cycles it: of Adam and its kin it is beta1 |
| `gradient_norm.<layer>`, `gradient_norm.all` | when the instrument budget allows: of weight and bias together |
| `update_ratio.<layer>` | when the budget allows: norm of the update over norm of the weight |
| `dead_units.<layer>` | when the budget allows: share of a hidden layer's units that are 0 for every sample |
| `alike_units.<layer>` | when the budget allows: share of a hidden layer's units that give the same |
| `saturated.<layer>` | when the budget allows: share of its values that lie at the ends of its activation function |
| `train.<metric>`, `validation.<metric>` | at the end of each epoch, at its last step; `auc` of validation alone |
| `test.<metric>` | once, at the end |

## Names of captures

A part of the data is `validation`, at the end of epochs (`train` where there is none), or `test`, once, at the end.

| probe | name | array |
| --- | --- | --- |
| `weights`, `gradients`, `activations`, `unit_norms` | a tensor or layer | the counts of its histogram, 64 bins |
| `confusion` | a part | counts (classes, classes), a row for each true class; of several labels (labels, 2, 2) |
| `roc` | a part | (classes, corners, 3): false and true positive rate, and threshold; of two classes the second alone |
"""


def page() -> str:
    """Return the whole page."""
    parts = [HEAD, f"## The log\n\n{purpose('trainer/runlog.py')}\n", facts_of_the_log()]
    for title, kinds in (("Commands", protocol.AnyCommand), ("Events", protocol.AnyEvent)):
        parts.append(f"## {title}\n")
        base = protocol.Command if title == "Commands" else protocol.Event
        parts.append(f"Every {title[:-1].lower()}: {inspect.cleandoc(base.__doc__ or '')}\n")
        parts.extend(message(kind, base) for kind in get_args(kinds))
    parts.append(PLAN)
    parts.append(f"## The websocket\n\n{purpose('app/live.py')}\n")
    parts.append(f"## Binary messages\n\n{purpose('app/wire.py')}\n")
    parts.append(f"## Several runs at once\n\n{purpose('app/groups/feed.py')}\n")
    parts.append(f"## The state of a run\n\n{purpose('app/state.py')}\n")
    parts.append(f"## The diagnosis of a run\n\n{purpose('app/diagnosis/__init__.py')}\n")
    parts.append(f"## Buckets\n\n{purpose('app/buckets.py')}\n")
    return "\n".join(parts)


def purpose(module: str) -> str:
    """Return a module's docstring; read, not imported, for the page needs no server."""
    return ast.get_docstring(ast.parse((ROOT / module).read_text(encoding="utf-8"))) or ""


def facts_of_the_log() -> str:
    """Return the numbers of the log format."""
    return (
        f"A frame's payload is the msgpack array `[seq, time, message]`: `seq` counts from 1 without gaps in each log, "
        f"`time` is in seconds since 1970, `message` a map with its `type`. A payload has at most "
        f"{runlog.MAX_PAYLOAD // 1024**2} MiB. The log is made durable each {runlog.SYNC_EVERY_S:g} s, and always "
        f"before a checkpoint becomes visible.\n"
    )


def message(kind: Any, base: Any) -> str:
    """Return one command or event: what it means, and its fields but for those that all have."""
    own = {field.name for field in msgspec.structs.fields(base)}
    fields = [field for field in msgspec.structs.fields(kind) if field.name not in own]
    summary, _, rest = inspect.cleandoc(kind.__doc__ or "").partition("\n")
    lines = [f"### `{kind.__struct_config__.tag}`", "", summary, ""]
    if rest.strip():
        lines += [rest.strip(), ""]
    if fields:
        lines += ["| field | type | default |", "| --- | --- | --- |", *(row(field) for field in fields), ""]
    return "\n".join(lines)


def row(field: msgspec.structs.FieldInfo) -> str:
    """Return one field as a row of a table."""
    default = "" if field.required else f"`{default_of(field)!r}`"
    return f"| `{field.name}` | {type_in_words(field.type)} | {default} |"


def default_of(field: msgspec.structs.FieldInfo) -> Any:
    """Return what a field is when it is left out."""
    return field.default if field.default is not msgspec.NODEFAULT else field.default_factory()


def type_in_words(kind: Any) -> str:
    """Return a type for a cell of a table."""
    if kind == protocol.Value:
        return "bool, int (64 bits), float, str (at most 200 characters) or list of int (at most 64)"
    if kind == protocol.Name:
        return "str (at most 100 characters)"
    if kind == protocol.Whole:
        return "int (64 bits)"
    kind = bare(kind)
    if kind is Any:
        return "anything"
    text = getattr(kind, "__name__", str(kind)) if isinstance(kind, type) and not get_args(kind) else str(kind)
    return text.replace("typing.", "").replace(str(bare(protocol.Value)), "value").replace("|", "or")


def bare(kind: Any) -> Any:
    """Return a type without its bounds, however deep they stand."""
    if get_origin(kind) is Annotated:
        return bare(get_args(kind)[0])
    if not get_args(kind) or get_origin(kind) is Literal:
        return kind
    inner = tuple(bare(one) for one in get_args(kind))
    return Union[inner] if get_origin(kind) in (Union, UnionType) else get_origin(kind)[inner]  # noqa: UP007


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
    print(f"wrote {TARGET.relative_to(ROOT)}")
