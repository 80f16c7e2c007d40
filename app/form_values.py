"""A form's texts <-> the values of a spec: what a page's URL says, and how a value stands in a text box. Pure."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from app.entry_values import Schema, kinds_of, read_entries
from trainer.spec import RunSpec

Catalog = Mapping[str, Any]

# part of a spec -> folder of its components
CHOICES = {
    "dataset": "datasets",
    "model": "models",
    "loss": "losses",
    "optimizer": "optimizers",
    "schedule": "schedules",
}
TOGGLES = ("regularizers", "stopping", "probes")
START = ("run", "checkpoint")  # whose weights the run begins with
CHANGES = "changes"  # which a run makes by itself: in the URL changes.0, changes.1, ... are each the JSON of one


def read_query(
    catalog: Catalog, pairs: Iterable[tuple[str, str]], base: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the spec that a page's URL stands for. What cannot be read stays as typed: the plan says why.

    A parameter whose component the URL does not name is one of the component in `base`, what it is laid over.
    """
    given = dict(pairs)
    spec: dict[str, Any] = {"name": given["name"]} if "name" in given else {}
    if "seed" in given:
        spec["seed"] = read({"type": "integer"}, given["seed"])
    for key, folder in CHOICES.items():
        name = given.get(key) or ((base or {}).get(key) or {}).get("name") or RunSpec.model_fields[key].default.name
        values = _params(given, key, (catalog.get(folder) or {}).get(name, {}))
        if key in given or values:
            spec[key] = {"name": name, "params": values}
    for key in TOGGLES:
        for name, schema in (catalog.get(key) or {}).items():
            values = _params(given, f"{key}.{name}", schema)
            if f"{key}.{name}" in given:
                values["enabled"] = read({"type": "boolean"}, given[f"{key}.{name}"])
            if values:
                spec.setdefault(key, {})[name] = values
    if start := {key: given[f"start.{key}"] for key in START if given.get(f"start.{key}")}:
        spec["start"] = start
    places = sorted((one for one in given if re.fullmatch(rf"{CHANGES}\.[0-9]{{1,3}}", one)), key=_place)
    if places:
        spec[CHANGES] = [_json(given[one]) for one in places]
    if values := _params(given, "training", catalog["training"]):
        spec["training"] = values
    return spec


def fitting(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return a spec without its components of another shape, which no form can show.

    A group keeps what was asked for: what varies may have stood in the place of anything.
    """
    found = dict(spec)
    for key in CHOICES.keys() & spec.keys():
        if not (_is_component(spec[key]) and isinstance((spec[key] or {}).get("name", ""), str)):
            del found[key]
    for key in set(TOGGLES) & spec.keys():
        rows = spec[key] if isinstance(spec[key], Mapping) else {}
        found[key] = {name: one for name, one in rows.items() if _is_component(one)}
    return found


def _is_component(value: Any) -> bool:
    return value is None or (isinstance(value, Mapping) and isinstance(value.get("params") or {}, Mapping))


def merge(spec: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a spec with changes laid over it; another component takes none of the old one's parameters."""
    merged = dict(spec)
    for key, new in changes.items():
        old = spec.get(key)
        swapped = isinstance(old, Mapping) and old.get("name") != new.get("name") if key in CHOICES else False
        merged[key] = merge(old, new) if isinstance(old, Mapping) and isinstance(new, Mapping) and not swapped else new
    return merged


def read(schema: Schema, text: str) -> Any:
    """Return the value that a text stands for by its schema, or the text itself if it stands for none."""
    kind = schema.get("type")
    try:
        if "const" in schema:
            return schema["const"] if text == shown(schema["const"]) else text
        if kind == "boolean":
            return text.lower() in ("on", "true", "1", "yes")
        if kind == "array":
            return [int(part) for part in re.split(r"[\s,]+", text.strip("[] ")) if part]
        if kind == "object":
            return _layers(text)
        if kind == "integer":
            return int(float(text)) if float(text) == int(float(text)) else float(text)
        return float(text) if kind == "number" else text
    except (ValueError, OverflowError):
        return text


def shown(value: Any) -> str:
    """Return a value as it stands in a text box: 0.00001 as 1e-05, lists with commas."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list | tuple):
        return ", ".join(map(shown, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {shown(number)}" for name, number in value.items())
    if isinstance(value, float):
        return f"{value:.12g}"
    return "" if value is None else str(value)


def _place(path: str) -> int:
    return int(path.rpartition(".")[2])


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _layers(text: str) -> dict[str, float]:
    found = {}
    for pair in filter(str.strip, text.split(",")):
        name, _, number = pair.rpartition(":")
        if not name.strip():
            raise ValueError(f"{pair!r} names no layer")
        found[name.strip()] = float(number)
    return found


def _params(given: Mapping[str, str], path: str, schema: Schema) -> dict[str, Any]:
    found = {}
    for name, one in schema.get("properties", {}).items():
        where = f"{path}.{name}"
        if kinds_of(one):
            found[name] = read_entries(one, given, where, read)
        elif where in given:
            found[name] = read(one, given[where])
    return {name: one for name, one in found.items() if one is not None}
