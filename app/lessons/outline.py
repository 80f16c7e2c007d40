"""Lessons as lists and links show them: in order, in brief, and as addresses of the new-run form. Pure."""

from typing import Any
from urllib.parse import urlencode

from app.lessons.curriculum import TOPICS
from app.lessons.format import SETTINGS, Lesson
from app.spec_pairs import laid_over, query_of, spec_of


def in_brief(lesson: Lesson) -> dict[str, Any]:
    """Return what a list says of a lesson: `runs` has how many each setting trains."""
    there = {name: setting for name in SETTINGS if (setting := getattr(lesson, name))}
    return {
        **{key: getattr(lesson, key) for key in ("name", "title", "summary", "topic", "covers", "experiment")},
        "runs": {name: len(setting.variants) * setting.seeds for name, setting in there.items()},
    }


def by_topic(lessons: list[Lesson]) -> list[Lesson]:
    """Return lessons in the order of the curriculum's topics and lines."""
    topics = list(TOPICS)

    def place(lesson: Lesson) -> tuple[int, int, str]:
        lines = TOPICS[lesson.topic]
        first = min((lines.index(one) for one in lesson.covers if one in lines), default=len(lines))
        return topics.index(lesson.topic), first, lesson.title

    return sorted(lessons, key=place)


def address_of(lesson: Lesson, at: int, setting: str = "offline") -> str:
    """Return the address of the new-run form with one thing changed in a variant's spec."""
    change, asked = lesson.change[at], lesson.setting(setting)
    pairs = laid_over(laid_over(asked.spec, asked.variants.get(change.variant, {})), change.set)
    words = f"{lesson.title}: {change.text}"
    return f"/new?{urlencode(query_of({**spec_of(pairs), 'name': words[:200]}))}"
