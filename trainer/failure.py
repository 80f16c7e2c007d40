"""Why a run cannot go on, in a sentence, with what to do about it; for want of memory also with the numbers."""

import re
import traceback

import torch

from trainer.downloads import Unavailable
from trainer.procfs import memory_left
from trainer.protocol import Failed
from trainer.resume import CannotBegin
from trainer.spec import SpecError

UNITS = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
# torch on the CPU: "you tried to allocate 8000 bytes", on a GPU: "Tried to allocate 20.00 GiB. ... of which 1.00 GiB is
# free", NumPy: "Unable to allocate 7.45 GiB for an array"
ASKED = re.compile(r"(?:tried to|unable to) allocate ([\d.]+) ?(bytes|[KMGT]iB)", re.IGNORECASE)
FREE = re.compile(r"of which ([\d.]+) ?(bytes|[KMGT]iB) is free")


def failure(error: Exception, batch_size: int | None = None) -> Failed:
    """Return the event for an exception: its reason in a sentence, and what to do.

    Args:
        batch_size: of the run, when it is known, to suggest a smaller one.
    """
    if isinstance(error, CannotBegin | Unavailable):
        return Failed(reason=str(error), hint=error.hint)
    if isinstance(error, SpecError):
        return Failed(reason=f"The spec cannot run: {error}", hint="Mend the spec and run it again.")
    if is_out_of_memory(error):
        traceback.clear_frames(error.__traceback__)  # what they hold is needed now: even a sentence takes memory
    trace = "".join(traceback.format_exception(error))
    if is_out_of_memory(error):
        return Failed(reason=told_memory(str(error)), hint=smaller(batch_size), traceback=trace)
    told = f"{type(error).__name__}: {error}"
    return Failed(reason=told, hint="The log of the run has the traceback.", traceback=trace)


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether memory did not suffice, on the GPU or on the host, whoever says so."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or "can't allocate memory" in str(error)


def told_memory(said: str) -> str:
    """Return in a sentence how much memory was asked for and how much there is, as far as it is known."""
    asked = _size(ASKED.search(said))
    free, where = _size(FREE.search(said)), " on the GPU"
    if free is None:
        free, where = memory_left(), ""
    parts = [f"{_bytes(asked)} were asked for"] if asked is not None else []
    if free is not None:
        parts.append(f"{_bytes(free)} are available{where}")
    return f"out of memory: {', '.join(parts)}." if parts else f"out of memory: {said}"


def smaller(batch_size: int | None) -> str:
    """Return what to do when memory does not suffice."""
    if batch_size is None or batch_size < 2:
        return "Make the batch, the network or the data smaller."
    return f"The batch size is {batch_size} now: try {batch_size // 2}, or a smaller network."


def _size(found: re.Match[str] | None) -> int | None:
    if found is None:
        return None
    units = {name.lower(): size for name, size in UNITS.items()}
    return int(float(found[1]) * units[found[2].lower()])


def _bytes(count: int) -> str:
    for unit in ("TiB", "GiB", "MiB", "KiB"):
        if count >= UNITS[unit]:
            return f"{count / UNITS[unit]:.1f} {unit}"
    return f"{count} bytes"
