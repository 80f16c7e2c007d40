"""A spec as pairs of path and value, as the address of the new-run form has them, and back. Pure.

`optimizer: sgd`, `optimizer.lr: 0.1`, `regularizers.l2: true`, `regularizers.l2.strength: 0.1`, `training.epochs: 5`.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from app.form_values import CHANGES, CHOICES, TOGGLES, shown
from trainer.spec import RunSpec

Pairs = Mapping[str, Any]
PLAIN = ("name", "seed", CHANGES)


class BadPath(ValueError):
    """A path that is no place in a spec. The text says which there are."""


def spec_of(pairs: Pairs) -> dict[str, Any]:
    """Return the spec that pairs stand for. A toggle of which a parameter is set is on, unless it is said to be off.

    Raises:
        BadPath: a path is no place in a spec.
    """
    spec: dict[str, Any] = {}
    # a name before the parameters of what it names, in whatever order they come
    for path, value in sorted(pairs.items(), key=lambda one: one[0].count(".")):
        head, *rest = path.split(".")
        if head in PLAIN and not rest:
            spec[head] = value
        elif head in CHOICES and len(rest) <= 1:
            choice = spec.setdefault(head, {"name": RunSpec.model_fields[head].default.name, "params": {}})
            if rest:
                choice["params"][rest[0]] = value
            else:
                choice["name"] = value
        elif head in TOGGLES and 1 <= len(rest) <= 2:
            toggle = spec.setdefault(head, {}).setdefault(rest[0], {"enabled": True})
            toggle[rest[1] if len(rest) == 2 else "enabled"] = value
        elif head == "training" and len(rest) == 1:
            spec.setdefault(head, {})[rest[0]] = value
        else:
            known = ", ".join([*PLAIN, *CHOICES, *TOGGLES, "training"])
            raise BadPath(f"{path!r:.80} is no place in a spec, as optimizer.lr is. It begins with one of: {known}.")
    return spec


def laid_over(pairs: Pairs, changes: Pairs) -> dict[str, Any]:
    """Return pairs with changes laid over them; another component takes none of the old one's parameters."""
    swapped = [path for path, value in changes.items() if path in CHOICES and pairs.get(path, value) != value]
    kept = {path: value for path, value in pairs.items() if path.partition(".")[0] not in swapped}
    return {**kept, **changes}


def query_of(spec: Mapping[str, Any]) -> dict[str, str]:
    """Return what the address of the new-run form says of a spec; each entry of a list of layers by its place."""
    found: dict[str, Any] = {key: spec[key] for key in PLAIN if key in spec and key != CHANGES}
    for key in CHOICES:
        if key in spec:
            found[key] = spec[key]["name"]
            found |= {f"{key}.{name}": value for name, value in spec[key].get("params", {}).items()}
    for key in TOGGLES:
        for name, fields in spec.get(key, {}).items():
            found[f"{key}.{name}"] = fields.get("enabled", True)
            found |= {f"{key}.{name}.{field}": value for field, value in fields.items() if field != "enabled"}
    found |= {f"training.{name}": value for name, value in spec.get("training", {}).items()}
    planned = {f"{CHANGES}.{place}": json.dumps(one) for place, one in enumerate(spec.get(CHANGES, ()))}
    return {path: shown(value) for path, value in _by_place(found)} | planned


def _by_place(pairs: Pairs) -> Iterator[tuple[str, Any]]:
    for path, value in pairs.items():
        if not (isinstance(value, list) and any(isinstance(entry, Mapping) for entry in value)):
            yield path, value
            continue
        for place, entry in enumerate(value):
            for name, one in (entry if isinstance(entry, Mapping) else {entry: True}).items():
                yield f"{path}.{place}.{name}", one
