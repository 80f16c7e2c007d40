"""Writes docs/components.md from the components themselves: `python docs/generate_components.py`."""

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "components.md"
sys.path.insert(0, str(ROOT))

from trainer.catalog import FOLDERS, schemas  # noqa: E402

HEAD = """# Components

<!-- Written by docs/generate_components.py from the components themselves; do not edit. -->

One file is one component; the file's name is what a spec calls it. `live` marks what may change while a run trains.
"""


def page() -> str:
    """Return the whole page."""
    found = schemas()
    parts = [HEAD, section("training", "training", found["training"], level=2)]
    for folder in FOLDERS:
        parts.append(f"## {folder}\n\n{purpose(folder)}\n")
        parts.extend(section(folder, name, schema) for name, schema in found[folder].items())
    return "\n".join(parts)


def purpose(folder: str) -> str:
    """Return the first paragraph of a folder's own docstring."""
    return (sys.modules[f"trainer.{folder}"].__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")


def section(folder: str, name: str, schema: dict[str, Any], level: int = 3) -> str:
    """Return one component: what it does, its formula, its source, its parameters."""
    lines = [f"{'#' * level} {name}", "", schema["summary"], ""]
    if schema["help"]:
        lines += ["```text", schema["help"], "```", ""]
    if schema["source"]:
        lines += [f"Source: {schema['source']}", ""]
    if schema["properties"]:
        lines += ["| parameter | default | allowed | what it is |", "| --- | --- | --- | --- |"]
        lines += [row(field, facts) for field, facts in schema["properties"].items()]
        lines.append("")
    return "\n".join(lines)


def row(field: str, facts: dict[str, Any]) -> str:
    """Return one parameter as a row of a table."""
    notes = [word for word, holds in (("live", facts["x-live"]), ("log scale", facts["x-scale"] == "log")) if holds]
    help = facts["description"] + (f" ({', '.join(notes)})" if notes else "")
    return f"| `{field}` | {default(facts)} | {allowed(facts)} | {help.replace('|', chr(92) + '|')} |"


def default(facts: dict[str, Any]) -> str:
    """Return a parameter's default; of entries, such as the layers of a network, what names them."""
    if "oneOf" not in facts.get("items", {}):
        return str(facts["default"])
    first = (next(iter(entry.items())) for entry in facts["default"])
    return f"`[{', '.join(f'{{{name}: {value}}}' for name, value in first)}]`"


def allowed(facts: dict[str, Any]) -> str:
    """Return in words what a parameter may be."""
    if "enum" in facts:
        return ", ".join(facts["enum"])
    if "oneOf" in facts.get("items", {}):
        return f"list of {facts['x-noun']}s: {', '.join(one['name'] for one in facts['items']['oneOf'])}"
    if facts["type"] == "boolean":
        return "true, false"
    bounds = facts.get("items") or facts.get("additionalProperties") or facts
    unit = f" {facts['x-unit']}" if facts["x-unit"] else ""
    span = f"{number(bounds['minimum'])} to {number(bounds['maximum'])}{unit}" if "minimum" in bounds else facts["type"]
    return {"array": f"list of {span}", "object": f"{span} for each layer named"}.get(facts["type"], span)


def number(value: float) -> str:
    """Return a bound: 1,000,000 rather than 1e+06."""
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
    print(f"wrote {TARGET.relative_to(ROOT)}")
