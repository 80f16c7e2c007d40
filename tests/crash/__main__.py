"""python -m tests.crash --cycles N --seed S: kills trainers, servers and both, and checks what is left."""

import argparse
import contextlib
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.crash.checking import References
from tests.crash.crashing import AT_ONCE, Crashing, Tally
from tests.crash.plans import draw
from tests.crash.reference import train_reference

SECONDS_OF_A_DAY = 24 * 3600.0


def main(arguments: list[str]) -> int:
    """Go through the cycles, print the table, and return 0 when nothing was lost, duplicated, wrong or hung."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--cycles", type=int, default=60, help="how many runs are crashed")
    parser.add_argument("--seed", type=int, default=1, help="what everything is drawn from")
    parser.add_argument("--only", type=int, help="the one cycle to go through, as a failed one says")
    parser.add_argument("--first", type=int, default=0, help="the number of the first cycle")
    parser.add_argument("--at-once", type=int, default=AT_ONCE, help="runs that train at once")
    parser.add_argument("--minutes", type=float, default=0, help="begin no cycle after so many; 0 for no limit")
    parser.add_argument("--folder", type=Path, help="where to work; what failed stays there")
    asked = parser.parse_args(arguments)
    numbers = [asked.only] if asked.only is not None else range(asked.first, asked.first + asked.cycles)
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="livefit-crash-"))
    began = time.monotonic()
    crashing = Crashing(folder, References(train_reference), lambda line: print(line, flush=True), asked.at_once)
    tally = crashing.tally
    try:
        with contextlib.suppress(KeyboardInterrupt):  # whoever has seen enough still wants the table
            crashing.run([draw(asked.seed, one) for one in numbers], asked.minutes * 60 or SECONDS_OF_A_DAY)
    finally:
        print_table(tally, time.monotonic() - began)
    print(f"seed {asked.seed}, cycles {numbers[0]} to {numbers[0] + tally.cycles - 1}; kept in {folder}")
    return 0 if tally.good else 1


def print_table(tally: Tally, seconds: float) -> None:
    """Print what came of all cycles."""
    table = Table("what", "count", box=None)
    table.add_row("cycles (runs crashed and followed to their end)", f"{tally.cycles:,}")
    for kind, count in sorted(tally.kills.items()):
        table.add_row(f"  {KINDS[kind]}", f"{count:,}")
    table.add_row("attempts of all these runs", f"{tally.attempts:,}")
    for name in ("lost", "duplicated", "wrong", "hung"):
        table.add_row(name, f"{getattr(tally, name):,}")
    table.add_row("seconds", f"{seconds:,.0f}")
    Console().print(table)


KINDS = {
    "point": "further attempts of runs that met fault points",
    "trainer": "trainers killed at a random time",
    "server": "servers killed at a random time",
    "server point": "servers that died at a fault point",
    "both": "server and all its trainers killed at once",
    "server ended": "servers ended by SIGTERM",
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
