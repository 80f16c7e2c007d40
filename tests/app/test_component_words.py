"""The words of components in other languages: every one is there, none is left over, and they are laid over schemas."""

import json
import re

import pytest

from app import forms
from app.component_words import translated
from app.texts import ENGLISH, NAMES
from tests.said_in_code import ROOT
from trainer.catalog import schemas

SCHEMAS = schemas()
OTHERS = sorted(NAMES.keys() - {ENGLISH})
# what is written alike in every language: names, units, and formulas without words between them
ALIKE = re.compile(r"\S+|.*(?:[=~]|<-).*", re.DOTALL)


def words(language):
    return json.loads((ROOT / "static" / "texts" / f"components.{language}.json").read_text(encoding="utf-8"))


def every_schema():
    return [one for folder, found in SCHEMAS.items() for one in ([found] if folder == "training" else found.values())]


def english(schema):
    """Return every word of a component's schema as a key of the catalogue."""
    found = [schema["title"], schema["summary"], schema["help"]]
    for one in schema["properties"].values():
        found += [one["title"], one["description"], one["x-unit"]]
        found += [f"choice: {each}" for each in one.get("enum", ())]
        found += [each[key] for each in one.get("x-examples", ()) for key in ("title", "description")]
    return [" ".join(text.split()) for text in found if text]


IN_CODE = {text for one in every_schema() for text in english(one)}


@pytest.mark.parametrize("language", OTHERS)
def test_every_word_of_every_component_is_there(language):
    missing = IN_CODE - words(language).keys()
    assert missing == set(), json.dumps(dict.fromkeys(sorted(missing), ""), indent=2, ensure_ascii=False)


@pytest.mark.parametrize("language", OTHERS)
def test_none_is_left_over_and_they_are_sorted(language):
    own = {f"{folder}: {text}" for folder in SCHEMAS for text in IN_CODE}  # what one folder means otherwise
    assert words(language).keys() - IN_CODE - own == set()
    assert list(words(language)) == sorted(words(language))


def test_nothing_is_left_in_english():
    english_still = {text for text, other in words("ko").items() if not re.search("[가-힣]", other)}
    assert {text for text in english_still if not ALIKE.fullmatch(text.removeprefix("choice: "))} == set()
    assert not [text for text, other in words("ko").items() if not other.strip()]


def test_help_is_shown_as_a_label_in_every_language():
    helps = {one["description"] for schema in every_schema() for one in schema["properties"].values()}
    assert [text for text in helps if words("ko")[" ".join(text.split())].endswith(".")] == []


def test_a_form_is_made_in_the_words_of_a_language_and_says_the_same_values():
    plain, korean = forms.form(SCHEMAS, {}), forms.form(translated(SCHEMAS, words("ko")), {})
    kept = [(f.path, f.value, f.choices, f.low, f.high) for f in fields(plain)]
    assert kept == [(f.path, f.value, f.choices, f.low, f.high) for f in fields(korean)]
    l2 = next(part for group in korean for part in group.parts if part.path == "regularizers.dropout").variant
    assert (l2.title, l2.name) == ("드롭아웃", "dropout")
    on_nan = next(f for f in fields(korean) if f.path == "training.on_nan")
    assert on_nan.labels == {"go on": "계속", "stop": "정지"}


def test_without_words_the_schemas_stay_as_they_are():
    assert translated(SCHEMAS, {}) is SCHEMAS


def fields(groups):
    for group in groups:
        for part in group.parts:
            for variant in getattr(part, "variants", None) or [getattr(part, "variant", part)]:
                yield from variant.fields
