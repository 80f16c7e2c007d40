"""What a trainer does before it can begin: bring the data here, and say how far that is.

preparing.json in the run's folder = {"attempt", "what", "done", "total", "beat"}, in bytes, is there while it does.
It is no event: a log begins with Started, and of a download nobody wants to know afterwards.
"""

import contextlib
import json
import time
from pathlib import Path

from trainer.assembly import assemble
from trainer.downloads import fetch, source
from trainer.spec import RunSpec, SpecError

PREPARING = "preparing.json"
TELL_EVERY_S = 0.3


def bring_data(folder: Path, attempt: int) -> None:
    """See that the data of the run in a folder is on this machine.

    Raises:
        Unavailable: it is not, and cannot be brought.
    """
    try:
        dataset = assemble(RunSpec.parse((folder / "spec.json").read_text())).dataset
    except (SpecError, OSError, ValueError):
        return  # whoever begins the run says what is wrong with its spec
    dataset.settle()
    if not dataset.download or source(dataset.download).is_here():
        return
    print(f"downloading {source(dataset.download).title}", flush=True)
    teller = Teller(folder / PREPARING, attempt)
    try:
        fetch(dataset.download, teller)
    finally:
        teller.path.unlink(missing_ok=True)


class Teller:
    """Writes down how far a download is, some three times a second."""

    def __init__(self, path: Path, attempt: int):
        self.path, self._attempt = path, attempt
        self._beat, self._told = 0, 0.0

    def __call__(self, what: str, done: int, total: int) -> None:
        """Hear how many bytes of how many are here."""
        now = time.monotonic()
        if self._told and now - self._told < TELL_EVERY_S:
            return
        self._beat, self._told = self._beat + 1, now
        told = {"attempt": self._attempt, "what": what, "done": done, "total": total, "beat": self._beat}
        partial = self.path.with_suffix(".partial")
        with contextlib.suppress(OSError):  # a full disk: the download says so itself
            partial.write_text(json.dumps(told))
            partial.replace(self.path)
