"""Bringing a data set here because somebody asked for it on its page: one process for each, whoever watches.

The process is `trainer.bringing`, which knows addresses and checksums. It may be killed at any time, also with the
server: what has come stays, and the next one goes on from there.
"""

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable
from typing import Any

BROKE_OFF = "The download broke off."
GO_ON = "Press the button again: it goes on from where it was."


class Download:
    """One download, under way or over; `told` is what pages are told of it."""

    def __init__(self, name: str, ended: Callable[[], None]):
        self.told: dict[str, Any] = {"going": True, "title": "", "done": 0, "total": 0, "problem": "", "hint": ""}
        self._name, self._ended = name, ended
        self._process: Process | None = None
        self._task = asyncio.create_task(self._follow())

    async def cancel(self) -> None:
        """End it, and return when it has ended."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _follow(self) -> None:
        command = (sys.executable, "-m", "trainer.bringing", self._name)
        last: dict[str, Any] = {}
        try:
            # in a group of its own: Ctrl-C ends the server, which ends this one in turn
            self._process = await asyncio.create_subprocess_exec(
                *command, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, start_new_session=True
            )
            assert self._process.stdout
            async for line in self._process.stdout:
                last = json.loads(line)
                self.told |= {key: last[key] for key in last.keys() & self.told.keys()}
            if not last.get("here") and not last.get("problem"):
                self.told |= {"problem": BROKE_OFF, "hint": GO_ON}
        except OSError as error:
            self.told |= {"problem": f"The download cannot be started: {error.strerror}.", "hint": ""}
        finally:
            self.told["going"] = False
            if self._process and self._process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    self._process.kill()
                await self._process.wait()
            self._ended()


class Downloads:
    """The downloads that were asked for since the server started. `ended` is called as one ends."""

    def __init__(self, ended: Callable[[], None]):
        self._ended = ended
        self._known: dict[str, Download] = {}

    def told(self, name: str) -> dict[str, Any]:
        """Return how far the download of a data set is: {"going", "title", "done", "total", "problem", "hint"}."""
        known = self._known.get(name)
        return known.told if known else {"going": False, "title": "", "done": 0, "total": 0, "problem": "", "hint": ""}

    def start(self, name: str) -> dict[str, Any]:
        """Bring a data set here; one that is under way is not begun twice."""
        if not self.told(name)["going"]:
            self._known[name] = Download(name, self._ended)
        return self.told(name)

    async def cancel(self, name: str) -> None:
        """End a download, whoever began it. What has come stays."""
        if known := self._known.pop(name, None):
            await known.cancel()

    async def close(self) -> None:
        """End every download."""
        for name in list(self._known):
            await self.cancel(name)
