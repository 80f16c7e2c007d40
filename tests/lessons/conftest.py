"""What tests of lessons share: English words, and a lesson made of few lines."""

import copy
from pathlib import Path

import pytest
import yaml

from app.lessons.shelf import read_lesson
from app.lessons.translation import texts_of
from app.texts import Texts

ROOT = Path(__file__).parents[2]
SMALL = {
    "title": "Small",
    "summary": "A small lesson.",
    "topic": "optimization",
    "covers": ["optimizers"],
    "question": "What will happen?",
    "prediction": {"ask": "It will ...", "choices": {"a": "learn", "b": "not learn"}, "answer": "a", "reveal": "So."},
    "variants": {"one": "One", "two": "Two", "three": "Three"},
    "charts": [{"series": "train.loss"}],
    "look": [{"text": "Look."}],
    "change": [{"text": "Change.", "variant": "one", "set": {"optimizer.lr": 1}}],
    "caption": "Honest.",
    "sources": {"book": {"title": "A book"}},
    "offline": {
        "about": "Circle.",
        "seeds": 1,
        "spec": {"dataset": "circle", "model.hidden": [8], "training.epochs": 15, "optimizer.lr": 0.3},
        "variants": {"one": {}, "two": {}, "three": {}},
    },
}
WORDS = {"label": "L", "landed": "Landed at {measured}.", "missed": "Missed at {measured}, wanted {low} to {high}."}


@pytest.fixture(scope="session")
def t():
    """The words of the pages, in English."""
    return Texts(ROOT / "static" / "texts").translator("en")


def lesson_of(measures, bands, **changes):
    """Return a lesson with these measures, all of which have words, and these bands."""
    data = copy.deepcopy(SMALL) | changes
    data["measures"] = {name: WORDS | one for name, one in measures.items()}
    data["offline"] = data["offline"] | {"bands": {name: {"measured": 1} | one for name, one in bands.items()}}
    return read_lesson("small", data)


def write_shelf(folder, **bands):
    """Write lessons into a folder, in both languages: {name: least training accuracy that lands}."""
    last = WORDS | {"take": "last", "series": "train.accuracy", "of": "one", "unit": "share"}
    for name, low in bands.items():
        band = {"reference": max(2, low), "low": low, "measured": 1}
        offline = SMALL["offline"] | {"variants": {"one": {}, "two": {"optimizer.lr": 0.1}}, "bands": {"it": band}}
        data = SMALL | {"measures": {"it": last}, "offline": offline}
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(data))
        words = _nested({path: f"한국어 {text}" for path, text in texts_of(read_lesson(name, data)).items()})
        (folder / f"{name}.ko.yaml").write_text(yaml.safe_dump(words, allow_unicode=True))
    return folder


def _nested(words):
    found = {}
    for path, text in words.items():
        *way, last = path.split(".")
        at = found
        for key in way:
            at = at.setdefault(key, {})
        at[last] = text
    return found
