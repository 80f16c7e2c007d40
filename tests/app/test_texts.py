"""The words of the pages: the same keys and placeholders in every language, and none missing."""

import json
import re
from pathlib import Path

import pytest
from starlette.requests import Request

from app.texts import COOKIE, NAMES, Texts, preferred

ROOT = Path(__file__).parents[2]
TEXTS = Texts(ROOT / "static" / "texts")
# keys that are put together from a name that the server or the catalogue gives
MADE_UP = re.compile(r"\{|\$")


def words_of(language):
    return json.loads((ROOT / "static" / "texts" / f"{language}.json").read_text(encoding="utf-8"))


def keys_in_use():
    files = [*(ROOT / "templates").glob("*.html"), *(ROOT / "static" / "js").rglob("*.js")]
    for file in files:
        for key in re.findall(r"\bt\(\s*[\"'`]([^\"'`]+)[\"'`]\s*[,)]", file.read_text(encoding="utf-8")):
            if not MADE_UP.search(key):
                yield key, file.name


@pytest.mark.parametrize("language", sorted(NAMES.keys() - {"en"}))
def test_every_language_has_the_same_keys(language):
    english, other = words_of("en"), words_of(language)
    assert english.keys() - other.keys() == set(), f"missing in {language}.json"
    assert other.keys() - english.keys() == set(), f"only in {language}.json"


@pytest.mark.parametrize("language", sorted(NAMES))
def test_a_sentence_has_the_same_placeholders_in_every_language(language):
    def placeholders(text):
        return set(re.findall(r"\{(\w+)\}", text))

    english, other = words_of("en"), words_of(language)
    assert {key: placeholders(text) for key, text in english.items()} == {
        key: placeholders(text) for key, text in other.items()
    }


@pytest.mark.parametrize("language", sorted(NAMES))
def test_no_sentence_is_empty_and_the_keys_are_sorted(language):
    catalogue = words_of(language)
    assert [key for key, text in catalogue.items() if not text.strip()] == []
    assert list(catalogue) == sorted(catalogue)


def test_every_key_that_a_page_asks_for_is_there():
    english = words_of("en")
    assert sorted({f"{key} in {file}" for key, file in keys_in_use() if key not in english}) == []


def test_one_thing_takes_the_sentence_about_one():
    t = TEXTS.translator("en")
    assert t("transport.steps", n=1) == "1 step"
    assert t("transport.steps", n=10) == "10 steps"


def test_an_unknown_key_shows_itself():
    assert TEXTS.translator("ko")("no.such.key") == "no.such.key"


@pytest.mark.parametrize(
    ("header", "first"),
    [("ko-KR,ko;q=0.9,en;q=0.8", "ko"), ("de, en;q=0.7, ko;q=0.8", "de"), ("", ""), ("en;q=oops, ko", "ko")],
)
def test_languages_are_ranked_as_the_browser_ranks_them(header, first):
    assert preferred(header)[0] == first


@pytest.mark.parametrize(
    ("cookie", "accept", "expected"),
    [("", "de, ko;q=0.5, en;q=0.1", "ko"), ("en", "ko", "en"), ("xx", "ko", "ko"), ("", "", "en")],
)
def test_what_was_switched_to_goes_before_what_the_browser_prefers(cookie, accept, expected):
    headers = [(b"accept-language", accept.encode())]
    if cookie:
        headers.append((b"cookie", f"{COOKIE}={cookie}".encode()))
    assert TEXTS.language(Request({"type": "http", "headers": headers})) == expected


# what one idea is called in Korean, everywhere, and what else it has been called
ONE_WORD = {
    "샘플": "표본", "테스트": "시험", "페널티": "벌점", "파라미터": "매개변수", "리뷰": "후기",
    "옵티마이저": "최적화 알고리즘", "타깃": "목푯값|목표값",
}  # fmt: skip


def korean_texts():
    for file in [*(ROOT / "static" / "texts").glob("*ko.json"), *(ROOT / "lessons").glob("*.ko.yaml")]:
        yield from ((f"{file.name}:{n}", line) for n, line in enumerate(file.read_text("utf-8").splitlines(), 1))


@pytest.mark.parametrize("word", ONE_WORD)
def test_one_idea_has_one_word_in_korean(word):
    others = {place: found[0] for place, line in korean_texts() if (found := re.search(ONE_WORD[word], line))}
    assert others == {}, f"say {word}"


def test_in_korean_a_regularizer_is_never_called_as_normalization_is():
    pairs = [*((words_of("en")[key], text) for key, text in words_of("ko").items()),
             *words_of("said.ko").items(), *words_of("components.ko").items()]  # fmt: skip
    assert [
        text for english, text in pairs if "egulari" in english and "정규화" in text.replace("배치 정규화", "")
    ] == []


@pytest.mark.parametrize("metric", ["loss", "accuracy", "mae", "rmse"])
def test_in_korean_the_curve_of_the_training_part_is_called_as_the_part_is(metric):
    assert words_of("ko")[f"charts.series.train.{metric}"] == words_of("ko")["look.train"] == "훈련"
