"""Brings a data set here for somebody who watches from another process: each line it prints is JSON. No torch.

`python -m trainer.bringing imdb` prints {"title", "done", "total"} some three times a second, in bytes, and at last
{"here": true}, or {"problem", "hint"} when it did not come. Killed in the middle it leaves what has come; the next
one goes on from there, and two that bring the same download it once.
"""

import json
import sys
import time

from trainer.downloads import Unavailable, fetch, source

TELL_EVERY_S = 0.3


class Teller:
    """Says how far a download is, not too often."""

    def __init__(self) -> None:
        self._told = 0.0

    def __call__(self, what: str, done: int, total: int) -> None:
        """Hear how many bytes of how many are here."""
        now = time.monotonic()
        if not self._told or now - self._told >= TELL_EVERY_S:
            self._told = now
            say(title=what, done=done, total=total)


def say(**told: object) -> None:
    """Print a line."""
    print(json.dumps(told), flush=True)


def main(name: str) -> int:
    """Bring a data set, and then what goes with it."""
    try:
        for one in (name, *source(name).also):
            fetch(one, Teller())
    except LookupError as error:
        say(problem=str(error), hint="")
        return 1
    except Unavailable as error:
        say(problem=str(error), hint=error.hint)
        return 1
    say(here=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
