"""The runs that wait for their turn, in order."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from app.life import Evidence, moved
from app.run import Run


class Queue:
    """Runs that wait. `renumbered` hears of each whose place has changed."""

    def __init__(self, renumbered: Callable[[Run], None]):
        self._runs: list[Run] = []
        self._renumbered = renumbered

    def __bool__(self) -> bool:
        return bool(self._runs)

    def add(self, run: Run, *, first: bool = False) -> None:
        """Let a run wait behind all others, or before them."""
        if run not in self._runs:
            self._runs.insert(0 if first else len(self._runs), run)

    def take_up(self, run: Run, position: int | None) -> None:
        """Let a run wait that did so already when the server ended; `sort` puts it in its place."""
        run.standing = replace(run.standing, position=position)
        self._runs.append(run)

    def sort(self) -> None:
        """Put all runs in the places that they had."""
        self._runs.sort(key=lambda run: run.standing.position or 0)

    def leave(self, run: Run) -> None:
        """Take a run out, if it waits."""
        if run in self._runs:
            self._runs.remove(run)
            self.number()

    def call_off(self, run: Run) -> None:
        """Let a run that was deleted wait for nothing any more, not even to be tried again by itself."""
        self.leave(run)
        run.wanted = False
        if run.standing.name == "queued":
            run.standing = moved(run.standing, Evidence("cancelled", "before it was started"))

    def take(self, most: int, may: Callable[[Run], bool]) -> Iterator[Run]:
        """Take out and yield the next runs that may start, so many at most."""
        self._runs = [one for one in self._runs if one.wanted]
        for run in [one for one in self._runs if may(one)][: max(0, most)]:
            self._runs.remove(run)
            yield run

    def number(self) -> None:
        """Give each run its place, from 1."""
        for position, run in enumerate(self._runs, 1):
            if run.standing.position != position:
                run.standing = replace(run.standing, position=position)
                self._renumbered(run)
