"""What the kernel says about processes. No torch."""

import contextlib
from pathlib import Path


def boot_id() -> str:
    """Return what tells this boot of the machine from the last: numbers of processes start anew."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def start_time(pid: int) -> int:
    """Return when a process began, in clock ticks since boot: field 22 of proc_pid_stat(5); 0 when it is gone.

    Together with the number and the boot it names a process for good; no change of the clock moves it.
    """
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    except OSError:
        return 0


def oom_kills() -> int:
    """Return how many processes the kernel has killed for want of memory since boot."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/vmstat").read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return 0
