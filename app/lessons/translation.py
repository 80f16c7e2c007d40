"""The words of a lesson in another language: a mapping of the same shape that holds the texts alone. Pure."""

from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any, Union, get_args, get_origin

from app.errors import BadLesson
from app.lessons.format import Lesson
from app.lessons.measures import Part


def translated(lesson: Lesson, words: Any, language: str) -> Lesson:
    """Return the lesson with the texts of another language, which has each of them.

    Raises:
        BadLesson: a text is missing, or there is one too many.
    """
    here = texts_of(lesson)
    there = {path: str(text) for path, text in _leaves(words)}
    problems = [(path, "this text is not translated.") for path in here.keys() - there.keys()]
    problems += [(path, "the lesson has no such text.") for path in there.keys() - here.keys()]
    if problems:
        raise BadLesson(f"{lesson.name}.{language}", sorted(problems))
    data = lesson.model_dump(exclude_defaults=True)
    for path, text in there.items():
        *way, last = path.split(".")
        at: Any = data
        for key in way:
            at = at[int(key)] if isinstance(at, tuple) else at[key]
        at[last] = text
    return Lesson.model_validate(data)


def texts_of(lesson: Lesson) -> dict[str, str]:
    """Return {path: text} of all that is read in a lesson: what another language must have."""
    return dict(_texts(lesson, Lesson, ""))


def _texts(value: Any, kind: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Part):
        for name, field in type(value).model_fields.items():
            inner = getattr(value, name)
            if "text" in field.metadata or _is_text(field.annotation):
                if inner is not None:
                    yield f"{path}{name}", inner
            else:
                yield from _texts(inner, field.annotation, f"{path}{name}.")
    elif isinstance(value, dict) and kind is not Any:  # a value of a spec may be a mapping, and has no texts
        for name, inner in value.items():
            if _is_text(get_args(kind)[1]):
                yield f"{path}{name}", inner
            else:
                yield from _texts(inner, get_args(kind)[1], f"{path}{name}.")
    elif isinstance(value, tuple):
        for place, inner in enumerate(value):
            yield from _texts(inner, None, f"{path}{place}.")


def _is_text(kind: Any) -> bool:
    either = get_args(kind) if get_origin(kind) in (Union, UnionType) else ()
    return "text" in getattr(kind, "__metadata__", ()) or any(map(_is_text, either))


def _leaves(words: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    inner = words.items() if isinstance(words, Mapping) else enumerate(words) if isinstance(words, list) else None
    if inner is None:
        yield path, words
        return
    for key, one in inner:
        yield from _leaves(one, f"{path}.{key}" if path else str(key))
