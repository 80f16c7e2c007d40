"""What a run is asked to be. Knows the shape of a spec and no component. No torch.

`RunSpec.read` takes what a person wrote (JSON or YAML) and says everything that is wrong with its
shape at once; whether the named components exist and take their parameters is `trainer.plan`'s to say.
"""

import json
import re
from collections.abc import Mapping
from itertools import islice
from typing import Any, Literal

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
    model_validator,
)
from pydantic_core import PydanticCustomError

from trainer.component import no_such
from trainer.plain import unfit

MAX_SPEC_BYTES = 64 * 1024
ID_PATTERN = "[0-7][0-9A-HJKMNP-TV-Z]{25}"  # of a ULID: 128 bits in 26 letters of 5 bits, so the first has 3
MOST_UNFIT = 10  # values that are named at once


# libyaml's, where PyYAML was built with it: ten times as fast
class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):
    """YAML as one writes it by hand: each entry of a list, such as a layer, is one line."""

    def represent_list(self, data: list[Any]) -> yaml.Node:
        node = super().represent_list(data)
        for one in node.value:
            if isinstance(one, yaml.MappingNode):
                one.flow_style = True
        return node


_Dumper.add_representer(list, _Dumper.represent_list)


class Problem(BaseModel):
    """One thing that is wrong with a spec: where, and what to do."""

    path: str
    message: str


class SpecError(ValueError):
    """A spec that cannot be run. `problems` has every reason, each with its path."""

    def __init__(self, problems: list[Problem]):
        super().__init__("\n".join(f"{one.path}: {one.message}" if one.path else one.message for one in problems))
        self.problems = problems


class Part(BaseModel):
    """A piece of a spec: strict about names, so that a slip of the pen is never silently ignored."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Choice(Part):
    """One component by name, with the parameters that differ from its defaults."""

    name: str = Field(max_length=100)
    params: dict[str, Any] = {}


class Toggle(Part):
    """A component that can be on or off: `{enabled: true, strength: 0.001}`.

    Left unsaid, probes are on and everything else is off.
    """

    enabled: bool | None = None
    params: dict[str, Any] = {}

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        inner = data.get("params") or {}
        if not isinstance(inner, Mapping):
            return {"enabled": data.get("enabled"), "params": inner}
        outer = {key: value for key, value in data.items() if key not in ("enabled", "params")}
        return {"enabled": data.get("enabled"), "params": {**inner, **outer}}

    @model_serializer
    def _flat(self) -> dict[str, Any]:
        return self.params if self.enabled is None else {"enabled": self.enabled, **self.params}


class Start(Part):
    """Another run's checkpoint, whose weights a run begins with."""

    run: str = Field(pattern=f"^{ID_PATTERN}$")
    checkpoint: str = Field(pattern=r"^step-[0-9]{1,18}(\.[0-9]{1,9})?$")


class PlannedChange(Part):
    """A change that a run makes by itself, once so many epochs or steps are done: a command in advance.

    `{epoch: 3, target: optimizer, field: lr, value: 0.01}` turns a knob; `{epoch: 3, target: optimizer, name: adam,
    params: {...}}` has another optimizer or schedule take over, where `state` says what becomes of the moments.
    """

    epoch: int | None = Field(default=None, ge=0, lt=2**31)
    step: int | None = Field(default=None, ge=0, lt=2**53)
    target: str = Field(max_length=100)
    field: str | None = Field(default=None, max_length=100)
    value: Any = None
    name: str | None = Field(default=None, max_length=100)
    params: dict[str, Any] = {}
    state: Literal["reset", "keep", "transfer"] = "reset"

    @model_validator(mode="after")
    def _is_one(self) -> "PlannedChange":
        if (self.epoch is None) == (self.step is None):
            raise PydanticCustomError("when", "comes once so many epochs, or so many steps, are done: say one of them")
        turns, swaps = {"field", "value"} & self.model_fields_set, {"name", "params", "state"} & self.model_fields_set
        if bool(turns) == bool(swaps) or (turns and None in (self.field, self.value)) or (swaps and self.name is None):
            raise PydanticCustomError("what", "is a field and its value, or the name of what takes over and its params")
        if swaps and self.target not in ("optimizer", "schedule"):
            raise PydanticCustomError("swap", "lets another optimizer or schedule take over, and nothing else")
        return self

    @model_serializer(mode="wrap")
    def _as_said(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        kept = ("field", "value") if self.name is None else ("name", "params", "state")
        found = whole(self)
        return {key: found[key] for key in ("epoch", "step", "target", *kept) if found[key] is not None}


class RunSpec(Part):
    """Everything that makes a run. The same spec trains the same curve, bit for bit on the CPU."""

    name: str = Field(default="", max_length=200)
    seed: int = Field(default=1, ge=0, lt=2**31)
    dataset: Choice = Choice(name="digits")
    model: Choice = Choice(name="mlp")
    loss: Choice = Choice(name="auto")
    optimizer: Choice = Choice(name="sgd")
    schedule: Choice = Choice(name="constant")
    regularizers: dict[str, Toggle] = {}
    stopping: dict[str, Toggle] = {}
    probes: dict[str, Toggle] = {}
    training: dict[str, Any] = {}
    start: Start | None = None
    changes: list[PlannedChange] = Field(default=[], max_length=100)

    @model_serializer(mode="wrap")
    def _without_none(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in whole(self).items() if key not in ("start", "changes") or value}

    @classmethod
    def read(cls, data: Any) -> "RunSpec":
        """Return the spec in `data`, a mapping as JSON or YAML gives it.

        Raises:
            SpecError: with every problem of shape, each with its path.
        """
        if not isinstance(data, Mapping):
            raise SpecError(
                [Problem(path="", message="a spec is a mapping with keys such as dataset, model and optimizer.")]
            )
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise SpecError([_in_words(one) for one in error.errors()]) from None

    @classmethod
    def parse(cls, text: str) -> "RunSpec":
        """Return the spec in a JSON or YAML text.

        Raises:
            SpecError: not YAML, too long, or not the shape of a spec.
        """
        return cls.read(load(text))

    def to_yaml(self) -> str:
        """Return the spec as YAML, in the order in which the fields are declared."""
        return yaml.dump(self.model_dump(), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def load(text: str) -> Any:
    """Return what a JSON or YAML text says, whatever its shape. 60 KB of YAML take a second, of JSON a millisecond.

    Raises:
        SpecError: it is neither, or too long.
    """
    if len(text) > MAX_SPEC_BYTES:
        raise SpecError([Problem(path="", message=f"a spec has at most {MAX_SPEC_BYTES} characters.")])
    # not every JSON text is YAML for PyYAML: it refuses tabs and "\ud83d\udd25"
    try:
        found = json.loads(text, object_pairs_hook=_once)
    except SpecError:
        raise
    except (ValueError, RecursionError):
        found = _load_yaml(text)
    check_values(found)
    return found


def check_values(data: Any) -> None:
    """Let pass what holds nothing but texts, finite numbers, true, false, null, lists and mappings of them.

    Raises:
        SpecError: with the first few values that no spec may have, each with its path.
    """
    if problems := [Problem(path=path, message=told) for path, told in islice(unfit(data), MOST_UNFIT)]:
        raise SpecError(problems)


def _load_yaml(text: str) -> Any:
    try:
        return yaml.load(text, Loader=_PlainLoader)
    except SpecError:
        raise
    # PyYAML raises the others for !!bool maybe and !!timestamp today
    except (yaml.YAMLError, RecursionError, ValueError, KeyError, AttributeError) as error:
        raise SpecError([Problem(path="", message=f"this is neither JSON nor YAML: {error}")]) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise SpecError([Problem(path="", message=f"{key!r:.60} stands twice in one mapping.")])
        found[key] = value
    return found


class _PlainLoader(yaml.SafeLoader):
    """YAML without anchors, ten lines of which can stand for gigabytes, and with every key once."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("anchors and aliases are not taken in a spec; write the value out.")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        _once([(key, None) for key in keys])
        return super().construct_mapping(node, deep)

    def construct_scalar(self, node: Any) -> Any:
        found = super().construct_scalar(node)
        # PyYAML leaves "\ud83d\udd25", which is one character, two halves
        return found.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


# PyYAML reads 1e-3 as a text: YAML 1.1 wants a dot in a float. People write 1e-3.
_PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$"),
    list("-+0123456789."),
)


def _in_words(error: Any) -> Problem:
    where = [str(part) for part in error["loc"]]
    path = ".".join(where)
    if error["type"] == "missing":
        return Problem(path=path, message=f"{path} is missing: say which by its {where[-1]}, as in {where[-1]}: ... .")
    if error["type"] == "extra_forbidden":
        owner = RunSpec if len(where) == 1 else {"start": Start, "changes": PlannedChange}.get(where[0], Choice)
        return Problem(path=path, message=no_such(where[-1], owner.model_fields, "field of a spec"))
    if error["type"] in ("model_type", "dict_type"):
        return Problem(
            path=path, message=f"{path} is a mapping, as in {where[-1]}: {{...}}; got {error['input']!r:.60}."
        )
    words = _WORDS.get(error["type"], error["msg"]).format(**error.get("ctx", {}))
    return Problem(path=path, message=f"{path} {words}; got {error['input']!r:.60}.")


_WORDS = {
    "bool_type": "is true or false",
    "greater_than_equal": "is at least {ge}",
    "int_type": "is a whole number",
    "less_than": "is less than {lt}",
    "list_type": "is a list",
    "literal_error": "is one of {expected}",
    "string_pattern_mismatch": "is not an id as Livefit makes them",
    "string_too_long": "has at most {max_length} characters",
    "string_type": "is a text",
    "too_long": "has at most {max_length} entries",
}
