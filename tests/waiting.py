"""Waits for something to become true, and says what was there instead when it does not."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
LOOK_EVERY_S = 0.03


def wait_for(look: Callable[[], T], until: Callable[[T], object] = bool, within_s: float = 60.0) -> T:
    """Return what `look` returns as soon as `until` says yes to it."""
    end = time.monotonic() + within_s
    while True:
        seen = look()
        if until(seen):
            return seen
        assert time.monotonic() < end, f"after {within_s:g} s it was still {seen!r}"
        time.sleep(LOOK_EVERY_S)
