"""Commands that wait for the trainer: the tail of commands.log."""

import contextlib
from pathlib import Path

from trainer import faults
from trainer.protocol import AnyCommand, named
from trainer.runlog import make_durable, read_entries


class Inbox:
    """Reads what the server appends to commands.log."""

    def __init__(self, path: Path):
        self.path = path
        self._offset = 0

    def size(self) -> int:
        """Return how many bytes there are by now."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def received(self) -> list[tuple[AnyCommand, int]]:
        """Return the commands that came since the last call, each with the byte at which it ends.

        Costs one stat when there are none.

        Raises:
            LogDamaged: what comes next cannot be read, nor anything after it.
        """
        if self.size() <= self._offset:
            return []
        commands = []
        for entry, one in read_entries(self.path, self._offset):
            commands.append((named(entry.said, one.end), one.end))
            self._offset = one.end
        if commands and faults.reach("inbox.sync") != "skip":
            with contextlib.suppress(OSError):
                make_durable(self.path)  # no answer may outlive its command: a resumed attempt takes it again
        return commands
