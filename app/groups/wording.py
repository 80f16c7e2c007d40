"""How a variant is called after what varies in it: "lr 0.01, dropout on". Pure.

A label is kept with a run in short names of the spec, which are the same in every language; a page says it in its own.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.form_values import CHOICES, TOGGLES, shown

LONGEST_VALUE = 40


@dataclass(frozen=True)
class Wording:
    """Words for labels. names: of paths · titles: of components, by "path=name", and of parameters, by their paths."""

    names: Mapping[str, str]
    titles: Mapping[str, str] = field(default_factory=dict)
    baseline: str = "as it is"
    on: str = "on"
    off: str = "off"

    def label(self, variant: Mapping[str, Any]) -> str:
        """Return what a variant is called: {path: value} of all that is set in it."""
        return ", ".join(self._told(path, value) for path, value in variant.items()) or self.baseline

    def _told(self, path: str, value: Any) -> str:
        name, inner = self.names[path], mapping_of(value)
        if path in CHOICES:
            if not inner:
                return self._component(path, value)
            params = mapping_of(inner.get("params"))
            return ", ".join([self._component(path, inner.get("name", "")), *self._params(f"{path}.params", params)])
        if inner and path.partition(".")[0] in TOGGLES and path.count(".") == 1:
            told = ", ".join(self._params(path, inner))
            # the title of a switch's parameter begins with that of the switch
            return told if f"{path}.{next(iter(inner))}" in self.titles else f"{name} {told}"
        return f"{name} {self._cut(value)}"

    def _component(self, path: str, name: Any) -> str:
        return self.titles.get(f"{path}={name}") or self._cut(name)

    def _params(self, path: str, values: Mapping[str, Any]) -> list[str]:
        words = [self.titles.get(f"{path}.{name}") or name.replace("_", " ") for name in values]
        return [f"{word} {self._cut(value)}" for word, value in zip(words, values.values(), strict=True)]

    def _cut(self, value: Any) -> str:
        if isinstance(value, bool):
            return self.on if value else self.off
        if isinstance(value, float):
            return f"{value:.4g}"
        items = value if isinstance(value, list) else []
        plain = not isinstance(value, Mapping) and not any(isinstance(one, Mapping | list) for one in items)
        text = shown(value) if plain else json.dumps(value, ensure_ascii=False)
        return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


def short_names(paths: list[str]) -> dict[str, str]:
    """Return for each path the fewest of its words that tell it from the others."""
    names = {}
    for path in paths:
        head, *rest = path.split(".")
        last = rest[-1] if rest else head
        if head in TOGGLES and len(rest) == 2:
            last = f"{rest[0]} {rest[1]}"
        alike = [one for one in paths if one.rpartition(".")[2] == path.rpartition(".")[2]]
        name = last if len(alike) == 1 or head in TOGGLES else f"{head} {last}"
        names[path] = name.replace("_", " ")
    return names


def mapping_of(value: Any) -> dict[str, Any]:
    """Return a value as a mapping, an empty one where it is none."""
    return dict(value) if isinstance(value, Mapping) else {}
