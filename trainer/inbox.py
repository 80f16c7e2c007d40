"""Commands that wait for the trainer: the tail of commands.log, looked at a hundred times a second."""

import time
from pathlib import Path

from trainer.protocol import AnyCommand
from trainer.runlog import read_entries

LOOK_EVERY_S = 0.01


class Inbox:
    """Reads what the server appends to commands.log."""

    def __init__(self, path: Path):
        self.path = path
        self._offset = 0
        self._looked = 0.0

    def received(self) -> list[AnyCommand]:
        """Return the commands that came since the last call; looks at the file at most each 10 ms."""
        now = time.perf_counter()
        if now - self._looked < LOOK_EVERY_S:
            return []
        self._looked = now
        try:
            if self.path.stat().st_size <= self._offset:
                return []
        except FileNotFoundError:
            return []
        commands = []
        for entry, one in read_entries(self.path, self._offset):
            commands.append(entry.said)
            self._offset = one.end
        return commands
