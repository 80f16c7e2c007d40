"""What the runs of a lesson are called in the language of a page: a group keeps the words of whoever launched it."""

from app.errors import BadLesson, NoSuchLesson
from app.groups.group import Group
from app.lessons.format import Lesson
from app.lessons.launching import lesson_of
from app.lessons.shelf import LANGUAGES, Shelf


def labels_of(shelf: Shelf, lesson: Lesson) -> dict[str, str]:
    """Return the words that a lesson has for each variant, by those of any language."""
    others = [shelf.lesson(lesson.name, language).variants for language in LANGUAGES]
    return {words[name]: here for words in others for name, here in lesson.variants.items()}


def words_of(shelf: Shelf, group: Group, language: str) -> dict[str, str]:
    """Return what `labels_of` does for the lesson that launched a group, and its title; nothing where none did."""
    name, _ = lesson_of(group)
    if not name:
        return {}
    try:
        lesson = shelf.lesson(name, language)
        titles = {shelf.lesson(name, other).title: lesson.title for other in LANGUAGES}
        return labels_of(shelf, lesson) | titles
    except (NoSuchLesson, BadLesson):
        # it is gone, or somebody is at work on it: the words that are kept do as well
        return {}
