"""What the kernel says about processes and memory. No torch."""

import contextlib
import resource
from pathlib import Path

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
VMSTAT = Path("/proc/vmstat")
MEMINFO = Path("/proc/meminfo")
CGROUP = Path("/sys/fs/cgroup")
KB = 1024


def boot_id() -> str:
    """Return what tells this boot of the machine from the last: numbers of processes start anew."""
    try:
        return BOOT_ID.read_text().strip()
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
    return _number(VMSTAT, "oom_kill")


def memory_total() -> int:
    """Return how many bytes of memory there are for this process: the machine's, or what its container may use."""
    limits = [_number(MEMINFO, "MemTotal:") * KB, _cgroup("memory.max")]
    return min((one for one in limits if one), default=0)


def memory_left() -> int | None:
    """Return how many bytes this process may still take, as the machine, its container and ulimit -v have it."""
    left = []
    if there := _number(MEMINFO, "MemAvailable:"):
        left.append(there * KB)
    if limit := _cgroup("memory.max"):
        left.append(limit - _cgroup("memory.current"))
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY:
        with contextlib.suppress(OSError, ValueError):
            left.append(limit - int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize())
    return max(0, min(left)) if left else None


def _number(path: Path, name: str) -> int:
    with contextlib.suppress(OSError, ValueError):
        for line in path.read_text().splitlines():
            if line.split()[:1] == [name]:
                return int(line.split()[1])
    return 0


def _cgroup(name: str) -> int:
    with contextlib.suppress(OSError, ValueError):  # no container, or no limit: it says "max"
        return int((CGROUP / name).read_text())
    return 0
