"""The lessons that there are: each of the right shape, and in both languages; and what is said of one that is not."""

import asyncio
import copy
import json
import re
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from app.errors import BadLesson, NoSuchLesson
from app.form_values import read_query
from app.lessons.curriculum import LINES, TOPICS
from app.lessons.outline import address_of, divided
from app.lessons.shelf import LANGUAGES, Shelf, read_lesson
from app.lessons.translation import texts_of
from app.spec_pairs import query_of, spec_of
from trainer.assembly import assemble
from trainer.catalog import schemas
from trainer.plan import answer as plan_of
from trainer.spec import RunSpec, load

ROOT = Path(__file__).parents[2]
SHELF = Shelf(ROOT / "lessons")
NAMES = SHELF.names()
TRAINED_AS_IN_THE_SOURCE = [name for name in NAMES if (one := SHELF.lesson(name).reference) and not one.paths]
SCHEMAS = schemas()
ONE = load((ROOT / "lessons" / "weight_decay.yaml").read_text())

LAST = {"take": "last", "series": "train.loss"}
ACROSS = {"take": "across", "of": ["plain", "decay"], "by": LAST, "label": "L", "landed": "L", "missed": "M"}
BAND = {"reference": 1, "low": 0, "measured": 1}


def problems(**changes):
    """What is wrong with a lesson of which some places were changed: {"measures.gap.take": "lst"}."""
    data = copy.deepcopy(ONE)
    for path, value in changes.items():
        *way, last = path.split(".")
        at = data
        for key in way:
            at = at[key]
        if value is None:
            del at[last]
        else:
            at[last] = value
    with pytest.raises(BadLesson) as found:
        read_lesson("one", data)
    return dict(found.value.problems)


def test_reading_all_lessons_does_not_hold_up_the_event_loop():
    async def read():
        reading = asyncio.create_task(Shelf(ROOT / "lessons").all_of("ko"))
        turns = 0
        while not reading.done():
            await asyncio.sleep(0)
            turns += 1
        return reading.result(), turns

    lessons, turns = asyncio.run(read())
    assert [one.name for one in lessons] == NAMES
    assert turns > 20  # of the event loop; two if it did the reading itself


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_each_lesson_holds_together_in_each_language(name, language):
    assert SHELF.lesson(name, language).name == name


@pytest.mark.parametrize("name", NAMES)
def test_each_text_is_in_korean_and_has_the_same_placeholders(name):
    english, korean = (texts_of(SHELF.lesson(name, language)) for language in LANGUAGES)
    assert english.keys() == korean.keys()
    for path, text in korean.items():
        assert re.search("[가-힣]", text), f"{path} has no Korean letter: {text}"
        # a sentence may tell more or less of the band, but what was measured is told in both or in neither
        assert ("{measured}" in text) == ("{measured}" in english[path]), path


@pytest.mark.parametrize("name", NAMES)
def test_placeholders_are_those_that_are_filled(name):
    known = {"measured", "reference", "low", "high", "spread", "seeds"}
    for language in LANGUAGES:
        for path, text in texts_of(SHELF.lesson(name, language)).items():
            assert set(re.findall(r"\{(\w+)\}", text)) <= known, path


@pytest.mark.parametrize("name", NAMES)
def test_each_spec_names_components_and_parameters_that_there_are(name):
    lesson = SHELF.lesson(name)
    for setting in filter(None, (lesson.offline, lesson.reference)):
        for spec in setting.specs().values():
            assemble(RunSpec.read(spec))
        for change in lesson.change:
            assemble(RunSpec.read(spec_of(setting.pairs(change.variant, divided(change.set)[0]))))


@pytest.mark.parametrize("name", TRAINED_AS_IN_THE_SOURCE)
def test_each_reference_and_what_is_changed_there_can_be_planned_without_its_data(name, tmp_path, monkeypatch):
    monkeypatch.setenv("LIVEFIT_CACHE", str(tmp_path))
    monkeypatch.delenv("LIVEFIT_OFFLINE", raising=False)
    lesson, kept = SHELF.lesson(name), {}
    changed = [lesson.reference.pairs(one.variant, one.set) for one in lesson.change]
    for spec in (*lesson.reference.specs().values(), *map(spec_of, changed)):
        assert plan_of(spec, kept=kept).get("problems", []) == []


@pytest.mark.parametrize("name", NAMES)
def test_each_link_into_the_form_stands_for_the_spec_that_it_should(name):
    lesson = SHELF.lesson(name)
    for setting_name, setting in (("offline", lesson.offline), ("reference", lesson.reference)):
        # of paths the address is that of another page: tests/lessons/test_asking.py
        for at, change in enumerate(lesson.change if setting and not setting.paths else ()):
            pairs = setting.pairs(change.variant, change.set)
            query = urlsplit(address_of(lesson, at, setting_name)).query
            typed = read_query(SCHEMAS, parse_qsl(query, keep_blank_values=True))
            assert assembled(typed) == assembled(spec_of(pairs)), change.text


def test_a_list_of_layers_stands_in_an_address_by_its_places():
    pairs = {"model": "layers", "model.layers": [{"conv": 8, "kernel": 5}, "flatten", {"reshape": [1, -1]}]}
    query = query_of(spec_of(pairs))
    assert query["model.layers.0.kernel"] == "5"
    read = read_query(SCHEMAS, query.items())["model"]["params"]["layers"]
    assert read == [{"conv": 8, "kernel": 5}, {"flatten": True}, {"reshape": [1, -1]}]


def assembled(spec):
    """Return a spec with every default written out, without its name."""
    return assemble(RunSpec.read(spec)).spec("", 1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_topic_and_line_of_the_curriculum_has_words(language):
    words = json.loads((ROOT / "static" / "texts" / f"{language}.json").read_text())
    keys = [*(f"lesson.topic.{one}" for one in TOPICS), *(f"lesson.line.{one}" for one in LINES)]
    assert [key for key in keys if key not in words] == []


def test_each_line_of_the_curriculum_has_a_lesson():
    assert LINES.keys() - {line for name in NAMES for line in SHELF.lesson(name, "en").covers} == set()


def test_the_guide_names_every_way_to_measure():
    from app.lessons.wording import TAKES

    guide = (ROOT / "docs" / "lessons.md").read_text()
    assert [take for take in TAKES if f"`{take}`" not in guide] == []


def test_a_mapping_among_the_values_of_a_spec_has_no_texts():
    data = copy.deepcopy(ONE)
    data["change"][0]["set"] = {"regularizers.l2.per_layer": {"output": 0.1}}
    assert texts_of(read_lesson("one", data)) == texts_of(read_lesson("one", ONE))


def test_an_unknown_lesson_is_told_with_those_there_are():
    with pytest.raises(NoSuchLesson, match=r"Did you mean 'weight_decay'\?"):
        SHELF.lesson("weight_decai")


def test_a_lesson_that_was_changed_is_read_again(tmp_path):
    path = tmp_path / "one.yaml"
    path.write_text((ROOT / "lessons" / "weight_decay.yaml").read_text())
    shelf = Shelf(tmp_path)
    before = shelf.lesson("one").title
    path.write_text(path.read_text().replace(before, "Another title"))
    assert (before, shelf.lesson("one").title) == ("Weight decay against learning by heart", "Another title")


def test_a_file_that_is_no_lesson_is_told_with_its_place(tmp_path):
    (tmp_path / "bad.yaml").write_text("title: [")
    with pytest.raises(BadLesson, match="neither JSON nor YAML"):
        Shelf(tmp_path).lesson("bad")
    (tmp_path / "bad.yaml").write_text("just text")
    with pytest.raises(BadLesson, match="a lesson is a mapping"):
        Shelf(tmp_path).lesson("bad")


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"title": None}, "title", "is missing"),
        ({"titel": "x"}, "titel", "is not a field here"),
        ({"topic": "cooking"}, "topic", "'regularization'"),
        ({"covers": ["l1_l3"]}, "covers", "Did you mean 'l1_l2'?"),
        ({"prediction.answer": "lower"}, "prediction.answer", "There are: higher, narrower, same"),
        ({"measures.gap_plain.take": "diference"}, "measures.gap_plain.take", "Did you mean 'difference'?"),
        ({"measures.gap_plain.take": None}, "measures.gap_plain", "has no take"),
        ({"measures.train_plain.series": 3}, "measures.train_plain.series", "is a text; got 3"),
        ({"measures.train_plain.of": "plane"}, "measures.train_plain.of", "Did you mean 'plain'?"),
        ({"measures.gap_plain.of": ["gap_plain", "held_plain"]}, "measures.gap_plain.of", "no measure above it"),
        ({"measures.gap_plain": ACROSS | {"by": {"take": "lst"}}},
         "measures.gap_plain.by.take", "Did you mean 'last'?"),
        ({"measures.gap_plain": ACROSS | {"chosen": LAST}}, "measures.gap_plain", "say variants: highest or lowest"),
        ({"measures.gap_plain": ACROSS | {"chosen": {"take": "lst"}, "variants": "lowest"}},
         "measures.gap_plain.chosen.take", "Did you mean 'last'?"),
        ({"offline.bands.lst": BAND}, "offline.bands.lst", "There are: train_plain"),
        ({"offline.bands.gap_plain.low": 0.9}, "offline.bands.gap_plain", "itself not within"),
        ({"offline.bands.gap_plain": {"reference": 1, "measured": 1}}, "offline.bands.gap_plain", "low or high"),
        ({"offline.bands.gap_plain.source": "dlfs"}, "offline.bands.gap_plain", "source, or measured"),
        ({"offline.bands.held_plain": BAND}, "measures.held_plain.label", "missing"),
        ({"offline.spec": {"optimiser.lr": 1}}, "offline.spec", "no place in a spec"),
        ({"offline.variants.decay": {"regularisers.l2": True}}, "offline.variants.decay", "no place in a spec"),
        ({"offline.variants": {"plain": {}}}, "offline.bands.train_decay", "no variant of these runs"),
        ({"offline.seeds": 60}, "offline.seeds", "is at most 20"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_lesson_is_told_where_it_is(changes, path, words):
    told = problems(**changes)
    assert path in told, told
    assert words in told[path]


def test_a_missing_translation_is_told(tmp_path):
    for language in ("", ".ko"):
        (tmp_path / f"one{language}.yaml").write_text((ROOT / "lessons" / f"weight_decay{language}.yaml").read_text())
    words = (tmp_path / "one.ko.yaml").read_text()
    (tmp_path / "one.ko.yaml").write_text(words.replace("\nsummary:", "\nsumary:"))
    with pytest.raises(BadLesson) as found:
        Shelf(tmp_path).lesson("one", "ko")
    assert dict(found.value.problems) == {
        "summary": "this text is not translated.",
        "sumary": "the lesson has no such text.",
    }


def test_what_is_said_of_a_source_is_said_in_the_language_of_the_page():
    told = SHELF.lesson("optimizer_paths", "ko").sources["dlfs"].told
    assert told.endswith("optimizer_compare_naive.py; 다시 실행, 29번 갱신한 뒤의 점")
    titles = {source.title for lesson in SHELF.lessons("ko") for source in lesson.sources.values()}
    assert {one for one in titles if "run again" in one} == set(), "that is a note"
