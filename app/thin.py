"""Thins the captures of a run that has ended: numbers and all that was said stay, byte for byte.

Arrays replace one another, and a page shows at most 128 of a tensor; a log keeps all. What stays of a tensor: up to
128 captures at even distances in steps, the newest among them, and the last of each attempt. Captures that a later
attempt superseded go. The logs are written anew under `.thin/` in the run's folder and made durable; they are folded
and compared with the old ones; then each is renamed over the old one. Killed at any moment, every log is either
the old or the new one, whole.
"""

import os
import shutil
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np

from app.captures import MAX_HISTORY
from app.followed import Followed
from trainer.protocol import Captured, Entry, Started, Thinned, encode
from trainer.runlog import Frame, LogDamaged, frame, read_all, sync_folder

FOLDER = ".thin"  # swept at the server's start
PIECE_BYTES = 1024 * 1024

T = TypeVar("T")
Tensor = tuple[str, str]  # probe and name


class NotThinned(Exception):
    """The logs stay as they are; the text says why."""


class Kept(NamedTuple):
    """Which captures of one log stay: steps by tensor, and the `seq` of the last of each tensor."""

    steps: dict[Tensor, set[int]]
    last: dict[Tensor, int]

    def has(self, entry: Entry) -> bool:
        """Return whether an entry stays."""
        said = entry.said
        if not isinstance(said, Captured):
            return True
        tensor = (said.probe, said.name)
        return said.step in self.steps.get(tensor, ()) or self.last[tensor] == entry.seq


def thinnable(folder: Path) -> int:
    """Return how many bytes a run's logs would lose. Reads them whole: not on the event loop.

    Raises:
        NotThinned: they must stay as they are.
    """
    return sum(size for _, size in _in_words(lambda: [_measured(log, kept) for log, kept in _choose(folder)]))


class Thinning:
    """Logs of one run, written anew beside the old ones. Use as a context manager: what is left over is removed."""

    def __init__(self, folder: Path):
        self._run = folder
        # the fold of a folder knows it by its name
        self._folder = folder / FOLDER / folder.name
        self._names: list[str] = []
        self.frees = 0

    def __enter__(self) -> "Thinning":
        return self

    def __exit__(self, *_: object) -> None:
        sync_folder(self._run)
        shutil.rmtree(self._run / FOLDER, ignore_errors=True)

    def prepare(self) -> None:
        """Write the new logs, make them durable, and see that they say the same. Takes seconds for a long run.

        Raises:
            NotThinned: they would not, or a log is damaged. OSError: the disk did not take them.
        """
        shutil.rmtree(self._run / FOLDER, ignore_errors=True)
        self._folder.mkdir(parents=True)
        _in_words(self._write)
        if self._names:
            sync_folder(self._folder)
            _compare(self._run, self._folder)

    def swap(self) -> None:
        """Put the new logs in the place of the old ones. Nobody may write or hold offsets in them."""
        for name in self._names:
            (self._folder / name).replace(self._run / name)

    def _write(self) -> None:
        os.link(self._run / "spec.json", self._folder / "spec.json")
        for log, kept in _choose(self._run):
            new = self._folder / log.name
            if not _measured(log, kept)[1]:
                os.link(log, new)
                continue
            _rewrite(log, kept, new)
            self.frees += log.stat().st_size - new.stat().st_size
            self._names.append(log.name)


def _choose(folder: Path) -> list[tuple[Path, Kept]]:
    """Return the logs of a run in the order of its attempts, each with what stays of it."""
    logs = [one for one in folder.glob("events-*.log") if one.stem.removeprefix("events-").isdecimal()]
    logs.sort(key=lambda one: int(one.stem.removeprefix("events-")))
    seen: dict[Tensor, tuple[array, array]] = defaultdict(lambda: (array("q"), array("q")))  # steps, number of log
    last: list[dict[Tensor, int]] = [{} for _ in logs]
    for number, log in enumerate(logs):
        for entry, _ in read_all(log):
            said = entry.said
            if isinstance(said, Captured):
                steps, where = seen[said.probe, said.name]
                steps.append(said.step)
                where.append(number)
                last[number][said.probe, said.name] = entry.seq
            elif isinstance(said, Started):
                for steps, where in seen.values():
                    _cut(steps, where, said.step)
    # the last of each attempt comes on top: one more, and a fold would keep every second only
    most = max(MAX_HISTORY // 2, MAX_HISTORY - len(logs) + 1)
    chosen: list[dict[Tensor, set[int]]] = [{} for _ in logs]
    for tensor, (steps, where) in seen.items():
        for at in spread(np.frombuffer(steps, np.int64), most) if steps else ():
            chosen[where[at]].setdefault(tensor, set()).add(steps[at])
    return [(log, Kept(*one)) for log, *one in zip(logs, chosen, last, strict=True)]


def spread(steps: np.ndarray, most: int) -> list[int]:
    """Return places in `steps` (n,), which rise, at distances as even as they go: first and last are among them."""
    if len(steps) <= most:
        return list(range(len(steps)))
    wanted = np.linspace(steps[0], steps[-1], most)
    after = np.clip(np.searchsorted(steps, wanted), 1, len(steps) - 1)
    nearer = np.where(wanted - steps[after - 1] <= steps[after] - wanted, after - 1, after)
    nearer[-1] = len(steps) - 1
    return np.unique(nearer).tolist()


def _cut(steps: array, where: array, step: int) -> None:
    while steps and steps[-1] > step:
        steps.pop()
        where.pop()


def _measured(log: Path, kept: Kept) -> tuple[Path, int]:
    before = log.stat().st_size
    return log, before - sum(len(one) for one in _thinned(log, kept))


def _rewrite(log: Path, kept: Kept, target: Path) -> None:
    with target.open("xb", buffering=PIECE_BYTES) as file:
        for one in _thinned(log, kept):
            file.write(one)
        file.flush()
        os.fsync(file.fileno())
    shutil.copystat(log, target)  # when it was last written to says how long the attempt took


def _thinned(log: Path, kept: Kept) -> Iterator[bytes]:
    """Yield a log's frames as they will be, and at the end the torn tail that a killed writer may have left."""
    gone = 0
    latest: Entry | None = None
    end = 0
    for entry, one in read_all(log):
        end = one.end
        # what an earlier thinning left is taken together with what goes now
        if isinstance(entry.said, Thinned) or not kept.has(entry):
            gone += entry.seq - entry.first + 1
            latest = entry
            continue
        if latest:
            yield _stand_in(latest, gone)
            gone, latest = 0, None
        yield _again(one)
    if latest:
        yield _stand_in(latest, gone)
    with log.open("rb") as file:
        file.seek(end)
        yield file.read()


def _stand_in(latest: Entry, count: int) -> bytes:
    return frame(encode(Entry(latest.seq, latest.time, Thinned(step=latest.said.step, count=count))))


def _again(one: Frame) -> bytes:
    return frame(one.payload)


def _compare(folder: Path, thinned: Path) -> None:
    old, new = Followed(folder), Followed(thinned)
    old.catch_up()
    new.catch_up()
    same = old.position == new.position and _said(old) == _said(new) and _numbers(old) == _numbers(new)
    if not (same and _newest_stay(old, new)):
        raise NotThinned("The logs would not read the same, so they stay as they are. That is a fault in Livefit.")


def _numbers(followed: Followed) -> dict[str, tuple[int, bytes]]:
    overviews = followed.series.overviews()
    return {name: (width, b"".join(one.tobytes() for one in cells)) for name, (width, cells) in overviews.items()}


def _said(followed: Followed) -> dict[str, Any]:
    state = followed.state.as_json()
    return state | {"captured": {probe: sorted(names) for probe, names in state["captured"].items()}}


def _newest_stay(old: Followed, new: Followed) -> bool:
    # where an attempt went on from an earlier step, the old fold may have thinned away what was newest before it
    before = {(one.probe, one.name): one for one in old.captures.newest()}
    after = {(one.probe, one.name): one for one in new.captures.newest()}
    return before.keys() == after.keys() and all(
        after[tensor] == one or after[tensor].step > one.step for tensor, one in before.items()
    )


def _in_words(work: Callable[[], T]) -> T:
    try:
        return work()
    except LogDamaged as damage:
        raise NotThinned(str(damage)) from None
