"""What Linux says of this machine to who asks: file systems, and who holds a port or a lock."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

LISTENS = "0A"  # state of a socket in /proc/net/tcp


def file_system(folder: Path) -> tuple[str, str]:
    """Return the kind of file system that a folder lies on, as in ext4, and where it is mounted; see proc(5)."""
    real = str(folder.resolve())
    found = ("unknown", "/")
    for line in _lines("/proc/self/mountinfo"):
        before, _, after = line.partition(" - ")
        mounted = before.split()[4].replace("\\040", " ")
        inside = real == mounted or real.startswith(mounted.rstrip("/") + "/")
        if inside and len(mounted) >= len(found[1]):
            found = (after.split()[0], mounted)
    return found


def holder_of_lock(data: Path) -> int:
    """Return the pid of the server that works on a data folder, 0 when there is none."""
    try:
        lock = os.open(data / "lock", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return 0
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return int(os.read(lock, 32) or 0)
    finally:
        os.close(lock)
    return 0


def holder_of_port(port: int) -> str:
    """Return who listens on a TCP port, as in 'pid 123 (python -m http.server)'; "" when that cannot be seen."""
    sockets = {f"socket:[{inode}]" for inode in _listening(port)}
    for numbers in Path("/proc").glob("[0-9]*/fd"):
        try:
            if any(str(one.readlink()) in sockets for one in numbers.iterdir()):
                words = (numbers.parent / "cmdline").read_bytes().decode(errors="replace").split("\0")
                return f"pid {numbers.parent.name} ({' '.join(words).strip()[:80]})"
        except OSError:
            continue  # another's process, or one that has just ended
    return ""


def _listening(port: int) -> Iterator[str]:
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in _lines(table)[1:]:
            fields = line.split()
            if fields[3] == LISTENS and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []
