"""One server for one data folder: whoever holds the lock on `lock` in it, with its pid inside."""

import fcntl
import os
from pathlib import Path

from app.errors import FolderTaken, FolderUnusable


class FolderLock:
    """Held from construction until `release`, or until the process ends in whatever way."""

    def __init__(self, folder: Path):
        try:
            (folder / "runs").mkdir(parents=True, exist_ok=True)
            self._file = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            _probe(folder)
        except OSError as error:
            raise FolderUnusable(
                f"The data folder {folder} cannot be written: {error.strerror}.",
                "Name another one with --data-dir or LIVEFIT_DATA_DIR, or make this one writable.",
            ) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(self._file, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(self._file)
            raise FolderTaken(
                f"Another Livefit (pid {holder}) already works on the data folder {folder}.",
                "Open that one's page, stop it, or name another folder with --data-dir.",
            ) from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let the next server in."""
        os.close(self._file)


def _probe(folder: Path) -> None:
    # a folder may let an old lock file be opened and still take no new file
    path = folder / ".writable"
    path.touch()
    path.unlink()
