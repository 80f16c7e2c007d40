"""The pages of lessons: all of them by topic, and one."""

import json
import re
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from app.deps import TheGroups
from app.lessons.api import TheLesson, TheShelf
from app.lessons.curriculum import TOPICS
from app.lessons.format import SETTINGS, Lesson, Setting
from app.lessons.labels import labels_of
from app.lessons.launching import groups_of
from app.lessons.outline import address_of, address_of_paths, by_topic, in_brief
from app.pages import pages

# an address of this server, as a text of a lesson names it
ADDRESS = re.compile(r"((?<![\w/])/(?:data|geometry|paths)(?:[/?][A-Za-z0-9_./?=&-]*[A-Za-z0-9])?(?![A-Za-z0-9_]))")
router = APIRouter(include_in_schema=False)
UNSURE = "unsure"  # what a learner may predict besides the choices


@router.get("/lessons")
async def all_lessons(request: Request, shelf: TheShelf, groups: TheGroups) -> Response:
    """Show the lessons, by topic."""
    page = pages(request)
    lessons = [in_brief(one) for one in by_topic(await shelf.all_of(page.texts.language(request)))]
    topics = {topic: [one for one in lessons if one["topic"] == topic] for topic in TOPICS}
    return page.render(request, "lessons.html", topics={topic: found for topic, found in topics.items() if found},
                       count=len(lessons))  # fmt: skip


@router.get("/lessons/{name}")
async def one_lesson(
    request: Request,
    lesson: TheLesson,
    shelf: TheShelf,
    groups: TheGroups,
    group: Annotated[str, Query(max_length=40, description="The group of runs to show")] = "",
) -> Response:
    """Show one lesson: question, prediction, runs, what they came to."""
    there = {name: setting for name in SETTINGS if (setting := getattr(lesson, name))}
    return pages(request).render(
        request,
        "lesson.html",
        lesson=lesson,
        with_links=with_links,
        settings=there,
        runs=in_brief(lesson)["runs"],
        unsure=UNSURE,
        changes=_changes(lesson, list(there)),
        labels=json.dumps(labels_of(shelf, lesson)),
        pictures={name: address_of_paths(setting) for name, setting in there.items() if setting.paths},
        descents=json.dumps(_descents(lesson, there)),
        groups=json.dumps(groups_of(groups, lesson.name)),
        group=group,
    )


@router.get("/lessons/{name}/{setting}")
async def one_setting(
    request: Request, lesson: TheLesson, setting: str, shelf: TheShelf, groups: TheGroups
) -> Response:
    """Show one lesson; its runs on this data are chosen."""
    lesson.setting(setting)
    return await one_lesson(request, lesson, shelf, groups)


def with_links(text: str) -> list[tuple[str, bool]]:
    """Return a text in pieces, and of each whether it is an address of this server."""
    return [(piece, at % 2 == 1) for at, piece in enumerate(ADDRESS.split(text)) if piece]


def _descents(lesson: Lesson, settings: dict[str, Setting]) -> dict[str, Any]:
    """Return what is to be asked of POST /api/paths for each setting of paths, and what each path is called."""
    return {
        name: {"asked": setting.descents, "labels": [lesson.variants[variant] for variant in setting.variants]}
        for name, setting in settings.items()
        if setting.paths
    }


def _changes(lesson: Lesson, settings: list[str]) -> list[dict[str, Any]]:
    addresses = [{name: address_of(lesson, at, name) for name in settings} for at in range(len(lesson.change))]
    return [{"text": one.text, "addresses": found} for one, found in zip(lesson.change, addresses, strict=True)]
