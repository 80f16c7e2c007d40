"""Commands that wait for the trainer: the tail of commands.log."""

from pathlib import Path

from trainer.protocol import Entry
from trainer.runlog import read_entries


class Inbox:
    """Reads what the server appends to commands.log."""

    def __init__(self, path: Path):
        self.path = path
        self._offset = 0

    def received(self) -> list[Entry]:
        """Return the entries that came since the last call; one stat when there are none.

        Raises:
            LogDamaged: what comes next cannot be read, nor anything after it.
        """
        try:
            if self.path.stat().st_size <= self._offset:
                return []
        except FileNotFoundError:
            return []
        entries = []
        for entry, one in read_entries(self.path, self._offset):
            entries.append(entry)
            self._offset = one.end
        return entries
