"""JSON schemas of components -> what a form shows. Knows widgets and the shape of a spec, no component. Pure.

One way in, one way out: a form's fields are named by dotted paths (`optimizer`, `optimizer.lr`,
`regularizers.l2`, `regularizers.l2.strength`), which are the keys of the page's URL as well.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.entry_forms import Entries, entries
from app.entry_values import kinds_of
from app.form_values import CHOICES, TOGGLES, Catalog, Schema, shown
from trainer.spec import RunSpec

GROUPS = {
    "data": ("dataset", "seed"),
    "network": ("model", "loss"),
    "optimizer": ("optimizer", "schedule"),
    "regularizers": ("regularizers",),
    "stopping": ("stopping",),
    "training": ("training",),
    "checkpoints": ("checkpoints",),
    "probes": ("probes",),
}
SWAPS = ("optimizer", "schedule")
DECADES_OF_A_SLIDER = 8
MOST_STOPS = 1000  # a whole number of more, such as a seed, is typed


@dataclass(frozen=True)
class Field:
    """One control. `value` is what it shows, even if that is not a value the schema takes."""

    path: str
    id: str
    widget: str  # number, list, layers, switch, select, pick, text, mark (a kind's name alone), entries
    value: Any
    default: Any
    title: str = ""
    help: str = ""
    unit: str = ""
    choices: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)  # of choices that are called otherwise on the page
    low: float | None = None
    high: float | None = None
    slider: Mapping[str, Any] | None = None  # {"low", "high", "scale", "zero", "whole"}
    live: bool = False
    always: bool = False  # written even where it is at its default
    entries: Entries | None = None
    layers: str = ""  # which may have a number of their own: all, hidden
    section: str = ""
    of: str = ""  # what a choice is one of, where a plan says which of them there are: metrics

    @property
    def name(self) -> str:
        """The last part of the path: the parameter."""
        return self.path.rpartition(".")[2]

    @property
    def is_changed(self) -> bool:
        """Whether it shows another value than its default."""
        return self.value != self.default

    @property
    def text(self) -> str:
        """The value as it stands in a text box."""
        return shown(self.value)

    @property
    def default_text(self) -> str:
        """The default as it stands in a text box."""
        return shown(self.default)


@dataclass(frozen=True)
class Variant:
    """One component that can be chosen or switched on, with its fields."""

    name: str
    title: str
    summary: str
    help: str
    source: str
    source_url: str
    chosen: bool
    fields: list[Field]

    @property
    def sections(self) -> dict[str, list[Field]]:
        """The fields by the heading that they stand under, those without one first."""
        found: dict[str, list[Field]] = {"": []}
        for one in self.fields:
            found.setdefault(one.section, []).append(one)
        return found


@dataclass(frozen=True)
class Choice:
    """A pick among components: a data set, an optimizer."""

    path: str
    value: str
    default: str
    variants: list[Variant]
    kind: str = "choice"


@dataclass(frozen=True)
class Toggle:
    """A component that is on or off."""

    path: str
    enabled: bool
    default: bool
    variant: Variant
    kind: str = "toggle"


@dataclass(frozen=True)
class Plain:
    """Fields without a component to choose."""

    path: str
    fields: list[Field]
    kind: str = "plain"


@dataclass(frozen=True)
class Group:
    """A heading of the form and what stands under it."""

    key: str
    parts: list[Choice | Toggle | Plain] = field(default_factory=list)


def form(catalog: Catalog, spec: Mapping[str, Any]) -> list[Group]:
    """Return the whole form for a new run, filled from `spec` (which may be partial, and may be wrong)."""
    parts: dict[str, list[Any]] = {key: [choice(catalog, spec, key)] for key in CHOICES}
    parts |= {key: toggles(catalog, spec, key) for key in TOGGLES}
    parts["training"], parts["checkpoints"] = ([one] for one in training(catalog, spec))
    parts["seed"] = [Plain("seed", [seed(spec)])]
    return [Group(key, [part for name in names for part in parts[name]]) for key, names in GROUPS.items()]


def knobs(catalog: Catalog, spec: Mapping[str, Any]) -> list[Group]:
    """Return what may be turned while a run trains: every live parameter, whole choices for the swaps."""
    rows = {key: [live_only(one) for one in toggles(catalog, spec, key)] for key in TOGGLES}
    loop, checkpoints = training(catalog, spec)
    return [
        Group("optimizer", [live_only(part) for part in swaps(catalog, spec)]),
        Group("regularizers", rows["regularizers"]),
        Group("stopping", rows["stopping"]),
        Group("training", [live_only(loop)]),
        Group("checkpoints", [one for one in [live_only(checkpoints)] if one.fields]),
        Group("probes", rows["probes"]),
    ]


def training(catalog: Catalog, spec: Mapping[str, Any]) -> tuple[Plain, Plain]:
    """Return the fields of `training`: those of the loop, and those that say when checkpoints are saved and kept."""
    found = fields("training", catalog["training"], spec.get("training") or {})
    saves = [one for one in found if one.name.startswith("checkpoint")]
    return Plain("training", [one for one in found if one not in saves]), Plain("training", saves)


def swaps(catalog: Catalog, spec: Mapping[str, Any]) -> list[Choice]:
    """Return what may be swapped for another in mid-run, with every field of every variant."""
    return [choice(catalog, spec, key) for key in SWAPS]


def choice(catalog: Catalog, spec: Mapping[str, Any], key: str) -> Choice:
    """Return the pick of one component, with the fields of every variant so that a page can swap them."""
    given = spec.get(key) or {}
    default = RunSpec.model_fields[key].default.name
    name = given.get("name", default)
    found = dict(catalog.get(CHOICES[key]) or {})
    if default not in found:  # "auto": the spec's own word for "whatever fits"
        found = {default: {"properties": {}}, **found}
    variants = [
        variant(key, one, schema, given.get("params") or {} if one == name else {}, chosen=one == name)
        for one, schema in found.items()
    ]
    return Choice(key, name, default, variants)


def toggles(catalog: Catalog, spec: Mapping[str, Any], key: str) -> list[Toggle]:
    """Return a row for each component of a folder that can be on or off. Probes are on unless switched off."""
    given = spec.get(key) or {}
    rows = []
    for name, schema in (catalog.get(key) or {}).items():
        values = dict(given.get(name) or {})
        values |= values.pop("params", None) or {}
        default = bool(schema.get("enabled", key == "probes"))
        enabled = bool(values.pop("enabled", default))
        rows.append(
            Toggle(f"{key}.{name}", enabled, default, variant(f"{key}.{name}", name, schema, values, chosen=enabled))
        )
    return rows


def variant(path: str, name: str, schema: Schema, values: Mapping[str, Any], *, chosen: bool) -> Variant:
    """Return one component's face: its words and its fields."""
    source = schema.get("source", "")
    url = re.search(r"https?://\S+[^\s.,;)]", source)
    return Variant(
        name=name,
        title=schema.get("title") or name.replace("_", " ").capitalize(),
        summary=schema.get("summary", ""),
        help=schema.get("help", ""),
        source=source.replace(url[0], "").strip(" ,.;") if url else source,
        source_url=url[0] if url else "",
        chosen=chosen,
        fields=fields(path, schema, values, name),
    )


def fields(path: str, schema: Schema, values: Mapping[str, Any], of: str = "") -> list[Field]:
    """Return a field for each property of a schema, filled with `values`; what is picked stands first."""
    found = [
        make_field(f"{path}.{name}", one, values.get(name, one.get("default")), of)
        for name, one in schema.get("properties", {}).items()
    ]
    return sorted(found, key=lambda one: one.widget != "pick")


def make_field(path: str, schema: Schema, value: Any, of: str = "") -> Field:
    """Return the control for one JSON schema."""
    bounds = schema.get("items") or schema.get("additionalProperties") or schema
    offered = {one["id"]: one["title"] for one in schema.get("x-options", ())}
    return Field(
        path=path,
        id="-".join(part for part in (*path.split("."), of) if part),
        widget=_widget(schema),
        value=value,
        default=schema.get("default"),
        title=schema.get("title", ""),
        help=schema.get("description", ""),
        unit=schema.get("x-unit", ""),
        choices=tuple(schema.get("enum", offered)),
        labels=schema.get("x-labels") or offered,
        low=bounds.get("minimum"),
        high=bounds.get("maximum"),
        slider=_slider(schema),
        live=bool(schema.get("x-live")),
        entries=entries(path, schema, value, variant) if kinds_of(schema) else None,
        layers=schema.get("x-layers", ""),
        section=schema.get("x-section", ""),
        of=schema.get("x-of", ""),
    )


def seed(spec: Mapping[str, Any]) -> Field:
    """Return the field of the seed; its bounds are the spec's."""
    bounds = RunSpec.model_json_schema()["properties"]["seed"]
    schema = {"type": "integer", "minimum": bounds["minimum"], "maximum": bounds["exclusiveMaximum"] - 1}
    field = make_field("seed", schema | {"default": bounds["default"]}, spec.get("seed", bounds["default"]))
    return Field(**{**vars(field), "slider": None})


def live_only(part: Any) -> Any:
    """Return a part of the form with the fields that may change while it trains."""
    if part.kind == "plain":
        return Plain(part.path, [one for one in part.fields if one.live])
    if part.kind == "toggle":
        return Toggle(part.path, part.enabled, part.default, _live_variant(part.variant))
    return Choice(part.path, part.value, part.default, [_live_variant(one) for one in part.variants])


def _live_variant(one: Variant) -> Variant:
    return Variant(**{**vars(one), "fields": [each for each in one.fields if each.live]})


def _widget(schema: Schema) -> str:
    if schema.get("enum"):
        return "select"
    if schema.get("x-of"):
        return "pick"
    if "const" in schema or kinds_of(schema):
        return "mark" if "const" in schema else "entries"
    kinds = {"boolean": "switch", "array": "list", "object": "layers", "integer": "number", "number": "number"}
    return kinds.get(schema.get("type", ""), "text")


def _slider(schema: Schema) -> dict[str, Any] | None:
    """Return where a slider begins and ends: the bounds, or the decades about the default on a log scale."""
    low, high, default = schema.get("minimum"), schema.get("maximum"), schema.get("default")
    if schema.get("type") not in ("integer", "number") or low is None or high is None:
        return None
    whole = schema["type"] == "integer"
    if schema.get("x-scale") != "log":
        fits = 0 < high - low <= (MOST_STOPS if whole else math.inf)
        return {"low": low, "high": high, "scale": "linear", "zero": False, "whole": whole} if fits else None
    middle = default or (1 if whole else high / 1000)
    bottom = low if low > 0 else (1 if whole else middle * 10.0 ** (-DECADES_OF_A_SLIDER / 2))
    top = min(high, max(middle, bottom) * 10.0 ** (DECADES_OF_A_SLIDER / 2 - 1))
    return {"low": bottom, "high": top, "scale": "log", "zero": low <= 0, "whole": whole}
