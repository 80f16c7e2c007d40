"""What tells the runs of a group apart: which paths of their specs differ, and which runs are one variant. Pure.

Two runs are the same variant when their specs differ in nothing but seed, fold, bootstrap sample, name and probes: they
repeat one another, and what they measured is shown as a mean with its spread. Where whoever launched them gave each
variant a label, runs of two labels are two variants all the same: the folds of a lesson, or one spec trained twice.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.form_values import CHOICES, TOGGLES
from app.groups.vary import REPEATS

Spec = Mapping[str, Any]
Count = Callable[[str, int], str]  # what repeats, how often -> "4 folds"
BETWEEN = " · "  # the parts of a run's name
MISSING = None  # of a path that a spec does not have: another component's parameter, or one that is off


@dataclass
class Variant:
    """Runs that repeat one another. `places`: where they stand among all, from 0."""

    label: str
    places: list[int] = field(default_factory=list)


def flat(spec: Spec) -> dict[str, Any]:
    """Return a complete spec as {path: value}; of a component that is off only that."""
    return dict(_flat(spec))


def _flat(spec: Spec) -> Iterator[tuple[str, Any]]:
    for key, value in spec.items():
        if key in CHOICES:
            yield key, value["name"]
            yield from ((f"{key}.params.{name}", one) for name, one in value["params"].items())
        elif key in TOGGLES:
            for name, fields in value.items():
                on = bool(fields.get("enabled"))
                yield f"{key}.{name}", on
                yield from ((f"{key}.{name}.{one}", fields[one]) for one in fields if on and one != "enabled")
        elif key == "training":
            yield from ((f"{key}.{name}", one) for name, one in value.items())
        elif key != "name":
            yield key, value


def differing(specs: Sequence[Spec]) -> list[str]:
    """Return the paths in which complete specs differ, those that vary on purpose before seed and fold.

    A parameter of a component that only some have differs only if it does among those that have it.
    """
    rows = [flat(one) for one in specs]
    paths = list(dict.fromkeys(path for row in rows for path in row))
    # a switch that a spec does not name stands where it stands by itself: probes are on, all else is off
    switches = {path: path.startswith("probes.") for path in paths if is_switch(path)}
    rows = [switches | row for row in rows]
    found = [path for path in paths if _differs(path, rows)]
    return [one for one in found if one not in REPEATS] + [one for one in found if one in REPEATS]


def _differs(path: str, rows: Sequence[Mapping[str, Any]]) -> bool:
    owner = path.partition(".params.")[0] if ".params." in path else path
    values: dict[Any, set[str]] = {}
    for row in rows:
        if path in row:
            # a parameter is compared among runs that have the same component there
            values.setdefault(row[owner] if owner != path else "", set()).add(_key(row[path]))
    there = sum(path in row for row in rows)
    plain = owner == path and path.partition(".")[0] not in TOGGLES
    return any(len(one) > 1 for one in values.values()) or (plain and 0 < there < len(rows))


def variants(
    specs: Sequence[Spec], labels: Sequence[str], *, by_label: bool = False, count: Count | None = None
) -> list[Variant]:
    """Return which runs are one variant, in the order of the first of each.

    A variant is called as its runs are. Where each of them is called otherwise, it is called after what their names
    have in common and what varies: four folds are "4 folds", and not "fold 1".

    Args:
        specs: complete, of the runs.
        labels: of the runs, or their names.
        by_label: labels are of variants, and not of runs: two of them are never one variant.
        count: says how often what repeats, in the language of a page; by itself in English.
    """
    found: dict[tuple[str, str], list[int]] = {}
    for place, (spec, label) in enumerate(zip(specs, labels, strict=True)):
        kept = {path: one for path, one in flat(spec).items() if _makes_a_variant(path, one)}
        found.setdefault((label if by_label else "", _key(kept)), []).append(place)
    of_one = len(found) == 1
    return [
        Variant(_called([specs[one] for one in at], [labels[one] for one in at], count or _count, of_one), at)
        for at in found.values()
    ]


def _called(specs: Sequence[Spec], labels: Sequence[str], count: Count, of_one: bool) -> str:
    if len(set(labels)) == 1:
        return labels[0]
    rows = [flat(one) for one in specs]
    times = {path: len({_key(row.get(path)) for row in rows}) for path in repeats(specs)}
    told = " × ".join(count(path.rpartition(".")[2], n) for path, n in times.items()) or count("run", len(specs))
    names = [one.split(BETWEEN) for one in labels]
    # what all names have in common tells a variant from others; where there is no other, the page is called so
    common = [] if of_one else [part for part in names[0] if part and all(part in one for one in names)]
    return BETWEEN.join([*common, told])


def _count(what: str, n: int) -> str:
    return f"{n} {what}s"


def is_switch(path: str) -> bool:
    """Return whether a path is that of a component being on or off."""
    return path.count(".") == 1 and path.partition(".")[0] in TOGGLES


def _makes_a_variant(path: str, value: Any) -> bool:
    # watching does not change what is watched, and what is off leaves no trace
    return path not in REPEATS and not path.startswith("probes.") and not (is_switch(path) and not value)


def repeats(specs: Sequence[Spec]) -> list[str]:
    """Return which of seed and fold differ among specs."""
    rows = [flat(one) for one in specs]
    return [path for path in REPEATS if len({_key(row.get(path)) for row in rows}) > 1]


def repeat_told(spec: Spec, paths: Sequence[str]) -> str:
    """Return what a run is among those that repeat it: "seed 2, fold 1"."""
    row = flat(spec)
    return ", ".join(f"{path.rpartition('.')[2]} {row[path]}" for path in paths if path in row)


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
