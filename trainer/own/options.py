"""What was asked of an upload: plain options from a page or a script, each checked before it is used."""

from collections.abc import Mapping
from typing import Any

from trainer.own.words import Unfit, quoted

KINDS = ("csv", "npz", "images")
MAX_TEXT = 200


def one_of(options: Mapping[str, Any], name: str, choices: tuple[str, ...], default: str) -> str:
    """Return an option that is a word, or its default when it was not given.

    Raises:
        Unfit: it is another word.
    """
    value = options.get(name)
    if value in (None, ""):
        return default
    if value not in choices:
        raise Unfit(name, "bad_option", option=name, value=quoted(str(value)), choices=list(choices))
    return str(value)


def flag(options: Mapping[str, Any], name: str, default: bool) -> bool:
    """Return an option that is true or false, or its default when it was not given.

    Raises:
        Unfit: it is something else.
    """
    value = options.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise Unfit(name, "bad_option", option=name, value=quoted(str(value)), choices=["true", "false"])
    return value


def text(options: Mapping[str, Any], name: str) -> str:
    """Return an option that is a text, "" when it was not given."""
    value = options.get(name)
    return "" if value is None else str(value)[:MAX_TEXT]


def mapping(options: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return an option that maps names to words, {} when it was not given.

    Raises:
        Unfit: it is something else.
    """
    value = options.get(name) or {}
    if not isinstance(value, Mapping):
        raise Unfit(name, "bad_option", option=name, value=quoted(str(value)), choices=["{index: kind}"])
    return dict(value)
