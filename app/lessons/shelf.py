"""The lessons that there are: files in a folder, in every language, read again when they have changed."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from app.errors import BadLesson, NoSuchLesson
from app.lessons.checks import problems_of
from app.lessons.format import Lesson
from app.lessons.translation import translated
from app.lessons.wording import in_words, no_such
from trainer.spec import SpecError, load

LANGUAGES = ("en", "ko")  # the first is that of the lesson's own file, the others lie beside it


class Shelf:
    """The lessons of a folder: <name>.yaml with English words, and <name>.ko.yaml with the Korean ones."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._kept: dict[tuple[str, str], tuple[tuple[int, ...], Lesson]] = {}

    def names(self) -> list[str]:
        """Return the names of all lessons, in alphabetical order."""
        found = (one.stem for one in self.folder.glob("*.yaml"))
        return sorted(one for one in found if "." not in one)

    def lesson(self, name: str, language: str = "en") -> Lesson:
        """Return a lesson in a language.

        Raises:
            NoSuchLesson: there is none of that name.
            BadLesson: its file, or that of its words, cannot be used.
        """
        names = self.names()
        if name not in names:
            raise NoSuchLesson(no_such(name[:60], names, "lesson"))
        files = [self.folder / f"{name}.yaml"]
        files += [self.folder / f"{name}.{language}.yaml"] if language != LANGUAGES[0] else []
        stamp = tuple(one.stat().st_mtime_ns if one.exists() else 0 for one in files)
        kept = self._kept.get((name, language))
        if kept is None or kept[0] != stamp:
            lesson = read_lesson(name, _load(files[0]))
            lesson = translated(lesson, _load(files[1]), language) if files[1:] else lesson
            self._kept[name, language] = kept = (stamp, lesson)
        return kept[1]

    def lessons(self, language: str = "en") -> list[Lesson]:
        """Return every lesson, in alphabetical order; see `lesson` for what it raises."""
        return [self.lesson(name, language) for name in self.names()]

    async def all_of(self, language: str) -> list[Lesson]:
        """Return what `lessons` does; the first reading takes most of a second, so in a thread."""
        return await asyncio.to_thread(self.lessons, language)


def read_lesson(name: str, data: Any) -> Lesson:
    """Return the lesson that `data` describes.

    Raises:
        BadLesson: with every problem of shape, or where the shape is right, all that does not hold together.
    """
    if not isinstance(data, Mapping):
        raise BadLesson(name, [("", "a lesson is a mapping with keys such as title, question and measures.")])
    try:
        lesson = Lesson.model_validate({**data, "name": name})
    except ValidationError as error:
        raise BadLesson(name, [in_words(one) for one in error.errors()]) from None
    if problems := problems_of(lesson):
        raise BadLesson(name, problems)
    return lesson


def _load(path: Path) -> Any:
    try:
        return load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadLesson(path.stem, [("", f"{path.name} cannot be read: {error.strerror}.")]) from None
    except UnicodeDecodeError:
        raise BadLesson(path.stem, [("", f"{path.name} cannot be read: it is not UTF-8 text.")]) from None
    except SpecError as error:
        raise BadLesson(path.stem, [(one.path, one.message) for one in error.problems]) from None
