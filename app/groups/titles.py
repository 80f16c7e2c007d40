"""The words for paths of a spec, and for the components that stand there, as their schemas have them. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.form_values import CHOICES, TOGGLES

Catalog = Mapping[str, Any]


def titles(catalog: Catalog, rows: Iterable[Mapping[str, Any]], paths: Iterable[str]) -> dict[str, str]:
    """Return {path: title}, and {"path=name": title} for each component chosen there; what has none is left out.

    Args:
        rows: specs as `app.groups.variants.flat` gives them: they say which component a parameter belongs to.
    """
    rows = list(rows)
    found: dict[str, str] = {}
    for path in paths:
        head, *rest = path.split(".")
        names = dict.fromkeys(str(row[head]) for row in rows if head in row) if head in CHOICES else {}
        if head in CHOICES and not rest:
            known = {name: _schema(catalog, CHOICES[head], name).get("title") for name in names}
            found |= {f"{path}={name}": title for name, title in known.items() if title}
        elif head in CHOICES:
            words = [_field(_schema(catalog, CHOICES[head], name), rest[-1]) for name in names]
            if title := next(filter(None, words), None):
                found[path] = title
        elif head in TOGGLES:
            schema = _schema(catalog, head, rest[0])
            words = [schema.get("title"), _field(schema, rest[1]) if rest[1:] else ""]
            if all(word is not None for word in words):
                found[path] = ": ".join(filter(None, words))
        elif head == "training" and (title := _field(catalog.get("training") or {}, rest[-1])):
            found[path] = title
    return found


def _schema(catalog: Catalog, folder: str, name: str) -> Mapping[str, Any]:
    return (catalog.get(folder) or {}).get(name) or {}


def _field(schema: Mapping[str, Any], name: str) -> str | None:
    return schema.get("properties", {}).get(name, {}).get("title")
