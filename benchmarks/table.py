"""Prints a table with the machine it was measured on."""

import os
import platform
import statistics
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.table import Table


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], note: str = "") -> None:
    """Print a table; the caption names the machine, for numbers without one mean little."""
    table = Table(title=title, title_justify="left", caption=note or None, caption_justify="left")
    for i, column in enumerate(columns):
        table.add_column(column, justify="left" if i == 0 else "right")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    console = Console(width=120)
    console.print(table)
    console.print(f"{machine()}\n", highlight=False)


def machine() -> str:
    """Return the machine in a line: cores, processor, Python."""
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, load {load:.1f}"


def in_turns(pairs: int, first: Callable[[], float], second: Callable[[], float]) -> tuple[list[float], list[float]]:
    """Run two things by turns, the order swapped each time, after one of each that does not count."""
    first(), second()
    found: tuple[list[float], list[float]] = ([], [])
    for pair in range(pairs):
        order = ((0, first), (1, second)) if pair % 2 == 0 else ((1, second), (0, first))
        for i, act in order:
            found[i].append(act())
    return found


def ratio(found: tuple[list[float], list[float]]) -> float:
    """Return the median of second / first, pair by pair."""
    return statistics.median(b / a for a, b in zip(*found, strict=True))


def spread(values: Sequence[float], scale: float = 1, digits: int = 1) -> str:
    """Return 'median (least to most)'."""
    median, low, high = statistics.median(values) * scale, min(values) * scale, max(values) * scale
    return f"{median:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"
