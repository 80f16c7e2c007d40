"""The instrument budget: when may which probe look.

Each look is timed. After a look that cost c seconds nothing expensive happens for c / budget seconds,
so that all instruments together stay under their share of the wall time, whatever a look costs. The
looks of the reporter, which must happen, are charged to the same account.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

from trainer.assembly import Switched

SLOW = 10  # probes that nobody watches look this many times more rarely
REPORT_EVERY_S = 1.0


class Account(NamedTuple):
    """What instruments cost over so many seconds: their share of it, and seconds by name."""

    seconds: float
    share: float
    spent: dict[str, float]


class Budget:
    """Decides which probe may look next, and keeps the account of what looking cost."""

    def __init__(self, probes: dict[str, Switched], share: float, clock: Callable[[], float]):
        self.probes = probes
        self.share = share
        self.watched = False
        self._clock = clock
        self._next = dict.fromkeys(probes, 0.0)
        self._free_at = 0.0
        self._spent: dict[str, float] = {}
        self._since = clock()
        self._wake = 0.0
        self._asked: dict[str, list[str]] = {}
        self._at_evaluations = {name for name, one in probes.items() if one.part.at_evaluations}
        self._evaluations_free_at = 0.0

    def due(self, now: float) -> str | None:
        """Return the probe that has waited longest and may look now, or None. Costs 50 ns mostly."""
        if now < self._wake:
            return None
        for name in self._asked:
            if name not in self._at_evaluations:
                return name
        on = self._between_steps()
        if not on or self.share == 0:
            self._wake = now + REPORT_EVERY_S
            return None
        first = min(on, key=self._next.__getitem__)
        self._wake = max(self._next[first], self._free_at)
        return first if now >= self._wake else None

    def due_at_evaluation(self, now: float, *, last: bool = False) -> list[str]:
        """Return the probes that may look at the evaluation that has just been; of the last one all that are on.

        An evaluation comes when an epoch ends, not when there is time: these probes keep by themselves to half of the
        share, or to all of it where no others are on. The others wait for what has been taken of it.
        """
        on = [name for name in self.probes if name in self._at_evaluations and self.probes[name].enabled]
        if self.share == 0 or (now < self._evaluations_free_at and not last):
            on = []
        elif not last:
            on = [name for name in on if now >= self._next[name]]
        return [*on, *(name for name in self._asked if name in self._at_evaluations and name not in on)]

    def charge(self, name: str, seconds: float) -> None:
        """Book what something cost; `name` is a probe, or "report" for gathering and writing."""
        now = self._clock()
        self._spent[name] = self._spent.get(name, 0.0) + seconds
        self._free_at = max(now, self._free_at) + seconds / self.share if self.share else math.inf
        if name in self._at_evaluations and self.share:
            share = self.share / 2 if self._between_steps() else self.share
            self._evaluations_free_at = max(now, self._evaluations_free_at) + seconds / share
        if name in self._next:
            rate = self.probes[name].part.rate / (1 if self.watched else SLOW)
            self._next[name] = now + 1 / rate
        self._wake = 0.0

    def retune(self, share: float | None = None, watched: bool | None = None) -> None:
        """Take a new share, or hear that somebody began or ceased to watch."""
        if share is not None:
            self.share = share
            self._free_at = self._evaluations_free_at = self._clock()
        if watched is not None and watched != self.watched:
            self.watched = watched
            self._next = dict.fromkeys(self.probes, 0.0)
        self._wake = 0.0

    def ask(self, probe: str, command: str) -> None:
        """Let a probe look at the next step, whatever it costs."""
        self._asked.setdefault(probe, []).append(command)
        self._wake = 0.0

    def answered(self, probe: str) -> list[str]:
        """Return the commands that asked for the look just taken, once."""
        return self._asked.pop(probe, [])

    def account(self, now: float) -> Account | None:
        """Return what was spent, once a second, and begin anew; None in between."""
        elapsed = now - self._since
        if elapsed < REPORT_EVERY_S:
            return None
        spent, self._spent, self._since = self._spent, {}, now
        return Account(elapsed, sum(spent.values()) / elapsed, spent)

    def _between_steps(self) -> list[str]:
        return [name for name, one in self.probes.items() if one.enabled and name not in self._at_evaluations]
