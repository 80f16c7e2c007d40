"""A component is its own schema: its parameters are declared once, in the class body.

From one declaration come the check, the words of the error, the form control, the live knob, the row
in the docs and the common tests. Nothing here knows torch, so a schema costs no import of it.
"""

import inspect
import pkgutil
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from importlib import import_module
from typing import Any, ClassVar, Literal

Scale = Literal["linear", "log"]
Layers = Literal["", "all", "hidden"]  # of which layers a parameter has a number each: {"dense 1": 0.01}


class ParameterError(ValueError):
    """A value that a parameter cannot take. `field` names it, the text says what is allowed.

    `more`: what else is wrong, when several things are.
    """

    def __init__(self, field: str, text: str, more: Sequence["ParameterError"] = ()):
        super().__init__(text)
        self.field = field
        self.more = tuple(more)


@dataclass(frozen=True)
class Param:
    """One declared parameter: what it is called, what it may be, and whether it may change live."""

    default: Any
    help: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] | None = None
    labels: Mapping[str, str] | None = None  # what a menu says of a choice
    scale: Scale = "linear"
    unit: str = ""
    live: bool = False
    title: str = ""
    # what a text is the id of: "datasets", those of people; "metrics", those of the run: a form offers what there is
    of: str = ""
    layers: Layers = ""
    section: str = ""  # under which heading of a form it stands, folded away; "" stands before all
    name: str = ""
    type: Any = None

    def check(self, value: Any) -> Any:
        """Return `value` in the parameter's type.

        Raises:
            ParameterError: wrong type, out of bounds, not finite, or not one of the choices.
        """
        if self.type is bool:
            return value if isinstance(value, bool) else self._refuse(value, "is not true or false")
        if self.type is str:
            return self._check_text(value)
        if self.type is int:
            return self._check_int(value)
        if self.type is float:
            return self._check_float(value)
        if self.layers:
            return self._check_layers(value)
        if not isinstance(value, list | tuple) or len(value) > MAX_ITEMS:
            self._refuse(value, f"is not a list of at most {MAX_ITEMS} whole numbers")
        return [self._check_int(item) for item in value]

    def schema(self) -> dict[str, Any]:
        """Return this parameter as JSON Schema; keys that begin with x- are ours."""
        bounds = {} if self.low is None else {"minimum": self.low}
        bounds |= {} if self.high is None else {"maximum": self.high}
        if self.choices:
            kind = {"type": "string", "enum": list(self.choices)}
        elif self.type in JSON_TYPES:
            kind = {"type": JSON_TYPES[self.type], **bounds}
        elif self.layers:
            numbers = {"additionalProperties": {"type": "number", **bounds}, "maxProperties": MAX_ITEMS}
            kind = {"type": "object", **numbers, "x-layers": self.layers}
        else:
            kind = {"type": "array", "items": {"type": "integer", **bounds}, "maxItems": MAX_ITEMS}
        if self.of:
            kind["x-of"] = self.of
        return kind | {
            "title": self.title or self.name.replace("_", " ").capitalize(),
            "description": self.help,
            "default": self.default,
            "x-scale": self.scale,
            "x-unit": self.unit,
            "x-live": self.live,
            "x-section": self.section,
            **({"x-labels": dict(self.labels)} if self.labels else {}),
        }

    def _check_text(self, value: Any) -> str:
        if not isinstance(value, str) or len(value) > MAX_TEXT:
            self._refuse(value, f"is not a text of at most {MAX_TEXT} characters")
        if self.choices and value not in self.choices:
            near = get_close_matches(value, self.choices, n=1)
            guess = f" Did you mean {near[0]!r}?" if near else ""
            self._refuse(value, f"is not one of: {', '.join(self.choices)}.{guess}")
        return value

    def _check_int(self, value: Any) -> int:
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if isinstance(value, bool) or not whole:
            self._refuse(value, "is not a whole number")
        return self._within(int(value))

    def _check_float(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._refuse(value, "is not a number")
        if not -sys.float_info.max <= value <= sys.float_info.max:
            self._refuse(value, "is not a finite number")
        return self._within(float(value))

    def _check_layers(self, value: Any) -> dict[str, float]:
        named = isinstance(value, Mapping) and len(value) <= MAX_ITEMS
        if not named or not all(isinstance(layer, str) and len(layer) <= MAX_TEXT for layer in value):
            self._refuse(value, f'is not a number for each of at most {MAX_ITEMS} layers, as in {{"dense 1": 0.01}}')
        numbers = {}
        for layer, number in value.items():
            try:
                numbers[layer] = replace(self, name=f"{self.name} of {layer}", type=float).check(number)
            except ParameterError as error:
                raise ParameterError(self.name, str(error)) from None
        return numbers

    def _within(self, value: Any) -> Any:
        if (self.low is not None and value < self.low) or (self.high is not None and value > self.high):
            self._refuse(value, f"is outside {self.range()}")
        return value

    def range(self) -> str:
        """Return the bounds in words: '0 to 1', 'at least 1', 'at most 10'."""
        unit = f" {self.unit}" if self.unit else ""
        if self.low is None:
            return f"at most {_shown(self.high)}{unit}"
        if self.high is None:
            return f"at least {_shown(self.low)}{unit}"
        return f"{_shown(self.low)} to {_shown(self.high)}{unit}"

    def _refuse(self, value: Any, why: str) -> Any:
        shown = repr(value) if len(repr(value)) < 60 else repr(value)[:57] + "..."
        end = "" if why.endswith((".", "?")) else "."
        raise ParameterError(self.name, f"{self.name} = {shown} {why}{end}")


MAX_ITEMS = 64
MAX_TEXT = 200
JSON_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string"}


def param(default: Any, help: str, **facts: Any) -> Any:
    """Declare a parameter in a component's body; see `Param` for the facts it takes."""
    if "choices" in facts:
        facts["choices"] = tuple(facts["choices"])
    return Param(default, help, **facts)


class Component:
    """Something one can choose in a spec: an optimizer, a data set, a regularizer, a probe.

    The file's name is the component's name; the docstring's first line is what the form shows, the
    rest its help, and the line "Source: ..." where it comes from.
    """

    name: ClassVar[str] = ""
    params: ClassVar[Mapping[str, Param]] = {}

    def __init_subclass__(cls, **kwargs: Any):
        super().__init_subclass__(**kwargs)
        types = inspect.get_annotations(cls, eval_str=True)
        own = {
            name: replace(value, name=name, type=types[name])
            for name, value in vars(cls).items()
            if isinstance(value, Param)
        }
        cls.params = {**cls.params, **own}
        cls.name = cls.__module__.rpartition(".")[2]

    def __init__(self, /, **values: Any):
        if unknown := [name for name in values if name not in self.params]:
            raise ParameterError(unknown[0], no_such(unknown[0], self.params, f"parameter of {self.name}"))
        for name, declared in self.params.items():
            setattr(self, name, declared.check(values.get(name, declared.default)))

    def values(self) -> dict[str, Any]:
        """Return every parameter with its present value."""
        return {name: getattr(self, name) for name in self.params}

    def set_live(self, field: str, value: Any) -> Any:
        """Turn one live knob and return the value as checked.

        Raises:
            ParameterError: no such parameter, it may not change live, or the value is refused.
        """
        declared = self.params.get(field)
        if declared is None:
            raise ParameterError(field, no_such(field, self.params, f"parameter of {self.name}"))
        if not declared.live:
            live = ", ".join(name for name, one in self.params.items() if one.live) or "none"
            raise ParameterError(field, f"{field} is fixed when a run starts. Live here: {live}.")
        checked = declared.check(value)
        setattr(self, field, checked)
        return checked

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """Return the component as JSON Schema, with its help and source."""
        summary, help, source = read_docstring(cls)
        return {
            "type": "object",
            "name": cls.name,
            "title": getattr(cls, "title", "") or _spaced(cls.__name__),
            "summary": summary,
            "help": help,
            "source": source,
            "properties": {name: declared.schema() for name, declared in cls.params.items()},
            "additionalProperties": False,
        }


def read_docstring(cls: type) -> tuple[str, str, str]:
    """Return a component's first line, the rest of its docstring, and its source."""
    text = inspect.cleandoc(cls.__doc__ or "")
    body, _, source = text.partition("Source:")
    summary, _, help = body.partition("\n")
    return summary.strip(), help.strip(), " ".join(source.split())


def formulas(kinds: Mapping[str, type]) -> dict[str, str]:
    """Return what a menu says of components that are a formula: {"he": "he: w ~ N(0, 2 / n_in)"}."""
    return {name: f"{name}: {read_docstring(kind)[1].splitlines()[0]}" for name, kind in kinds.items()}


def no_such(name: str, known: Any, what: str) -> str:
    """Say that a name is unknown, guess what was meant, and list what there is."""
    near = get_close_matches(name, list(known), n=1)
    guess = f" Did you mean {near[0]!r}?" if near else ""
    return f"no {what} is called {name!r}.{guess} There are: {', '.join(sorted(known)) or 'none'}."


def discover(folder: str) -> dict[str, type[Component]]:
    """Return {name: class} for every component file in trainer/<folder>/, by name.

    Raises:
        TypeError: a file that holds no component, or more than one.
    """
    package = import_module(f"trainer.{folder}")
    found = {}
    for module in pkgutil.iter_modules(package.__path__):
        inside = import_module(f"{package.__name__}.{module.name}")
        classes = [
            one
            for one in vars(inside).values()
            if isinstance(one, type) and issubclass(one, Component) and one.__module__ == inside.__name__
        ]
        if len(classes) != 1:
            raise TypeError(
                f"trainer/{folder}/{module.name}.py holds {len(classes)} components; a file is one component."
            )
        found[module.name] = classes[0]
    return dict(sorted(found.items()))


def _spaced(name: str) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).split()
    return " ".join(words[:1] + [word if word.isupper() else word.lower() for word in words[1:]])


def _shown(bound: float) -> str:
    return f"{bound:,}" if isinstance(bound, int) else f"{bound:g}"
