"""A lesson in the server: its runs are a group, and by the group's runs it is graded."""

import asyncio
from pathlib import Path
from typing import Any

from app.errors import BadRequest, NotNow
from app.groups.group import Group
from app.groups.groups import Groups
from app.groups.vary import Member
from app.lessons.asking import Asking
from app.lessons.format import SETTINGS, Lesson
from app.lessons.grading import Grade, Translate, grade
from app.lessons.shelf import LANGUAGES, Shelf
from app.life import OVER
from app.run import Run

KIND = "lesson"


async def launch(groups: Groups, lesson: Lesson, setting: str, by: str) -> Group:
    """Queue the runs of a lesson as one group, or none of them when one cannot run.

    Raises:
        NoSuchLesson: the lesson has no such setting. BadGroup: a variant cannot run; the text says why.
    """
    asked = lesson.setting(setting)
    if asked.paths:
        raise BadRequest("Nothing is trained in this lesson: its paths are worked out as it is graded.")
    by_seed = {seed: asked.specs(seed) for seed in range(1, asked.seeds + 1)}
    members = [
        Member(lesson.variants[variant], specs[variant] | {"seed": seed})
        for variant in asked.variants
        for seed, specs in by_seed.items()
    ]
    return await groups.create(lesson.title, members, by, KIND, f"{lesson.name}/{setting}")


def lesson_of(group: Group) -> tuple[str, str]:
    """Return the lesson and the setting that launched a group; ("", "") when none did."""
    name, _, setting = group.lesson.partition("/")
    return (name, setting) if group.kind == KIND and setting in SETTINGS else ("", "")


def groups_of(groups: Groups, name: str) -> list[dict[str, Any]]:
    """Return the groups that a lesson has launched, newest first: id, setting, when, by whom, and whether all ended."""
    found = [(group, runs) for group, runs in groups.all() if lesson_of(group)[0] == name]
    return [
        {
            "id": group.id,
            "setting": lesson_of(group)[1],
            "created": group.created,
            "by": group.by,
            "ended": all(run.standing.name in OVER for run in runs),
        }
        for group, runs in found
    ]


async def graded(shelf: Shelf, asking: Asking, lesson: Lesson, group: Group, runs: list[Run], t: Translate) -> Grade:
    """Return what a lesson's group came to.

    Raises:
        BadRequest: another lesson launched it, or none did. NotNow: some of its runs have not ended.
    """
    name, setting = lesson_of(group)
    if name != lesson.name:
        by = f"the lesson {name!r}" if name else "no lesson"
        raise BadRequest(f"The group {group.id} was launched by {by}.", f"Start the lesson: /lessons/{lesson.name}")
    waiting = sum(run.standing.name not in OVER for run in runs)
    if waiting:
        raise NotNow(f"{waiting} of {len(runs)} runs have not come to their end.", "It is graded when all have.")
    return await grade_of(asking, lesson, setting, folders_of(shelf, lesson, runs), t)


async def grade_of(asking: Asking, lesson: Lesson, setting: str, folders: dict[str, list[Path]], t: Translate) -> Grade:
    """Return the grade of runs that have ended, or of paths, which have no runs."""
    answers = await asking.of(lesson, setting, folders)
    return await asyncio.to_thread(grade, lesson, setting, folders, t, answers)


def folders_of(shelf: Shelf, lesson: Lesson, runs: list[Run]) -> dict[str, list[Path]]:
    """Return the folders of runs by variant, whose words in any language are their labels."""
    words = [shelf.lesson(lesson.name, language).variants for language in LANGUAGES]
    variants = {label: variant for labels in words for variant, label in labels.items()}
    found: dict[str, list[Path]] = {}
    for run in runs:
        found.setdefault(variants.get(run.label, ""), []).append(run.folder)
    return found
