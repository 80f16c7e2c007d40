"""What a trainer prints to output.txt, and the fork server to forkserver.txt. No torch.

A disk that takes nothing loses a line of it, and nobody dies of that.
"""

import io
import os
import sys
from pathlib import Path


def print_to(path: Path) -> None:
    """Let all that this process prints go to the end of a file, line by line; nothing can be read from its input."""
    out = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.close(out)
    forgive()


def forgive() -> None:
    """Let lines that cannot be written be lost."""
    sys.stdout, sys.stderr = _lines(1), _lines(2)


class _Forgiving(io.FileIO):
    def write(self, data) -> int:
        try:
            return super().write(data)
        except OSError:
            return len(data)


def _lines(number: int) -> io.TextIOWrapper:
    raw = _Forgiving(number, "w", closefd=False)
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", errors="backslashreplace", line_buffering=True)
