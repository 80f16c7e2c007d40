"""What a spec may hold, whoever wrote it: what JSON has. YAML has dates, sets and keys of any kind as well."""

import json
import math
from collections import deque
from collections.abc import Iterator
from typing import Any

MOST_BITS = 14_000  # of a whole number: 4,214 digits; Python writes out none of more than 4,300

Way = tuple[Any, ...]  # (the way to what holds it, its key or place there); () at the top


def unfit(value: Any) -> Iterator[tuple[str, str]]:
    """Yield each thing in a value that no spec may hold: its path, and in a sentence what is wrong with it."""
    # no recursion: how deep a text goes is its writer's to say
    waiting: deque[tuple[Way, Any]] = deque([((), value)])
    while waiting:
        way, one = waiting.popleft()
        if isinstance(one, dict):
            yield from ((_path((way, key)), told) for key in one if (told := _unfit_name(key)))
            waiting.extend(((way, key), inner) for key, inner in one.items())
        elif isinstance(one, list):
            waiting.extend(((way, place), inner) for place, inner in enumerate(one))
        elif told := _unfit_single(one):
            yield _path(way), told


def _unfit_single(value: Any) -> str:
    if isinstance(value, str):
        return "" if _is_whole(value) else _HALF
    if isinstance(value, float):
        return "" if math.isfinite(value) else f"{json.dumps(value)} is no value of a spec; write a finite number."
    if isinstance(value, int):
        return "" if value.bit_length() <= MOST_BITS else "this whole number has too many digits."
    if value is None:
        return ""
    return (
        f"{value!s:.60} is no value of a spec: it has texts, numbers, true, false, null, lists and mappings. "
        "Put a text in quotes."
    )


def _unfit_name(key: Any) -> str:
    if isinstance(key, str):
        return "" if _is_whole(key) else _HALF
    return f"{key!s:.60} is no name of a value, which is a text. Put it in quotes."


_HALF = "half a character stands in it: one of \\ud800 to \\udfff without its other half."


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _path(way: Way) -> str:
    keys = []
    while way:
        way, key = way
        # what is said of it has to go out as UTF-8
        keys.append(str(key).encode(errors="backslashreplace").decode())
    return ".".join(reversed(keys))
