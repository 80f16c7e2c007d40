"""Lessons as lists and links show them: in order, in brief, and as addresses of the new-run form. Pure."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from app.lessons.curriculum import TOPICS
from app.lessons.format import SETTINGS, Lesson, Pairs, Setting
from app.spec_pairs import query_of, spec_of


def in_brief(lesson: Lesson) -> dict[str, Any]:
    """Return what a list says of a lesson: `runs` has how many each setting trains; `paths`, how many it draws."""
    there = {name: setting for name in SETTINGS if (setting := getattr(lesson, name))}
    return {
        **{key: getattr(lesson, key) for key in ("name", "title", "summary", "topic", "covers", "experiment")},
        "runs": {
            name: 0 if setting.paths else len(setting.variants) * setting.seeds for name, setting in there.items()
        },
        "paths": len(lesson.offline.variants) if lesson.offline.paths else 0,
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
    """Return the address of the form with one thing changed in a variant: of a new run, or of paths on a surface."""
    change, asked = lesson.change[at], lesson.setting(setting)
    if asked.paths:
        return address_of_paths(asked, change.variant, change.set)
    words = f"{lesson.title}: {change.text}"
    return f"/new?{urlencode(query_of({**spec_of(asked.pairs(change.variant, change.set)), 'name': words[:200]}))}"


def address_of_paths(asked: Setting, variant: str = "", changes: Pairs | None = None) -> str:
    """Return the address of the page that draws the paths of a setting, with changes in one of its variants."""
    of_optimizer, of_surface = divided(changes or {})
    specs = asked.specs()
    if variant:
        specs[variant] = spec_of(asked.pairs(variant, of_optimizer))
    x, y = asked.paths.start
    told = {"surface": asked.paths.surface, "x": f"{x:g}", "y": f"{y:g}", "steps": str(asked.paths.steps), **of_surface}
    return f"/paths?{urlencode([*told.items(), *(('o', _racer(spec)) for spec in specs.values())])}"


def divided(changes: Pairs) -> tuple[Pairs, dict[str, str]]:
    """Return what a change says of an optimizer, and what of the surface: paths.surface, .x, .y and .steps."""
    of_surface = {
        path.removeprefix("paths."): str(value) for path, value in changes.items() if path.startswith("paths.")
    }
    return {path: value for path, value in changes.items() if not path.startswith("paths.")}, of_surface


def _racer(spec: Mapping[str, Any]) -> str:
    pairs = query_of({"optimizer": spec["optimizer"]})
    params = [(path.removeprefix("optimizer."), value) for path, value in pairs.items() if path != "optimizer"]
    return " ".join([pairs["optimizer"], *(word for pair in params for word in pair)])
