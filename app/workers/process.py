"""A trainer's process, as anybody can find it again: by number, start time and boot of the machine."""

import asyncio
import contextlib
import json
import os
import signal
from dataclasses import dataclass
from pathlib import Path

POLL_S = 0.2


@dataclass(frozen=True)
class Process:
    """One process that trains attempt `attempt` of a run. The number alone may since belong to another."""

    pid: int
    start_time: int
    boot_id: str
    attempt: int

    @classmethod
    def read(cls, folder: Path) -> "Process | None":
        """Return the process that was last started in a run's folder, alive or not."""
        try:
            known = json.loads((folder / "trainer.json").read_text())
            return cls(known["pid"], known["start_time"], known["boot_id"], known["attempt"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def alive(self) -> bool:
        """Return whether the process still runs; one that has ended and waits to be reaped does not."""
        if not self.same_boot():
            return False
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return False
        return int(fields[19]) == self.start_time and fields[0] not in ("Z", "X")

    def same_boot(self) -> bool:
        """Return whether the machine is still in the boot in which the process began."""
        return self.boot_id == boot_id()

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process, and SIGKILL to its whole group."""
        if not self.alive():
            return
        with contextlib.suppress(ProcessLookupError):
            if number == signal.SIGKILL:
                os.killpg(self.pid, number)
            else:
                os.kill(self.pid, number)

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
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
