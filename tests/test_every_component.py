"""What holds for every component there is or will be: a new file passes these by being there."""

import json
import math
import re
from pathlib import Path

import pytest

from trainer.catalog import CATALOG, FOLDERS, schemas
from trainer.component import MAX_ITEMS, MAX_TEXT, Component, Param, ParameterError, read_docstring
from trainer.entries import Entries
from trainer.training import Training

ROOT = Path(__file__).resolve().parents[1]
EVERY = [
    pytest.param(folder, one, id=f"{folder}.{name}") for folder in FOLDERS for name, one in CATALOG[folder].items()
]
every_component = pytest.mark.parametrize(("folder", "kind"), [*EVERY, pytest.param("", Training, id="training")])


def every_parameter(only=lambda declared: True):
    """Run a test for every parameter of every component, or for `only` some."""
    kinds = [*(kind for folder in CATALOG.values() for kind in folder.values()), Training]
    cases = [
        pytest.param(kind, declared, id=f"{kind.name}.{name}")
        for kind in kinds
        for name, declared in kind.params.items()
        if only(declared)
    ]
    return pytest.mark.parametrize(("kind", "declared"), cases)


def test_every_folder_has_components():
    assert all(CATALOG[folder] for folder in FOLDERS)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_file_is_a_component_and_the_files_name_is_its_name(folder):
    files = {path.stem for path in (ROOT / "trainer" / folder).glob("*.py")} - {"__init__"}
    assert files == set(CATALOG[folder])
    assert all(one.name == name for name, one in CATALOG[folder].items())


@every_component
def test_it_says_what_it_does_and_where_it_comes_from(folder, kind):
    summary, help, source = read_docstring(kind)
    assert 20 <= len(summary) <= 120, summary
    assert summary.endswith(".")
    if folder:
        assert help, "a formula, or what one would not guess"
        assert len(source) > 10, "Source: ..."


@every_component
def test_its_defaults_are_allowed_and_come_back_as_they_were(folder, kind):
    values = kind().values()
    assert values == {name: declared.default for name, declared in kind.params.items()}
    assert kind(**values).values() == values


@every_component
def test_its_schema_survives_json(folder, kind):
    schema = kind.schema()
    assert json.loads(json.dumps(schema, allow_nan=False)) == schema
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == set(kind.params)


@every_component
def test_an_unknown_parameter_is_refused_with_the_nearest_name(folder, kind):
    with pytest.raises(ParameterError, match="There are:"):
        kind(**{"no such thing": 1})
    for name in kind.params:
        with pytest.raises(ParameterError, match=f"Did you mean '{name}'") as caught:
            kind(**{f"{name}_": 1})
        assert caught.value.field == f"{name}_"


@every_component
def test_a_knob_that_is_not_live_refuses_to_turn_and_says_which_do(folder, kind):
    for name, declared in kind.params.items():
        if not declared.live:
            with pytest.raises(ParameterError, match=f"{name} is fixed when a run starts. Live here: "):
                kind().set_live(name, declared.default)


@every_component
def test_a_live_knob_turns_to_any_value_that_is_allowed(folder, kind):
    for name, declared in kind.params.items():
        if declared.live and declared.type in (int, float):
            part = kind()
            assert part.set_live(name, declared.high) == declared.high == getattr(part, name)


@every_parameter()
def test_it_has_help_and_a_title(kind, declared: Param):
    schema = declared.schema()
    assert len(declared.help) > 5
    assert not declared.help.endswith("."), "help is shown as a label: no full stop"
    assert schema["title"][0].isupper()


def inside(declared: Param, value):
    """Return what holds a value of a parameter that has several."""
    return {"dense 1": value} if declared.layers else [value]


@every_parameter(lambda declared: declared.type not in (bool, str) and not isinstance(declared, Entries))
def test_a_number_has_bounds_and_refuses_what_lies_outside(kind, declared: Param):
    assert declared.low is not None
    assert declared.high is not None
    for value in (declared.low - 1, declared.high + 1):
        with pytest.raises(ParameterError, match=re.escape(f"is outside {declared.range()}")) as caught:
            kind(**{declared.name: value if declared.type in (int, float) else inside(declared, value)})
        assert caught.value.field == declared.name
    if declared.scale == "log":
        assert declared.high > max(declared.low, 0)


@every_parameter()
def test_a_value_of_the_wrong_kind_is_refused_in_words(kind, declared: Param):
    wrong = [math.nan, math.inf, -math.inf, None, object(), 1 + 2j]
    wrong += [{"dense 1": one} for one in (math.nan, "1", None, True, {})] if declared.layers else [{}]
    wrong += [{1: 0.5}, {"x" * (MAX_TEXT + 1): 0.5}] if declared.layers else []
    wrong += [] if declared.type is bool else [True]
    wrong += [] if declared.type is str and not declared.choices else ["1"]
    wrong += [] if declared.type == list[int] or isinstance(declared, Entries) else [[], [1]]
    wrong += [[1.5], ["1"], [None], [True], [[1]]] if declared.type == list[int] else []
    for value in wrong:
        with pytest.raises(ParameterError) as caught:
            kind(**{declared.name: value})
        assert caught.value.field == declared.name
        assert re.match(rf"{declared.name}( of dense 1)? = ", str(caught.value))


@every_parameter(lambda declared: declared.choices)
def test_a_choice_refuses_other_words_and_guesses_what_was_meant(kind, declared: Param):
    with pytest.raises(ParameterError, match=f"Did you mean '{declared.choices[0]}'"):
        kind(**{declared.name: f"{declared.choices[0]}x"})
    for choice in declared.choices:
        assert declared.check(choice) == choice


@every_parameter(lambda declared: declared.type == list[int])
def test_a_list_refuses_to_be_endless(kind, declared: Param):
    with pytest.raises(ParameterError, match=f"at most {MAX_ITEMS} whole numbers"):
        kind(**{declared.name: [1] * (MAX_ITEMS + 1)})


of_entries = every_parameter(lambda declared: isinstance(declared, Entries))


@of_entries
def test_a_list_of_entries_takes_every_kind_by_its_name_and_writes_its_defaults_out(kind, declared: Entries):
    found = declared.check(list(declared.kinds))
    assert [next(iter(entry)) for entry in found] == list(declared.kinds)
    assert declared.check(found) == found
    assert kind(**{declared.name: found}).values()[declared.name] == found
    parts = declared.parts(found)
    assert [part.name for part in parts] == list(declared.kinds)
    for entry, part in zip(found, parts, strict=True):
        assert {name: entry[name] for name in part.params} == part.values()


@of_entries
def test_a_list_of_entries_refuses_each_in_words_and_all_at_once(kind, declared: Entries):
    name = next(one for one in declared.kinds if one in declared.kinds[one].params)
    wrong = [1, None, {}, [], "no such thing", f"{name}x", {f"{name}x": 1}, {name: object()}, {name: 1, "y": 2}]
    with pytest.raises(ParameterError) as caught:
        kind(**{declared.name: [{name: declared.kinds[name].params[name].default}, *wrong]})
    told = [caught.value, *caught.value.more]
    places = [f"{declared.name}.{place}" for place in range(1, len(wrong) + 1)]
    assert [one.field for one in told] == [*places[:-2], f"{places[-2]}.{name}", f"{places[-1]}.y"]
    assert all(str(one).endswith(".") for one in told)
    assert sum(f"Did you mean {name!r}?" in str(one) for one in told) == 2
    with pytest.raises(ParameterError, match=f"at most {MAX_ITEMS} {declared.noun}s"):
        kind(**{declared.name: [name] * (MAX_ITEMS + 1)})


@of_entries
def test_a_kind_of_entry_is_named_by_its_first_parameter_and_no_parameter_is_another_kind(kind, declared: Entries):
    for name, one in declared.kinds.items():
        assert next(iter(one.params), name) == name
        assert not (one.params.keys() - {name}) & declared.kinds.keys()


@of_entries
def test_the_schema_of_entries_has_one_shape_a_kind_and_its_examples_are_allowed(kind, declared: Entries):
    schema = declared.schema()
    kinds = schema["items"]["oneOf"]
    assert [one["required"] for one in kinds] == [[name] for name in declared.kinds]
    assert all(one["required"][0] in one["properties"] and not one["additionalProperties"] for one in kinds)
    assert schema["x-examples"]
    for example in schema["x-examples"]:
        assert declared.check(example["value"]) == example["value"]


@every_parameter(lambda declared: declared.layers)
def test_a_mapping_of_layers_says_which_layer_is_wrong_and_refuses_to_be_endless(kind, declared: Param):
    assert declared.check({"dense 1": declared.low}) == {"dense 1": declared.low}
    with pytest.raises(ParameterError, match=rf"{declared.name} of dense 2 = '1' is not a number"):
        declared.check({"dense 1": declared.high, "dense 2": "1"})
    with pytest.raises(ParameterError, match=f"at most {MAX_ITEMS} layers"):
        declared.check({str(layer): declared.low for layer in range(MAX_ITEMS + 1)})
    schema = declared.schema()
    assert (schema["type"], schema["x-layers"]) == ("object", declared.layers)
    assert schema["additionalProperties"] == {"type": "number", "minimum": declared.low, "maximum": declared.high}


def test_schemas_hold_every_component_and_the_training():
    found = schemas()
    assert set(found) == {*FOLDERS, "training"}
    assert found["optimizers"]["adam"]["properties"]["lr"]["maximum"] == 100
    json.dumps(found, allow_nan=False)


def test_names_are_unique_enough_to_say_in_one_word():
    # a knob's path is regularizers.<name>: a name with a dot or a space would break it
    names = [name for folder in CATALOG.values() for name in folder]
    assert all(name.isidentifier() and name == name.lower() for name in names)


def test_every_component_is_a_component():
    assert all(issubclass(one, Component) for folder in CATALOG.values() for one in folder.values())


@pytest.mark.parametrize("value", [10**400, -(10**400), 1e400, float("nan")])
def test_a_number_beyond_all_numbers_is_refused_in_words(value):
    with pytest.raises(ParameterError, match=r"is outside|is not a (finite|whole) number"):
        Training(epochs=value)
    with pytest.raises(ParameterError, match="is not a finite number"):
        Training(speed=value)
