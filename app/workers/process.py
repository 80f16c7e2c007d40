"""A trainer's process, as anybody can find it again: by number, start time and boot of the machine."""

import asyncio
import contextlib
import json
import os
import signal
from dataclasses import dataclass
from pathlib import Path

POLL_S = 0.2
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class Process:
    """One process that trains attempt `attempt` of a run. The number alone may since belong to another.

    `resumes`: how often in a row the run had been resumed by itself when this process was started.
    """

    pid: int
    start_time: int
    boot_id: str
    attempt: int
    resumes: int = 0

    @classmethod
    def read(cls, folder: Path) -> "Process | None":
        """Return the process that was last started in a run's folder, alive or not.

        None also for a folder that is a copy: the process in its trainer.json works in the original.
        """
        try:
            known = json.loads((folder / "trainer.json").read_text())
            if known.get("inode", 0) not in (0, folder.stat().st_ino):
                return None
            numbers = [int(known[key]) for key in ("pid", "start_time")]
            return cls(*numbers, str(known["boot_id"]), int(known["attempt"]), int(known.get("resumes", 0)))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def alive(self) -> bool:
        """Return whether the process still runs; one that has ended and waits to be reaped does not."""
        return self.same_boot() and (stat := stat_of(self.pid)) is not None and self._is(stat) and not stat.ended

    def same_boot(self) -> bool:
        """Return whether the machine is still in the boot in which the process began."""
        return self.boot_id == boot_id()

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process, and SIGKILL to its whole group."""
        if not self.alive():
            return
        with contextlib.suppress(ProcessLookupError):
            if number == signal.SIGKILL:
                with contextlib.suppress(ProcessLookupError):  # just forked, it leads no group yet
                    os.killpg(self.pid, number)
            os.kill(self.pid, number)

    def group(self) -> list[int]:
        """Return the processes that belong to this one and still run: itself, and children it has left behind.

        While one of them lives the kernel gives the number of the group to nobody else.
        """
        if not self.same_boot():
            return []
        leader = stat_of(self.pid)
        if leader is not None and not self._is(leader):
            return []  # the number belongs to another, so all of the group had gone
        stats = {pid: stat for pid in pids() if (stat := stat_of(pid)) and stat.group == self.pid}
        return [pid for pid, stat in stats.items() if not stat.ended]

    async def ended(self) -> None:
        """Wait until the process has ended."""
        try:
            watched = os.pidfd_open(self.pid)
        except (OSError, AttributeError):
            while self.alive():  # noqa: ASYNC110 - without a pidfd there is nothing to wait for
                await asyncio.sleep(POLL_S)
            return
        try:
            # between the look at /proc and the opening the number may have changed hands
            while self.alive():
                await _readable(watched)
        finally:
            os.close(watched)

    def _is(self, stat: "Stat") -> bool:
        return stat.start_time == self.start_time


@dataclass(frozen=True)
class Stat:
    """What /proc/<pid>/stat says of a process. state: R, S, D (waits for a disk), T (stopped), Z, X."""

    state: str
    group: int
    start_time: int

    @property
    def ended(self) -> bool:
        """Whether it only waits to be reaped."""
        return self.state in ("Z", "X")


def stat_of(pid: int) -> Stat | None:
    """Return what the kernel says of a process, or None when there is none of that number."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return Stat(fields[0], int(fields[2]), int(fields[19]))


def pids() -> list[int]:
    """Return the numbers of all processes that can be seen from here."""
    return [int(one.name) for one in Path("/proc").iterdir() if one.name.isdecimal()]


async def _readable(number: int) -> None:
    loop = asyncio.get_running_loop()
    ready = loop.create_future()
    loop.add_reader(number, lambda: ready.done() or ready.set_result(None))
    try:
        await ready
    finally:
        loop.remove_reader(number)


def boot_id() -> str:
    """Return what tells this boot of the machine from the last; as `trainer.procfs` does."""
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return ""
