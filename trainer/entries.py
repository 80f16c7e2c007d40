"""A parameter that is a list of typed entries, such as the layers of a network: each a component of one folder.

In a spec an entry is a mapping that names its kind by its first key: {conv: 16, kernel: 3}. The key's value is the
parameter of the same name; a kind without one is written {flatten: true}. A kind alone, as a text, has its defaults.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trainer.component import MAX_ITEMS, Component, Param, ParameterError, no_such


@dataclass(frozen=True)
class Example:
    """A list to begin with, offered by its title."""

    title: str
    help: str
    value: tuple[Any, ...]


@dataclass(frozen=True)
class Entries(Param):
    """A declared list of entries. `noun` is what one entry is called; `folder` is where its kinds come from."""

    kinds: Mapping[str, type[Component]] = None  # type: ignore[assignment]
    noun: str = "entry"
    folder: str = ""
    examples: tuple[Example, ...] = ()

    def check(self, value: Any) -> list[dict[str, Any]]:
        """Return every entry with its defaults written out.

        Raises:
            ParameterErrors: with every entry that is refused; fields are "<name>.<place>.<parameter>".
        """
        if not isinstance(value, list | tuple) or len(value) > MAX_ITEMS:
            self._refuse(value, f"is not a list of at most {MAX_ITEMS} {self.noun}s such as {self._sample()}")
        checked, refused = [], []
        for place, entry in enumerate(value):
            try:
                checked.append(written(self._part(entry)))
            except ParameterError as error:
                field = ".".join(filter(None, (self.name, str(place), error.field)))
                refused.append(ParameterError(field, str(error)))
        if refused:
            raise ParameterError(refused[0].field, str(refused[0]), more=refused[1:])
        return checked

    def parts(self, value: list[dict[str, Any]]) -> list[Component]:
        """Return a component for each entry of a checked list."""
        return [self._part(entry) for entry in value]

    def schema(self) -> dict[str, Any]:
        """Return this parameter as JSON Schema: an array whose items are one of the kinds."""
        kinds = [kind_schema(kind) for kind in self.kinds.values()]
        examples = [
            {"title": one.title, "description": one.help, "value": self.check(list(one.value))} for one in self.examples
        ]
        return super().schema() | {
            "items": {"oneOf": kinds},
            "x-folder": self.folder,
            "x-noun": self.noun,
            "x-examples": examples,
        }

    def _part(self, entry: Any) -> Component:
        if isinstance(entry, str):
            entry = {entry: None}
        if not isinstance(entry, Mapping) or not entry:
            shown = repr(entry) if len(repr(entry)) < 60 else repr(entry)[:57] + "..."
            told = f"{shown} is no {self.noun}."
            raise ParameterError("", f"{told} {self._how()}")
        named = [key for key in entry if key in self.kinds]
        if not named:
            told = no_such(str(next(iter(entry))), self.kinds, self.noun)
            raise ParameterError("", f"{told} {self._how()}")
        if len(named) > 1:
            told = f"{named[0]} and {named[1]} are two {self.noun}s: write each as an entry of its own."
            raise ParameterError(named[1], told)
        kind = self.kinds[named[0]]
        values = {str(key): value for key, value in entry.items()}
        own = values.pop(kind.name)
        if kind.name in kind.params:
            return kind(**({} if own is None else {kind.name: own}), **values)
        if own is not None and own is not True:
            raise ParameterError(kind.name, f"{kind.name} = {own!r:.60} is not true; it takes no number.")
        return kind(**values)

    def _how(self) -> str:
        return f"Write it as in {self._sample()}"

    def _sample(self) -> str:
        name, kind = next((name, kind) for name, kind in self.kinds.items() if name in kind.params)
        return f"{{{name}: {kind.params[name].default}}}."


def entries(default: list[Any], help: str, kinds: Mapping[str, type[Component]], **facts: Any) -> Any:
    """Declare a parameter that is a list of entries; see `Entries` for the facts it takes."""
    declared = Entries(default, help, kinds=kinds, **facts)
    # what is written out in a spec is compared with the default
    return Entries(**{**vars(declared), "default": declared.check(default)})


def written(part: Component) -> dict[str, Any]:
    """Return an entry as a complete spec has it: its kind first, and every parameter."""
    return {part.name: True} | part.values() if part.name not in part.params else part.values()


def kind_schema(kind: type[Component]) -> dict[str, Any]:
    """Return one kind of entry as JSON Schema."""
    schema = kind.schema()
    facts = {"const": True, "default": True, "title": schema["title"], "description": schema["summary"], "x-unit": ""}
    mark = {} if kind.name in kind.params else {kind.name: facts}
    return schema | {"properties": mark | schema["properties"], "required": [kind.name]}
