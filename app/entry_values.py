"""The texts of a page's URL -> a list of typed entries, such as the layers of a network. Pure.

An entry is a mapping whose kind is one of its keys: model.layers.0.conv=16&model.layers.0.kernel=5 is {conv: 16,
kernel: 5}. A path alone, without a text, is a list of nothing.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]


def kinds_of(schema: Schema) -> Sequence[Schema]:
    """Return the kinds of entries that a list may hold; none where it is no list of entries."""
    return (schema.get("items") or {}).get("oneOf", ())


def read_entries(schema: Schema, given: Mapping[str, str], path: str, read: Callable[..., Any]) -> list[Any] | None:
    """Return the list that a page's URL stands for, or None where it says nothing of it."""
    kinds = {one["name"]: one for one in kinds_of(schema)}
    texts: dict[int, dict[str, str]] = {}
    for key, text in given.items():
        if found := re.fullmatch(rf"{re.escape(path)}\.(\d{{1,9}})\.(\w+)", key):
            texts.setdefault(int(found[1]), {})[found[2]] = text
    if not texts:
        return [] if path in given else None
    return [_read_entry(kinds, texts[place], read) for place in sorted(texts)]


def _read_entry(kinds: Mapping[str, Schema], texts: Mapping[str, str], read: Callable[..., Any]) -> dict[str, Any]:
    name, _ = named(kinds, texts)
    known = kinds.get(name, {}).get("properties", {})
    # the kind first, as one writes it
    keys = sorted(texts, key=lambda key: key != name)
    return {key: read(known.get(key, {"type": "string"}), texts[key]) for key in keys}


def named(kinds: Mapping[str, Schema], entry: Any) -> tuple[str, Mapping[str, Any]]:
    """Return the kind of an entry, or what stands where it should, and its values."""
    if not isinstance(entry, Mapping) or not entry:
        return str(entry), {str(entry): None}
    return str(next((key for key in entry if key in kinds), next(iter(entry)))), entry
