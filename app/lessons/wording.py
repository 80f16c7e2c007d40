"""What is wrong with a lesson file, in words: where, what, and what there is. Pure."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not a field here",
    "string_type": "is a text",
    "string_too_short": "is empty",
    "string_pattern_mismatch": "is a short name: small letters, digits and underscores, a letter first",
    "int_type": "is a whole number",
    "int_parsing": "is a whole number",
    "int_from_float": "is a whole number",
    "float_type": "is a number",
    "float_parsing": "is a number",
    "dict_type": "is a mapping, as in {{key: value}}",
    "model_type": "is a mapping, as in {{key: value}}",
    "model_attributes_type": "is a mapping, as in {{key: value}}",
    "tuple_type": "is a list, as in [one, two]",
    "greater_than_equal": "is at least {ge}",
    "greater_than": "is greater than {gt}",
    "less_than_equal": "is at most {le}",
    "too_short": "has at least {min_length}",
    "too_long": "has at most {max_length}",
    "literal_error": "is one of: {expected}",
    "union_tag_not_found": "has no take, which says what is measured",
    "value_error": "{error}",
}
TAKES = {
    "last", "lowest", "highest", "epoch_of_lowest", "epoch_of_highest", "not_finite", "at", "mean", "passes", "end",
    "capture", "weights", "marks", "reached", "parameters", "difference", "ratio", "across", "order", "count",
    "influence", "ensemble", "sharpness", "barrier", "path",
}  # fmt: skip


def in_words(error: Any) -> tuple[str, str]:
    """Return (path, sentence) for one error of pydantic's."""
    where = list(error["loc"])
    if len(where) > 2 and where[0] == "measures" and where[2] in TAKES:
        del where[2]  # which kind of measure it was taken for is no part of the file
    path = ".".join(map(str, where))
    context = error.get("ctx", {})
    if error["type"] == "union_tag_invalid":
        return f"{path}.take".lstrip("."), no_such(str(context["tag"]), TAKES, "way to measure")
    words = _WORDS.get(error["type"], error["msg"]).format(**context)
    got = "" if error["type"] in ("missing", "value_error", "union_tag_not_found") else f"; got {error['input']!r:.60}"
    return path, f"{where[-1] if where else 'it'} {words}{got}."


def no_such(name: str, known: Iterable[str], what: str) -> str:
    """Say that a name is unknown, guess what was meant, and list what there is."""
    known = list(known)
    near = get_close_matches(name, known, n=1)
    guess = f" Did you mean {near[0]!r}?" if near else ""
    return f"no {what} is called {name!r:.60}.{guess} There are: {', '.join(known) or 'none'}."
