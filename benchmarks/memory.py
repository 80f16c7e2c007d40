"""How fast the server starts, what it weighs, and what one more trainer weighs."""

import statistics

import psutil

from benchmarks.serving import Server, busy_spec, server
from benchmarks.table import show, spread

STARTS = 5
TRAINERS = 30
MIB = 1024 * 1024


def weight(process: psutil.Process) -> float:
    """Return a process's proportional share of memory, in MiB: shared pages are divided among who shares them."""
    return process.memory_full_info().pss / MIB


def loads_torch(process: psutil.Process) -> bool:
    """Say whether a process has torch's library mapped."""
    return any("libtorch" in one.path for one in process.memory_maps())


def family(lab: Server) -> list[psutil.Process]:
    """Return the fork server and its trainers."""
    return lab.process.children(recursive=True)


def main() -> None:
    """Print both tables."""
    starts, sizes, torch = [], [], False
    for _ in range(STARTS):
        with server() as lab:
            starts.append(lab.answered_s)
            lab.ready()
            sizes.append(lab.process.memory_info().rss / MIB)
            torch = torch or loads_torch(lab.process)
    rows = [
        ["start until /healthz answers", spread(starts, 1, 2), "s", "1.5"],
        ["memory (RSS), after a first plan", spread(sizes, 1, 0), "MiB", "120"],
        ["torch in the server", "yes" if torch else "no", "", "no"],
    ]
    show("The server alone, median (least to most)", ["what", "measured", "unit", "target"], rows)
    show(f"Trainers of a 64-100-100-10 network, {TRAINERS} at once", ["what", "measured", "unit", "target"], trainers())


def trainers() -> list[list[object]]:
    """Start many small trainers, one after the other, and weigh them."""
    with server("--max-running", str(TRAINERS)) as lab:
        lab.ready()
        totals = [sum(weight(one) for one in family(lab))]
        for i in range(TRAINERS):
            run = lab.post("/api/runs", busy_spec(f"run {i}", speed=5.0))["id"]
            while lab.get(f"/api/runs/{run}")["step"] < 20:
                pass
            if i in (0, 9, 19, 29):
                totals.append(sum(weight(one) for one in family(lab)))
        each = [weight(one) for one in lab.trainers()]
        more = (totals[-1] - totals[1]) / (TRAINERS - 1)
        return [
            ["fork server, without trainers", f"{totals[0]:.0f}", "MiB PSS", ""],
            ["one more trainer", f"{more:.0f}", "MiB PSS", "60"],
            [f"each of {TRAINERS} trainers, median", f"{statistics.median(each):.0f}", "MiB PSS", "60"],
            [f"fork server and {TRAINERS} trainers together", f"{totals[-1]:.0f}", "MiB PSS", "4096"],
        ]


if __name__ == "__main__":
    main()
