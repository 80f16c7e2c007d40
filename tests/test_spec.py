"""What a person writes as a spec: JSON or YAML, and what is said of slips."""

import json
import time

import pytest

from trainer.plan import answer
from trainer.spec import MAX_SPEC_BYTES, RunSpec, SpecError, load


def problems(text: str) -> dict[str, str]:
    with pytest.raises(SpecError) as refused:
        RunSpec.parse(text)
    return {one.path: one.message for one in refused.value.problems}


@pytest.mark.parametrize("text", [r'{"name": "\ud83d\udd25"}', '{\n\t"name": "🔥"\n}', "name: 🔥", "{name: 🔥}"])
def test_json_and_yaml_say_the_same(text):
    assert RunSpec.parse(text).name == "🔥"


def test_a_number_may_be_written_with_an_exponent():
    assert load("lr: 1e-3") == load('{"lr": 1e-3}') == {"lr": 0.001}


def test_the_longest_spec_in_json_is_read_in_an_instant():
    text = json.dumps({"training": {f"field {number}": number for number in range(2_500)}})
    assert MAX_SPEC_BYTES / 2 < len(text) < MAX_SPEC_BYTES
    began = time.perf_counter()
    load(text)
    assert time.perf_counter() - began < 0.25


@pytest.mark.parametrize(
    ("text", "path", "words"),
    [
        ('{"seed": NaN}', "seed", "NaN is no value"),
        ('{"training": {"epochs": 1e999}}', "training.epochs", "Infinity is no value"),
        ("training: {epochs: -.inf}", "training.epochs", "-Infinity is no value"),
        (r'{"name": "\ud83d"}', "name", "half a character"),
        (r'name: "\ud800"', "name", "half a character"),
        (r'{"training": {"\ud800": 1}}', r"training.\ud800", "half a character"),
        ("training: {epochs: 2020-01-01}", "training.epochs", "2020-01-01 is no value of a spec"),
        ("training: {x: !!binary aGk=}", "training.x", "b'hi' is no value of a spec"),
        ("training: {x: [1, !!set {a}]}", "training.x.1", "{'a'} is no value of a spec"),
        ("training: {x: !!omap [a: 1]}", "training.x.0", "('a', 1) is no value of a spec"),
        ("training: {x: {1: a, b: c}}", "training.x.1", "1 is no name of a value"),
        ("training: {x: {null: a}}", "training.x.None", "None is no name of a value"),
        ("training: {x: 0x" + "f" * 5_000 + "}", "training.x", "has too many digits"),
        ("training: {x: !!bool maybe}", "", "neither JSON nor YAML"),
        ("training: {x: !!timestamp today}", "", "neither JSON nor YAML"),
        ('{"seed": 1, "seed": 2}', "", "'seed' stands twice"),
        ("seed: 1\nseed: 2", "", "'seed' stands twice"),
        ("a: [", "", "neither JSON nor YAML"),
        ("[" * 5_000, "", "neither JSON nor YAML"),
        ("- 1", "", "a spec is a mapping"),
        ("optimizer: {}", "optimizer.name", "is missing"),
        ("optimizer: {nam: sgd}", "optimizer.nam", "Did you mean 'name'?"),
        ("seed: many", "seed", "is a whole number"),
        ("seed: -1", "seed", "is at least 0"),
        ("name: 3", "name", "is a text"),
        ("regularizers: {l2: {params: 3}}", "regularizers.l2.params", "is a mapping"),
        ("regularizers: {l2: {enabled: 3}}", "regularizers.l2.enabled", "is true or false"),
    ],
)
def test_a_slip_is_said_with_its_place(text, path, words):
    assert words in problems(text)[path]


def test_a_slip_in_enabled_is_told_from_a_parameter():
    told = answer(RunSpec.parse("regularizers: {l2: {enabld: true}}").model_dump())["problems"]
    assert told[0]["path"] == "regularizers.l2.enabld"
    assert "Did you mean 'enabled'?" in told[0]["message"]


def test_each_entry_of_a_list_is_a_line_of_yaml():
    layers = [{"conv": 16, "kernel": 3}, {"reshape": [1, -1]}, {"flatten": True}]
    spec = RunSpec.read({"model": {"name": "some", "params": {"layers": layers, "hidden": [1, 2]}}})
    assert "    - {conv: 16, kernel: 3}\n    - {reshape: [1, -1]}\n    - {flatten: true}\n" in spec.to_yaml()
    assert RunSpec.parse(spec.to_yaml()) == spec


def test_what_is_written_as_yaml_reads_back_the_same():
    spec = RunSpec.parse("name: 🔥\nregularizers: {l2: {enabled: true, strength: 1e-3}}")
    assert RunSpec.parse(spec.to_yaml()) == spec


def test_half_characters_that_make_a_whole_one_are_read_in_yaml_as_in_json():
    assert load(r'name: "\ud83d\udd25"') == load(r'{"name": "\ud83d\udd25"}') == {"name": "🔥"}


def test_of_a_thousand_values_that_no_spec_has_the_first_few_are_said():
    told = problems("training: {x: [" + ", ".join(["2020-01-01"] * 1_000) + "]}")
    assert list(told) == [f"training.x.{place}" for place in range(10)]
