"""Faults on purpose: places where a test kills, stops or fails this process, or makes it lie. Standard library only.

    LIVEFIT_FAULT=<site>:<action>@<n>     at the n-th time that the site is reached, once; several with blanks between
    LIVEFIT_FAULT=<folder>/               a file in that folder for each run that shall have faults, by the run's name,
                                          and `server` and `forkserver`: one server lives through a thousand planted
                                          runs. What a process takes out of its file is not there for the next one

A fault strikes a trainer in attempt 1 only, for else each attempt that resumes would die again; `@<n>/<attempt>`
names another one. Each process counts for itself from when it is armed. Refused unless LIVEFIT_TESTING=1.
Where nothing is planted `reach` is one `if`.
"""

import errno
import json
import os
import re
import signal
from collections import Counter
from pathlib import Path
from typing import NamedTuple

# site -> where it is, and the bugs that can be planted there besides kill, stop, raise
SITES: dict[str, tuple[str, tuple[str, ...]]] = {
    "trainer.begin": ("trainer: a process is there, and nothing is written", ()),
    "loop.step": ("trainer: before a step", ()),
    "reporter.flush": ("trainer: numbers are gathered, and not written", ("drop",)),
    "events.append": ("trainer: before a batch is written", ("short", "torn", "skip", "twice")),
    "events.appended": ("trainer: a batch is written", ()),
    "events.sync": ("trainer: before the log is made durable", ("skip",)),
    "events.synced": ("trainer: the log is durable", ()),
    "checkpoint.write": ("trainer: before the first file of a checkpoint", ()),
    "checkpoint.half": ("trainer: between the files of a checkpoint", ()),
    "checkpoint.written": ("trainer: all files of a checkpoint are written, none is durable", ()),
    "checkpoint.sync": ("trainer: a checkpoint is durable, the log not yet", ("skip",)),
    "checkpoint.rename": ("trainer: before a checkpoint is renamed", ()),
    "checkpoint.renamed": ("trainer: a checkpoint is there, and nobody was told", ()),
    "checkpoint.saved": ("trainer: a checkpoint was told of", ()),
    "checkpoint.load": ("trainer: before a checkpoint is restored", ("forget",)),
    "inbox.sync": ("trainer: commands are read, and not durable", ("skip",)),
    "steering.replay": ("trainer: before a command is taken again", ("late",)),
    "attempts.fence": ("trainer: before an attempt looks whether it is still the newest", ("open",)),
    "trainer.end": ("trainer: all is said, and the process still there", ()),
    "forkserver.forked": ("fork server: a trainer is forked, and not written down", ()),
    "forkserver.exit": ("fork server: a trainer has ended, and that is not written down", ()),
    "commands.append": ("server: before a command is written", ("short", "torn", "skip", "twice")),
    "commands.appended": ("server: a command is written", ()),
    "commands.sync": ("server: before commands.log is made durable", ("skip",)),
    "commands.synced": ("server: commands.log is durable", ()),
    "catalogue.save": ("server: before a row of the catalogue is written", ()),
    "lab.launch": ("server: a run's folder is made, and not in the catalogue", ()),
    "lab.again": ("server: a run that was interrupted shall go on", ("never",)),
    "follow.fold": ("server: before an entry is folded", ("drop",)),
    "feed.publish": ("server: before a delta is sent", ("drop",)),
}
ACTIONS = ("kill", "stop", "raise")
_PLAN = re.compile(r"([a-z.]+):([a-z]+)@([1-9][0-9]*)(?:/([1-9][0-9]*))?")


class FaultRefused(ValueError):
    """LIVEFIT_FAULT cannot be followed; the text says why."""


class Fault(NamedTuple):
    """What happens the `nth` time that a site is reached in an attempt."""

    action: str
    nth: int
    attempt: int


_planted: dict[str, list[Fault]] = {}
_reached: Counter[str] = Counter()
_full: set[str] = set()


def arm(who: Path | str = "server", attempt: int = 1) -> None:
    """Plant what LIVEFIT_FAULT asks of this process, and count anew. `who`: a trainer's run folder, or a server's name.

    Raises:
        FaultRefused: this is no test, or there is no such site or action.
    """
    _planted.clear()
    _reached.clear()
    _full.clear()
    asked = os.environ.get("LIVEFIT_FAULT", "")
    if not asked:
        return
    if os.environ.get("LIVEFIT_TESTING") != "1":
        raise FaultRefused("LIVEFIT_FAULT plants faults, for tests only: unset it, or set LIVEFIT_TESTING=1 as well.")
    file = Path(asked) / _name(who) if asked.endswith("/") else None
    plans = _read(_text(file) if file else asked)
    for _, site, fault in plans:
        if fault.attempt == attempt:
            _planted.setdefault(site, []).append(fault)
    if file and _planted:
        file.write_text(" ".join(plan for plan, _, fault in plans if fault.attempt != attempt))


def reach(site: str) -> str:
    """Do what is planted here; return the name of a bug that the caller shall have now, or ""."""
    return _strike(site) if _planted else ""


def write(site: str, file: int, data: bytes) -> int:
    """os.write, with the faults of a disk: `short` takes half and then nothing, `torn` takes half and dies."""
    if not _planted:
        return os.write(file, data)
    if site in _full:
        _full.discard(site)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    match _strike(site):
        case "short":
            _full.add(site)
            return os.write(file, data[: len(data) // 2])
        case "torn":
            os.write(file, data[: len(data) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        case "skip":
            return len(data)
        case "twice":
            os.write(file, data)
    return os.write(file, data)


def _strike(site: str) -> str:
    if site not in _planted:
        return ""
    _reached[site] += 1
    for fault in _planted[site]:
        if fault.nth != _reached[site]:
            continue
        match fault.action:
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "stop":
                os.kill(os.getpid(), signal.SIGSTOP)
            case "raise":
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            case bug:
                return bug
    return ""


def _name(who: Path | str) -> str:
    if isinstance(who, str):
        return who
    try:
        return Path(json.loads((who / "spec.json").read_text())["name"]).name or "nobody"
    except (OSError, ValueError, KeyError):
        return "nobody"


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""


def _read(text: str) -> list[tuple[str, str, Fault]]:
    found = []
    for plan in text.split():
        parts = _PLAN.fullmatch(plan)
        if not parts:
            raise FaultRefused(f"LIVEFIT_FAULT: {plan!r} is not <site>:<action>@<n>, as in events.append:kill@3.")
        site, action, nth, attempt = parts.groups()
        if site not in SITES:
            raise FaultRefused(f"LIVEFIT_FAULT: there is no site {site!r}. There are: {', '.join(SITES)}.")
        possible = (*ACTIONS, *SITES[site][1])
        if action not in possible:
            raise FaultRefused(f"LIVEFIT_FAULT: {site} cannot {action!r}. It can: {', '.join(possible)}.")
        found.append((plan, site, Fault(action, int(nth), int(attempt or 1))))
    return found
