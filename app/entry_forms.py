"""A list of typed entries in a form, such as the layers of a network: rows, a set of fields for each kind. Pure.

Fields are named by their place: `model.layers.2.kernel`. The first field of an entry has its kind's own name, and
is written even where it is at its default: it says what the entry is.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.entry_values import Schema, kinds_of, named
from app.form_values import shown

ANY_PLACE = "0"  # of the fields of a template; scripts number them anew


@dataclass(frozen=True)
class Example:
    """A list to begin with. `value` is JSON: a mapping from field to text for each entry."""

    title: str
    help: str
    value: str


@dataclass(frozen=True)
class Entries:
    """The rows of a list, what a new row of each kind looks like, and lists to begin with. All rows are Variants."""

    noun: str
    rows: list[Any]
    kinds: list[Any]
    examples: list[Example]


def entries(path: str, schema: Schema, value: Any, variant: Callable[..., Any]) -> Entries:
    """Return the list at `path`, filled with `value`; `variant` makes the face of one kind, with its fields."""
    kinds = {one["name"]: one for one in kinds_of(schema)}

    def face(place: str, name: str, entry: Mapping[str, Any]) -> Any:
        # a kind that there is not keeps what was typed: the plan says that there is none
        known = kinds.get(name) or {"properties": {key: {"type": "string", "title": key} for key in entry}}
        given = {key: one for key, one in entry.items() if one is not None}
        made = variant(f"{path}.{place}", name, known, given, chosen=True)
        first = [replace(one, always=one.name == name) for one in made.fields]
        return replace(made, fields=first)

    rows = value if isinstance(value, list) else []
    return Entries(
        noun=schema.get("x-noun", "entry"),
        rows=[face(str(place), *named(kinds, entry)) for place, entry in enumerate(rows)],
        kinds=[face(ANY_PLACE, name, {}) for name in kinds],
        examples=[
            Example(one["title"], one["description"], json.dumps([_texts(entry) for entry in one["value"]]))
            for one in schema.get("x-examples", ())
        ],
    )


def _texts(entry: Mapping[str, Any]) -> dict[str, str]:
    return {key: shown(one) for key, one in entry.items()}
