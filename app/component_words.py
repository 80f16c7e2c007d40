"""The words of components in another language, laid over their schemas before a page is made of them. Pure.

static/texts/components.<language>.json maps each title, summary, help, unit and choice as it stands in the
component's file (in one line) to one of that language: what several say alike is translated once. A choice of words
stands there as "choice: go on", a word that one folder alone means otherwise as "probes: Rate".
"""

from collections.abc import Mapping
from typing import Any

Words = Mapping[str, str]


def translated(catalog: Mapping[str, Any], words: Words) -> Mapping[str, Any]:
    """Return the schemas of every component with the words of another language; what has none stays English."""
    if not words:
        return catalog
    folders = {
        folder: {name: _component(schema, words, folder) for name, schema in found.items()}
        for folder, found in catalog.items()
        if folder != "training"
    }
    return folders | {"training": _component(catalog["training"], words, "training")}


def _component(schema: Mapping[str, Any], words: Words, folder: str) -> dict[str, Any]:
    faces = {key: _in(words, schema[key], folder) for key in ("title", "summary", "help")}
    fields = {name: _field(one, words, folder) for name, one in schema["properties"].items()}
    return {**schema, **faces, "properties": fields}


def _field(schema: Mapping[str, Any], words: Words, folder: str) -> dict[str, Any]:
    faces = {key: _in(words, schema[key], folder) for key in ("title", "description", "x-unit")}
    labels = {one: words[_choice(one)] for one in schema.get("enum", ()) if _choice(one) in words}
    return {**schema, **faces, "x-labels": labels, **_entries(schema, words, folder)}


def _entries(schema: Mapping[str, Any], words: Words, folder: str) -> dict[str, Any]:
    """Return the kinds of a list of entries, which are components themselves, and its examples."""
    if not (kinds := schema.get("items", {}).get("oneOf")):
        return {}
    examples = [
        {**one, **{key: _in(words, one[key], folder) for key in ("title", "description")}}
        for one in schema["x-examples"]
    ]
    translated = [_component(one, words, schema["x-folder"]) for one in kinds]
    return {"items": {"oneOf": translated}, "x-examples": examples}


def _in(words: Words, text: str, folder: str) -> str:
    key = _key(text)
    return words.get(f"{folder}: {key}") or words.get(key, text)


def _key(text: str) -> str:
    return " ".join(text.split())


def _choice(name: str) -> str:
    return f"choice: {name}"
