"""livefit doctor: looks at everything that a server needs before it is started, and says what to do about each.

Imports no torch: what is installed is read from the packages' metadata, and the fork server is asked as a server
asks it. Nothing is left behind.
"""

import asyncio
import os
import re
import shutil
import socket
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.disk import check_room
from app.errors import DiskFull, LivefitError
from app.machine import file_system, holder_of_lock, holder_of_port
from app.settings import Settings
from app.workers.local import LocalWorkers

OK, WARN, BAD = "ok", "warn", "bad"
COLOURS = {OK: "green", WARN: "yellow", BAD: "red"}
# below these stand known holes; the rest of the floors are those of pyproject.toml
SAFE = {"starlette": "1.3.1", "python-multipart": "0.0.27", "pillow": "12.2", "torch": "2.10"}
PYTHON = (3, 11)
NETWORK = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "glusterfs", "lustre", "gpfs", "beegfs", "fuse.sshfs", "davfs")
FLEETING = ("tmpfs", "ramfs")
FORK_SERVER_WITHIN_S = 60.0
SKEW_S = 5.0
GIB = 1024**3


class Row(NamedTuple):
    """One thing that was looked at. `told`: what was found; `do`: what to do about it, unless it is well."""

    what: str
    verdict: str
    told: str
    do: str = ""


def examine(settings: Settings) -> Iterator[Row]:
    """Yield what is found, thing by thing; the fork server takes some seconds."""
    yield _python()
    yield from _packages()
    folder = next(one for one in (settings.data_dir, *settings.data_dir.parents) if one.exists())
    yield _data_folder(settings.data_dir, folder)
    yield _file_system(folder)
    yield _room(folder)
    yield _clock(settings.data_dir, folder)
    yield _port(settings)
    yield asyncio.run(_fork_server())


def print_rows(rows: Iterator[Row], console: Console) -> bool:
    """Print a table of what was found and say whether nothing is bad."""
    table = Table("", "what", "found", "what to do", box=None, pad_edge=False)
    verdicts = []
    with console.status("Looking; the fork server imports torch, which takes some seconds"):
        for one in rows:
            verdicts.append(one.verdict)
            colour = COLOURS[one.verdict]
            table.add_row(f"[{colour}]{one.verdict}[/]", one.what, escape(one.told), escape(one.do))
    console.print(table)
    return BAD not in verdicts


def _python() -> Row:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < PYTHON:
        return Row("python", BAD, found, f"Install Python {PYTHON[0]}.{PYTHON[1]} or newer.")
    return Row("python", OK, f"{found}, SQLite {sqlite3.sqlite_version}")


def _packages() -> Iterator[Row]:
    try:
        asked = [one for one in metadata.requires("livefit") or [] if ";" not in one]
    except metadata.PackageNotFoundError:
        yield Row("packages", BAD, "livefit itself is not installed", "pip install . in the checkout, or `make demo`.")
        return
    wanted = dict(_requirement(one) for one in asked)
    wrong, found = [], 0
    for name in sorted(wanted.keys() | SAFE.keys()):
        try:
            there = metadata.version(name)
        except metadata.PackageNotFoundError:
            if name in wanted:
                wrong.append(Row(name, BAD, "is not installed", f'pip install "{name}{wanted[name]}"'))
            continue
        found += 1
        rules = wanted.get(name, "")
        if not _meets(there, rules):
            wrong.append(Row(name, BAD, f"{there}; {rules} is needed", f'pip install "{name}{rules}"'))
        elif name in SAFE and not _meets(there, f">={SAFE[name]}"):
            told = f"{there} has known holes, closed in {SAFE[name]}"
            wrong.append(Row(name, BAD, told, f'pip install "{name}>={SAFE[name]}"'))
    yield from wrong
    if not wrong:
        named = ", ".join(f"{name} {metadata.version(name)}" for name in ("torch", "starlette", "plotly"))
        yield Row("packages", OK, f"{found} at or above their floors: {named}, ...")


def _requirement(text: str) -> tuple[str, str]:
    name, rules = re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*])?\s*(.*)", text).groups()
    return name.lower().replace("_", "-"), rules.replace(" ", "")


def _meets(version: str, rules: str) -> bool:
    compare: dict[str, Callable[[tuple, tuple], bool]] = {
        ">=": lambda a, b: a >= b, "<": lambda a, b: a < b, "==": lambda a, b: a == b,
    }  # fmt: skip
    parts = [re.match(r"(>=|==|<)(.+)", one).groups() for one in rules.split(",") if one]
    return all(compare[sign](_numbers(version), _numbers(bound)) for sign, bound in parts)


def _numbers(version: str) -> tuple[int, ...]:
    numbers = [int(one) for one in re.match(r"[0-9]+(?:\.[0-9]+)*", version)[0].split(".")]
    return tuple(numbers + [0] * (4 - len(numbers)))


def _data_folder(wanted: Path, folder: Path) -> Row:
    if not os.access(folder, os.W_OK) or not folder.is_dir():
        return Row("data folder", BAD, f"{folder} cannot be written", "Name another one with --data-dir.")
    if wanted != folder:
        return Row("data folder", OK, f"{wanted} is made at the first start")
    if pid := holder_of_lock(wanted):
        told = f"{wanted}: a Livefit works on it, pid {pid}"
        return Row("data folder", WARN, told, "That one serves these runs; a second one would refuse to start.")
    return Row("data folder", OK, str(wanted))


def _file_system(folder: Path) -> Row:
    kind, mounted = file_system(folder)
    told = f"{kind} at {mounted}"
    if kind.startswith(NETWORK):
        do = "A network drive may lose the order of writes and its locks: keep runs on a disk of this machine."
        return Row("file system", WARN, told, do)
    if kind in FLEETING:
        return Row("file system", WARN, told, "It lies in memory and is gone after a reboot: take another --data-dir.")
    return Row("file system", OK, told)


def _room(folder: Path) -> Row:
    disk = shutil.disk_usage(folder)
    told = f"{disk.free / GIB:.1f} of {disk.total / GIB:.1f} GiB are free"
    try:
        check_room(folder)
    except DiskFull:
        return Row("free space", BAD, told, "Runs are not launched with so little: free some, on the page /storage.")
    return Row("free space", OK, told)


def _clock(data: Path, folder: Path) -> Row:
    now = time.time()
    source = Path(__file__).stat().st_mtime
    if now < source - 24 * 3600:
        told = f"it is {time.ctime(now)}, before this program was installed"
        return Row("clock", BAD, told, "Set the clock; runs would be listed in a wrong order.")
    newest = max((one.stat().st_mtime for one in data.glob("runs/*")), default=0.0) if data.is_dir() else 0.0
    if newest > now + SKEW_S:
        told = f"the newest run is from {newest - now:,.0f} s in the future"
        return Row("clock", WARN, told, "The clock was set back. Steps keep their order; only ages look odd.")
    try:
        with tempfile.NamedTemporaryFile(dir=folder) as file:
            skew = Path(file.name).stat().st_mtime - time.time()
    except OSError:
        return Row("clock", OK, time.ctime(now))
    if abs(skew) > SKEW_S:
        return Row("clock", WARN, f"the disk's clock differs by {skew:,.0f} s", "Set both clocks by NTP.")
    return Row("clock", OK, time.ctime(now))


def _port(settings: Settings) -> Row:
    where = f"{settings.host}:{settings.port}"
    kind = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(kind, socket.SOCK_STREAM) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((settings.host, settings.port))
        except OSError as error:
            holder = holder_of_port(settings.port)
            told = f"{where}: {error.strerror}" + (f"; held by {holder}" if holder else "")
            return Row("port", BAD, told, "Take another one, as in --port 8001, or stop who has it.")
    return Row("port", OK, f"{where} is free")


async def _fork_server() -> Row:
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "forkserver.txt"
        workers = LocalWorkers(log)
        began = time.monotonic()
        workers.start()
        try:
            catalog = await asyncio.wait_for(workers.describe(), FORK_SERVER_WITHIN_S)
        except TimeoutError:
            return Row("fork server", BAD, f"no answer in {FORK_SERVER_WITHIN_S:g} s", _last_line(log))
        except LivefitError as error:
            return Row("fork server", BAD, error.detail or error.title, error.hint or _last_line(log))
        finally:
            await workers.close()
        components = sum(len(one) for name, one in catalog.items() if name != "training")
        told = f"answers after {time.monotonic() - began:.1f} s, {components} components"
        return Row("fork server", OK, told)


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").split("\n") if log.exists() else []
    said = [one for one in lines if one.strip()]
    return f"It said last: {said[-1][:200]}" if said else "It said nothing; is there memory left?"
