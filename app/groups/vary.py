"""One spec, and what varies in it -> the specs of several runs, each with a label. Pure.

A path names a place in a spec: `optimizer.params.lr`, `regularizers.l2.strength`, `training.batch_size`, `seed`; or a
whole choice or toggle: `optimizer`, whose values are names or {"name", "params"}, `regularizers.dropout`, whose values
are true, false or {"rate": 0.5}. The paths that a form has are taken as well: `optimizer.lr`.

Seeds, folds and bootstrap samples repeat a run: they are no variants of it, and all of them repeat every variant.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any, Literal, NamedTuple

from app.errors import BadGroup
from app.form_values import CHOICES, TOGGLES
from app.groups.wording import Wording, mapping_of, short_names
from trainer.spec import RunSpec

MAX_MEMBERS = 100
MAX_LABEL = 200
REPEATS = ("seed", "dataset.params.fold", "dataset.params.bootstrap")

PLAIN = ("seed", "start", "changes")  # places that are set whole

Spec = dict[str, Any]


@dataclass(frozen=True)
class Vary:
    """A place in a spec, and the values that it takes in turn."""

    path: str
    values: tuple[Any, ...]


class Member(NamedTuple):
    """One run to be: the label of its variant, and its spec."""

    label: str
    spec: Spec


def members(
    spec: Mapping[str, Any],
    vary: list[Vary],
    combine: Literal["each", "grid"] = "grid",
    *,
    baseline: bool = False,
    wording: Wording | None = None,
) -> list[Member]:
    """Return the runs that a spec and what varies in it stand for.

    Args:
        spec: of which all are variants; may be wrong, which the plan will say.
        vary: paths with their values. Wider paths are set before narrower ones, in whatever order they come.
        combine: `grid` takes every combination; `each` lets one path vary at a time, the others stay as in `spec`.
        baseline: with `each`, the spec as it is comes first.
        wording: of the labels; short names of paths where there is none.

    Raises:
        BadGroup: a path that is no place in a spec, a path twice, or more than 100 runs.
    """
    vary = [Vary(canonical(one.path, place), one.values) for place, one in enumerate(vary)]
    for place, one in enumerate(vary):
        if one.path in [before.path for before in vary[:place]]:
            _refuse(f"vary.{place}.path", f"{one.path} varies twice. Put all its values into one list.")
    repeats = [one for one in vary if one.path in REPEATS]
    wide = sorted((one for one in vary if one.path not in REPEATS), key=lambda one: one.path.count("."))
    _check_count(wide, repeats, combine, baseline)
    wording = wording or Wording(short_names([one.path for one in wide]))
    found = []
    for variant in _variants(wide, combine, baseline):
        label = wording.label(variant)
        for repeat in product(*(one.values for one in repeats)):
            given = dict(spec)
            for path, value in [*variant.items(), *zip((one.path for one in repeats), repeat, strict=True)]:
                given = assigned(given, path, value)
            found.append(Member(label[:MAX_LABEL] if wide else "", given))
    return found


def assigned(spec: Mapping[str, Any], path: str, value: Any) -> Spec:
    """Return a spec with one place set. A toggle of which a parameter is set is switched on."""
    head, *rest = path.split(".")
    old = spec.get(head)
    if rest and not isinstance(old, Mapping | None):
        return dict(spec)  # what is wrong with it, the plan says
    if not rest:
        return {**spec, head: _chosen(old, value) if head in CHOICES else value}
    if head in TOGGLES:
        rows = old if isinstance(old, Mapping) else {}
        return {**spec, head: {**rows, rest[0]: _toggled(rows.get(rest[0]), rest[1:], value)}}
    if head in CHOICES:
        choice = old if isinstance(old, Mapping) else {"name": RunSpec.model_fields[head].default.name}
        return {**spec, head: {**choice, "params": {**mapping_of(choice.get("params")), rest[-1]: value}}}
    return {**spec, head: {**mapping_of(old), rest[-1]: value}}


def _chosen(old: Any, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    # the same component keeps its parameters; another takes none of them
    return old if isinstance(old, Mapping) and old.get("name") == value else {"name": value, "params": {}}


def _toggled(old: Any, rest: list[str], value: Any) -> Any:
    known = mapping_of(old)
    known = {key: one for key, one in known.items() if key != "params"} | mapping_of(known.get("params"))
    if rest:
        return {**known, "enabled": True, rest[-1]: value}
    if isinstance(value, Mapping):
        return {**known, "enabled": True, **value}
    return {**known, "enabled": value}


def canonical(path: str, place: int) -> str:
    """Return a path as it is kept; `place` says where it stands among those that vary.

    Raises:
        BadGroup: it is no place in a spec.
    """
    head, *rest = path.split(".")
    if head in TOGGLES and 1 <= len(rest) <= 3 and all(rest):
        rest = [one for at, one in enumerate(rest) if not (at == 1 and one == "params")]
        return ".".join([head, *(rest[:1] if rest[1:] == ["enabled"] else rest[:2])])
    if head in CHOICES and len(rest) <= 2 and all(rest):
        if not rest or rest == ["name"]:
            return head
        if len(rest) == 1 or rest[0] == "params":
            return f"{head}.params.{rest[-1]}"
    if path in PLAIN or (head == "training" and len(rest) == 1 and rest[0]):
        return path
    known = ", ".join([*CHOICES, *TOGGLES, "training", *PLAIN])
    return _refuse(
        f"vary.{place}.path", f"{path!r:.80} is no place in a spec that can vary. It begins with one of: {known}."
    )


def _check_count(wide: list[Vary], repeats: list[Vary], combine: str, baseline: bool) -> None:
    sizes = [len(one.values) for one in wide]
    variants = prod(sizes) if combine == "grid" or not sizes else sum(sizes) + baseline
    count = variants * prod(len(one.values) for one in repeats)
    if count > MAX_MEMBERS:
        _refuse("vary", f"these are {count:,} runs; a group has at most {MAX_MEMBERS}. Take fewer values.")


def _variants(wide: list[Vary], combine: str, baseline: bool) -> Iterator[dict[str, Any]]:
    if combine == "grid" or not wide:
        for values in product(*(one.values for one in wide)):
            yield dict(zip((one.path for one in wide), values, strict=True))
        return
    if baseline:
        yield {}
    for one in wide:
        for value in one.values:
            yield {one.path: value}


def _refuse(path: str, message: str) -> Any:
    raise BadGroup([{"path": path, "message": message, "members": []}])
