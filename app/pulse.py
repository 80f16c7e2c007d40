"""How long a trainer has been silent, by this server's monotonic clock, and how long it may be. Pure.

Time stamps in the log play no part: a clock that jumps, or runs differently where the trainer is, changes nothing.
"""

from collections import deque
from statistics import median

STEPS_OF_SILENCE = 20
PACES = 101  # looks at which steps had come, to take the median of
AWAY = 10  # looks missed at once: this server was held up itself, so its silence says nothing of the trainer's


class Pulse:
    """One trainer's signs of life. No sign at all counts from the beginning: a first beat may be late too."""

    def __init__(self, now: float, floor_s: float, look_every_s: float):
        self._floor_s = floor_s
        self._away_s = AWAY * look_every_s
        self._looked = self._beat = self._stepped = now
        self._position: list[int] | None = None
        self._step: int | None = None
        self._paces: deque[float] = deque(maxlen=PACES)

    def look(self, now: float, position: list[int], step: int) -> bool:
        """Return whether anything new was said since the last look.

        Args:
            position: attempt and `seq` of the last entry that was heard.
            step: the step that the run has come to.
        """
        if now - self._looked > self._away_s:
            self._beat = self._stepped = now
        self._looked = now
        first, fresh = self._position is None, position != self._position
        self._position = list(position)
        if self._step is None or step < self._step:
            self._step, self._stepped = step, now
        elif step > self._step:
            self._paces.append((now - self._stepped) / (step - self._step))
            self._step, self._stepped = step, now
        if fresh and not first:
            self._beat = now
        return fresh and not first

    def beat(self, now: float) -> None:
        """Take a sign of life that is no entry of the log."""
        self._beat = self._stepped = now

    def silence(self, now: float) -> float:
        """Return for how many seconds nothing was heard."""
        return now - self._beat

    def patience(self, speed: float = 0.0) -> float:
        """Return how many seconds of silence are no reason to worry: 20 steps' worth, and at least the floor.

        Args:
            speed: the steps per second that the run is held to; 0 when it is not.
        """
        pace = max(median(self._paces) if self._paces else 0.0, 1 / speed if speed > 0 else 0.0)
        return max(self._floor_s, STEPS_OF_SILENCE * pace)
