"""Forms know schemas and the shape of a spec; no component is named in them."""

import json
import re
from pathlib import Path

import pytest

from app import form_values, forms
from trainer.catalog import CATALOG, FOLDERS, schemas
from trainer.component import ParameterError

SCHEMAS = schemas()


def every_field(groups):
    for group in groups:
        for part in group.parts:
            variants = getattr(part, "variants", None) or [getattr(part, "variant", part)]
            for variant in variants:
                yield from variant.fields


def part_of(groups, path):
    return next(part for group in groups for part in group.parts if part.path == path)


def test_every_parameter_of_every_component_that_a_spec_chooses_has_its_field():
    shown = {one.id for one in every_field(forms.form(SCHEMAS, {}))}
    folders = {folder: f"{key}-{{field}}-{{name}}" for key, folder in form_values.CHOICES.items()}
    folders |= {key: f"{key}-{{name}}-{{field}}-{{name}}" for key in form_values.TOGGLES}
    wanted = {
        id.format(field=field, name=name)
        for folder, id in folders.items()
        for name, schema in SCHEMAS[folder].items()
        for field in schema["properties"]
    }
    assert wanted - shown == set()


def test_when_checkpoints_are_saved_stands_in_a_group_of_its_own():
    groups = {group.key: [one.name for one in every_field([group])] for group in forms.form(SCHEMAS, {})}
    assert {"checkpoint_every", "checkpoint_steps", "checkpoints_kept"} <= set(groups["checkpoints"])
    assert {"epochs", "batch_size", "on_nan"} <= set(groups["training"])
    assert not [name for name in groups["training"] if name.startswith("checkpoint")]


def test_fields_have_ids_of_their_own():
    ids = [one.id for one in every_field(forms.form(SCHEMAS, {}))]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("schema", "widget"),
    [
        ({"type": "number"}, "number"),
        ({"type": "integer"}, "number"),
        ({"type": "boolean"}, "switch"),
        ({"type": "string", "enum": ["a"]}, "select"),
        ({"type": "array", "items": {"type": "integer"}}, "list"),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "layers"),
        ({"type": "string"}, "text"),
    ],
)
def test_a_schema_says_which_widget_it_wants(schema, widget):
    assert forms.make_field("optimizer.x", schema, None).widget == widget


def test_a_log_slider_spans_decades_about_the_default_and_has_zero_where_zero_is_allowed():
    schema = {"type": "number", "minimum": 0, "maximum": 100, "default": 0.01, "x-scale": "log"}
    slider = forms.make_field("optimizer.lr", schema, 0.01).slider
    assert slider == {
        "low": pytest.approx(1e-6),
        "high": pytest.approx(10),
        "scale": "log",
        "zero": True,
        "whole": False,
    }


@pytest.mark.parametrize(
    "schema",
    [{"type": "number", "minimum": 0}, {"type": "integer", "minimum": 0, "maximum": 2**31}, {"type": "boolean"}],
)
def test_what_has_no_end_or_too_many_stops_has_no_slider(schema):
    assert forms.make_field("seed", schema, 0).slider is None


def test_a_default_always_lies_on_its_slider():
    for one in every_field(forms.form(SCHEMAS, {})):
        if one.slider and not (one.slider["zero"] and one.default == 0):
            assert one.slider["low"] <= one.default <= one.slider["high"], one.id


def test_an_address_fills_the_form():
    pairs = [
        ("name", "wide"), ("seed", "7"), ("optimizer", "adam"), ("optimizer.lr", "1e-3"), ("model.hidden", "100, 50"),
        ("regularizers.l2", "on"), ("regularizers.l2.strength", "0.1"), ("probes.weights", "off"),
        ("training.epochs", "3"),
    ]  # fmt: skip
    assert form_values.read_query(SCHEMAS, pairs) == {
        "name": "wide",
        "seed": 7,
        "model": {"name": "mlp", "params": {"hidden": [100, 50]}},
        "optimizer": {"name": "adam", "params": {"lr": 0.001}},
        "regularizers": {"l2": {"enabled": True, "strength": 0.1}},
        "probes": {"weights": {"enabled": False}},
        "training": {"epochs": 3},
    }


def test_a_number_for_each_layer_is_read_as_it_is_shown():
    text = "dense 1: 0.01, output: 1e-05"
    spec = form_values.read_query(SCHEMAS, [("regularizers.l2.per_layer", text)])
    assert spec["regularizers"]["l2"]["per_layer"] == {"dense 1": 0.01, "output": 1e-05}
    field = next(one for one in every_field(forms.form(SCHEMAS, spec)) if one.path == "regularizers.l2.per_layer")
    assert (field.text, field.layers, field.low, field.high) == (text, "all", 0, 10)
    for typed in ("dense 1", "dense 1: much", ": 1"):
        assert form_values.read({"type": "object"}, typed) == typed


@pytest.mark.parametrize("text", ["abc", "1e", "", "1,5"])
def test_what_cannot_be_read_stays_as_typed(text):
    spec = form_values.read_query(SCHEMAS, [("optimizer.lr", text)])
    assert spec["optimizer"]["params"]["lr"] == text
    field = next(one for one in every_field(forms.form(SCHEMAS, spec)) if one.id == "optimizer-lr-sgd")
    assert field.text == text


def test_an_unknown_component_stays_chosen_so_that_the_plan_can_say_that_there_is_none():
    spec = form_values.read_query(SCHEMAS, [("optimizer", "adamm")])
    assert part_of(forms.form(SCHEMAS, spec), "optimizer").value == "adamm"


def test_a_field_shows_what_was_given_and_remembers_the_default():
    spec = {"optimizer": {"name": "adam", "params": {"lr": 0.5}}}
    adam = next(one for one in part_of(forms.form(SCHEMAS, spec), "optimizer").variants if one.name == "adam")
    lr = next(one for one in adam.fields if one.name == "lr")
    assert (lr.text, lr.default_text) == ("0.5", "0.001")


def test_probes_are_on_and_regularizers_off_unless_a_spec_says_otherwise():
    groups = forms.form(SCHEMAS, {"regularizers": {"l1": {"enabled": True, "strength": 0.5}}})
    assert part_of(groups, "probes.weights").enabled
    assert not part_of(groups, "regularizers.l2").enabled
    l1 = part_of(groups, "regularizers.l1")
    assert l1.enabled
    assert l1.variant.fields[0].value == 0.5


def test_knobs_are_the_live_parameters_and_no_others():
    shown = {one.id for one in every_field(forms.knobs(SCHEMAS, {}))}
    live = {
        f"optimizer-{field}-{name}"
        for name, schema in SCHEMAS["optimizers"].items()
        for field, one in schema["properties"].items()
        if one["x-live"]
    }
    assert {id for id in shown if id.startswith("optimizer-")} == live
    assert not any(id.startswith(("dataset", "model")) for id in shown)


def test_changes_laid_over_a_spec_leave_the_rest_and_forget_the_parameters_of_another_component():
    spec = {
        "seed": 3,
        "optimizer": {"name": "sgd", "params": {"momentum": 0.9}},
        "training": {"epochs": 9, "speed": 1.0},
    }
    changes = {"optimizer": {"name": "adam", "params": {"lr": 0.1}}, "training": {"epochs": 1}}
    assert form_values.merge(spec, changes) == {
        "seed": 3,
        "optimizer": {"name": "adam", "params": {"lr": 0.1}},
        "training": {"epochs": 1, "speed": 1.0},
    }


def test_the_form_of_defaults_is_a_spec_that_every_component_takes():
    for one in every_field(forms.form(SCHEMAS, {})):
        folder = form_values.CHOICES.get(one.path.split(".")[0])
        if folder:
            component = CATALOG[folder][one.id.rpartition("-")[2]]
            try:
                given = one.value if one.entries else form_values.read({"type": _kind(one)}, one.text)
                component.params[one.name].check(given)
            except ParameterError as error:
                pytest.fail(f"{one.id}: {error}")


# ------------------------------------------------------------------ lists of entries

LISTED = [
    ("model", "layers"), ("model.layers.0.conv", "8"), ("model.layers.0.kernel", "five"), ("model.layers.2.pool", "2"),
    ("model.layers.2.how", "average"), ("model.layers.3.flatten", "on"), ("model.layers.10.reshape", "1, -1"),
    ("model.layers.11.cov", "3"),
]  # fmt: skip


def listed(pairs):
    spec = form_values.read_query(SCHEMAS, pairs)
    model = next(one for one in part_of(forms.form(SCHEMAS, spec), "model").variants if one.name == "layers")
    return spec["model"]["params"], next(one for one in model.fields if one.name == "layers")


def test_an_address_fills_a_list_of_layers_and_what_cannot_be_read_stays_as_typed():
    params, field = listed(LISTED)
    assert params["layers"] == [
        {"conv": 8, "kernel": "five"},
        {"pool": 2, "how": "average"},
        {"flatten": True},
        {"reshape": [1, -1]},
        {"cov": "3"},
    ]
    rows = field.entries.rows
    assert [row.name for row in rows] == ["conv", "pool", "flatten", "reshape", "cov"]
    assert [(one.path, one.text) for one in rows[0].fields][:2] == [
        ("model.layers.0.conv", "8"),
        ("model.layers.0.kernel", "five"),
    ]
    assert [one.path for one in rows[1].fields] == [f"model.layers.1.{name}" for name in ("pool", "stride", "how")]
    assert rows[4].fields[0].text == "3"


def test_the_first_field_of_an_entry_is_always_written_and_the_others_where_they_differ():
    for row in listed(LISTED)[1].entries.rows:
        assert [one.always for one in row.fields] == [True, *[False] * (len(row.fields) - 1)]


def test_a_list_of_layers_without_one_is_no_list_that_is_not_said():
    assert listed([("model", "layers"), ("model.layers", "")])[0] == {"layers": []}
    params, field = listed([("model", "layers")])
    assert params == {}
    assert [row.name for row in field.entries.rows] == ["conv", "pool", "conv", "pool", "dense"]


def test_a_list_of_layers_has_a_template_of_each_kind_and_its_examples_in_texts():
    entries = listed([("model", "layers")])[1].entries
    assert [one.name for one in entries.kinds] == sorted(SCHEMAS["layers"])
    assert all(one.fields[0].name == one.name for one in entries.kinds)
    first = json.loads(entries.examples[0].value)
    assert first[0]["conv"] == "16"
    assert all(isinstance(text, str) for entry in first for text in entry.values())


def test_no_component_is_named_in_a_template_a_script_or_the_forms():
    root = Path(__file__).parents[2]
    # words that mean something else as well: a step of training, a constant, early, the layers of a plan, a shape
    also_words = {"step", "constant", "linear", "normal", "uniform", "ones", "zeros", "early", "auto"}
    also_words |= {"layers", "circle"}
    # probes name series, which the contract between trainer and page names too
    names = {name for folder in FOLDERS if folder != "probes" for name in SCHEMAS[folder]} - also_words
    files = [
        *(root / "templates").glob("*.html"),
        *(root / "static" / "js" / "elements").glob("*.js"),
        *(root / "static" / "js").glob("*.js"),
        root / "app" / "forms.py",
        root / "app" / "form_values.py",
        root / "app" / "entry_forms.py",
        root / "app" / "entry_values.py",
    ]
    quoted = re.compile(r"[\"'](\w+)[\"']")
    found = {(file.name, word) for file in files for word in quoted.findall(file.read_text()) if word in names}
    assert found == set()


def _kind(field):
    return {"number": "number", "switch": "boolean", "list": "array", "layers": "object"}.get(field.widget, "string")


def test_a_parameter_of_a_url_is_one_of_the_component_that_the_run_it_begins_from_has():
    base = {"optimizer": {"name": "adam", "params": {"lr": 0.001}}}
    spec = form_values.merge(base, form_values.read_query(SCHEMAS, [("optimizer.lr", "0.0001")], base))
    assert spec["optimizer"] == {"name": "adam", "params": {"lr": 0.0001}}


@pytest.mark.parametrize(
    "base",
    [
        {"optimizer": "junk"},
        {"optimizer": {"name": ["adam"]}},
        {"optimizer": {"name": "adam", "params": "junk"}},
        {"model": {"name": "layers", "params": {"layers": "junk"}}},
        {"regularizers": {"l2": "junk", "dropout": {"params": "junk"}}},
        {"seed": {"a": [1]}, "start": "junk", "probes": ["junk"]},
    ],
)
@pytest.mark.parametrize("pairs", [[], [("optimizer", "sgd"), ("optimizer.lr", "0.5"), ("regularizers.l2", "on")]])
def test_of_a_spec_of_another_shape_a_form_shows_what_it_can(base, pairs):
    fit = form_values.fitting(base)
    spec = form_values.merge(fit, form_values.read_query(SCHEMAS, pairs, fit))
    assert part_of(forms.form(SCHEMAS, spec), "optimizer").value == "sgd"


def test_a_form_shows_a_spec_of_the_right_shape_whole():
    spec = {"optimizer": {"name": "adam"}, "regularizers": {"l2": {"params": {"strength": 1}}, "dropout": None}}
    assert form_values.fitting(spec | {"seed": 3, "loss": None}) == spec | {"seed": 3, "loss": None}
