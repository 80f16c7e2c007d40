"""What a disk may hold after a power cut: every legal state of a run's folder, from a recording of what was done to it.

`Recording` watches the system calls of this process on one folder and keeps a model of the disk: what is there now,
and what is there for good. `states` then yields, for the moment after each call, folders that a machine may find when
it is back. The model is the strict one of POSIX: data are there for good after a sync of the file, a name (a new file,
a rename, a removal) only after a sync of its folder, and of what is not there for good any part may be.
"""

import itertools
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trainer.runlog import HEADER


@dataclass
class File:
    """A file: its bytes now, and how many of them, or which, are there for good."""

    now: bytes = b""
    durable: bytes | None = None  # None: it was never synced

    def copy(self) -> "File":
        return File(self.now, self.durable)


@dataclass
class Folder:
    """A folder: its names now, those that are there for good, and those after each change since."""

    now: dict[str, "File | Folder"] = field(default_factory=dict)
    durable: dict[str, "File | Folder"] = field(default_factory=dict)
    since: list[dict[str, "File | Folder"]] = field(default_factory=list)

    def change(self, name: str, node: "File | Folder | None", gone: str = "") -> None:
        """Let a name stand for another node, or for none; `gone` goes in the same moment, as in a rename."""
        self.now = {key: one for key, one in self.now.items() if key not in (name, gone)}
        if node is not None:
            self.now[name] = node
        self.since.append(self.now)


@dataclass(frozen=True)
class Moment:
    """The disk after one call. `call`: what was done; `at`: when, in seconds of the monotonic clock."""

    call: str
    at: float
    tree: Folder


class Recording:
    """Watches what this process does to `folder` while the context is open; `moments` has the disk after each call."""

    CALLS = ("write", "fdatasync", "fsync", "ftruncate", "rename", "replace", "mkdir", "unlink", "remove", "rmdir")

    def __init__(self, folder: Path):
        self.folder = folder.resolve()
        self.tree = _scan(self.folder)
        self.moments: list[Moment] = [Moment("begin", time.monotonic(), _copied(self.tree))]
        self._lock = threading.RLock()
        self._real: dict[str, Callable[..., Any]] = {}

    def __enter__(self) -> "Recording":
        for name in self.CALLS:
            self._real[name] = getattr(os, name)
            setattr(os, name, self._watched(name))
        return self

    def __exit__(self, *_: object) -> None:
        for name, real in self._real.items():
            setattr(os, name, real)

    def _watched(self, name: str) -> Callable[..., Any]:
        def call(*args: Any, **keywords: Any) -> Any:
            path = self._path(args[0], keywords.get("dir_fd") or keywords.get("src_dir_fd"))
            if path is None:
                return self._real[name](*args, **keywords)
            with self._lock:
                answer = self._real[name](*args, **keywords)
                getattr(self, f"_on_{name}")(path, *args, answer)
                told = f"{name} {path.relative_to(self.folder)}"
                self.moments.append(Moment(told, time.monotonic(), _copied(self.tree)))
                return answer

        return call

    def _path(self, of: Any, folder: int | None) -> Path | None:
        try:
            path = Path(f"/proc/self/fd/{of}").readlink() if isinstance(of, int) else Path(os.fspath(of))
            if folder is not None:
                path = Path(f"/proc/self/fd/{folder}").readlink() / path
        except (OSError, TypeError):
            return None
        path = path if path.is_absolute() else Path.cwd() / path
        return path if path.is_relative_to(self.folder) else None

    def _node(self, path: Path) -> Any:
        node: Any = self.tree
        for part in path.relative_to(self.folder).parts:
            if part not in node.now:
                # made by a call that is not watched, as open() is: its name is there, its bytes are not synced
                node.change(part, Folder() if path.is_dir() and part == path.name else File())
            node = node.now[part]
        return node

    def _on_write(self, path: Path, _: int, data: bytes, written: int) -> None:
        self._node(path).now += bytes(data[:written])

    def _on_ftruncate(self, path: Path, _: int, size: int, __: None) -> None:
        file = self._node(path)
        file.now = file.now[:size]

    def _on_fsync(self, path: Path, *_: Any) -> None:
        node = self._node(path)
        if isinstance(node, Folder):
            node.durable, node.since = node.now, []
        elif path.exists():
            node.now = path.read_bytes()
            node.durable = node.now

    _on_fdatasync = _on_fsync

    def _on_mkdir(self, path: Path, *_: Any) -> None:
        self._node(path.parent).change(path.name, Folder())

    def _on_rename(self, path: Path, _: Any, target: Any, *__: Any) -> None:
        there = Path(target) if Path(target).is_absolute() else Path.cwd() / target
        node = self._node(path.parent).now.get(path.name) or _unsynced(there)
        _complete(node, there)
        self._node(there.parent).change(there.name, node, gone=path.name)

    _on_replace = _on_rename

    def _on_unlink(self, path: Path, *_: Any) -> None:
        self._node(path.parent).change(path.name, None)

    _on_remove = _on_rmdir = _on_unlink


def states(moment: Moment, at_most: int, chance: random.Random) -> Iterator[dict[str, bytes | None]]:
    """Yield folders that may be found after a power cut at that moment: path -> bytes, None for a folder itself.

    Each is one choice for every name and every file that is not there for good. All combinations where they are few,
    else the two extremes (everything lost, everything kept) and a sample.
    """
    choices = list(_choices(moment.tree, ""))
    sizes = [len(options) for _, options in choices]
    total = 1
    for size in sizes:
        total *= size
    if total <= at_most:
        picks: Any = itertools.product(*(range(size) for size in sizes))
    else:
        sample = ([chance.randrange(size) for size in sizes] for _ in range(at_most - 2))
        picks = itertools.chain(([0] * len(sizes), [size - 1 for size in sizes]), sample)
    for pick in picks:
        picked = {key: options[i] for (key, options), i in zip(choices, pick, strict=True)}
        found: dict[str, bytes | None] = {}
        _gather(moment.tree, "", picked, found)
        yield found


def lay_out(found: dict[str, bytes | None], folder: Path) -> Path:
    """Write a state to a real folder."""
    folder.mkdir(parents=True)
    for name, data in sorted(found.items()):
        path = folder / name
        if data is None:
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    return folder


def _scan(path: Path) -> File | Folder:
    if path.is_dir():
        names = {one.name: _scan(one) for one in path.iterdir()}
        return Folder(names, names)
    data = path.read_bytes()
    return File(data, data)


def _unsynced(path: Path) -> File | Folder:
    return Folder() if path.is_dir() else File()


def _complete(node: File | Folder, path: Path) -> None:
    """Take note of files that were written and never synced: they are there now, and not for good."""
    if isinstance(node, Folder):
        for one in path.iterdir():
            if one.name not in node.now:
                node.change(one.name, _unsynced(one))
            _complete(node.now[one.name], one)
    elif not node.now:
        node.now = path.read_bytes()


def _copied(node: Any, seen: dict[int, Any] | None = None) -> Any:
    # the same node may stand under two names: the one for good and the one it has now
    seen = {} if seen is None else seen
    if id(node) not in seen:
        if isinstance(node, File):
            seen[id(node)] = node.copy()
        else:
            seen[id(node)] = fresh = Folder()
            fresh.now, fresh.durable, *fresh.since = (
                {name: _copied(one, seen) for name, one in names.items()}
                for names in (node.now, node.durable, *node.since)
            )
    return seen[id(node)]


def _choices(folder: Folder, path: str) -> Iterator[tuple[tuple[str, str], list[Any]]]:
    if folder.since:
        yield ("names", path), [folder.durable, *folder.since]
    done = set()
    for name, node in (pair for names in (folder.durable, *folder.since) for pair in names.items()):
        if id(node) in done:
            continue
        done.add(id(node))
        inner = f"{path}{name}" if isinstance(node, File) else f"{path}{name}/"
        if isinstance(node, Folder):
            yield from _choices(node, inner)
        elif node.now != node.durable:
            yield ("bytes", str(id(node))), list(_contents(node))


def _contents(file: File) -> Iterator[bytes]:
    durable = file.durable or b""
    yield durable
    if file.now.startswith(durable):
        for cut in sorted({*_cuts(file.now, len(durable))}):
            yield file.now[:cut]
        # a size that was written before its data: the rest reads as zeros
        yield durable + bytes(len(file.now) - len(durable))
    yield file.now


def _cuts(data: bytes, begin: int) -> Iterator[int]:
    at = begin
    while at + HEADER.size <= len(data):
        end = at + HEADER.size + HEADER.unpack_from(data, at)[0]
        if end > len(data):
            break
        yield from (at + HEADER.size // 2, at + HEADER.size, end - 1, end)
        at = end
    yield (begin + len(data)) // 2


def _gather(folder: Folder, path: str, picked: dict[Any, Any], found: dict[str, bytes | None]) -> None:
    found[path or "."] = None
    for name, node in picked.get(("names", path), folder.now).items():
        if isinstance(node, Folder):
            _gather(node, f"{path}{name}/", picked, found)
        else:
            found[f"{path}{name}"] = picked.get(("bytes", str(id(node))), node.now)
