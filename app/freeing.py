"""Frees space: deletes runs, empties the trash, drops old checkpoints, thins captures; and says so before.

Whatever cannot be done is refused by itself, in a sentence, and all else goes on. A run whose trainer lives is never
touched; one whose files are being changed is held: its next attempt begins afterwards.
"""

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from app.checkpoint_files import listing
from app.disk import unwritable
from app.errors import LivefitError, NotNow
from app.life import TRAINS, check_action
from app.run import Run
from app.run_folder import chosen_checkpoint
from app.sizes import size_of
from app.storage import Storage
from app.thin import NotThinned, Thinning, thinnable
from app.workers.process import Process
from trainer.manifest import newest_first

OF_THEMSELVES = frozenset({"auto", "epoch", "interrupted"})  # saved without being asked for; `best` is worth keeping


@dataclass(frozen=True)
class Asked:
    """What shall be freed: of some runs the whole, or checkpoints and captures; and the trash."""

    runs: tuple[str, ...] = ()
    delete: bool = False
    checkpoints: Literal["none", "old", "all"] = "none"
    captures: Literal["keep", "thin"] = "keep"
    trash: bool = False


@dataclass
class Deed:
    """One thing to do: how many bytes that `frees`, and why it is `refused`, or ""."""

    kind: Literal["delete", "checkpoints", "captures", "trash"]
    run: Run
    frees: int = 0
    refused: str = ""
    paths: list[Path] = field(default_factory=list)

    @property
    def later(self) -> bool:
        """Whether the bytes are free only once the trash is emptied."""
        return self.kind == "delete"

    def as_json(self) -> dict[str, Any]:
        """Return the deed as the API tells it."""
        told = {"kind": self.kind, "run": self.run.id, "name": self.run.name, "frees": self.frees, "later": self.later}
        return told | {"count": len(self.paths), "refused": self.refused}


class Freeing:
    """Plans and does what was asked of a storage."""

    def __init__(self, storage: Storage):
        self.storage = storage
        self.lab = storage.lab
        self._thinnable: dict[Path, tuple[object, int]] = {}

    async def preview(self, asked: Asked) -> dict[str, Any]:
        """Return {"frees", "later", "what"}: what would be done, and nothing is.

        Raises:
            NoSuchRun: one of the runs is not there.
        """
        return _told(await self._plan(asked))

    async def free(self, asked: Asked) -> dict[str, Any]:
        """Do what was asked and return what was done, as `preview` does.

        Raises:
            NoSuchRun: one of the runs is not there; nothing was done.
        """
        async with self.storage.freeing:
            deeds = await self._plan(asked)
            try:
                for deed in deeds:
                    if not deed.refused:
                        await self._do(deed)
                await self.storage.count()
            finally:
                self.lab.fill()  # there may be room now, and a run that was held waits
        return _told(deeds)

    async def _plan(self, asked: Asked) -> list[Deed]:
        runs = [self.lab.run(one) for one in dict.fromkeys(asked.runs)]
        sizes = {run.id: size for run, size in await self.storage.count()}
        there = {run.folder for run in self.lab.everything()}
        # a list: another preview may just be measuring in its thread
        self._thinnable = {folder: one for folder, one in list(self._thinnable.items()) if folder in there}
        deeds = [Deed("trash", run, sizes[run.id].total) for run in self.lab.trash.runs() if asked.trash]
        for run in runs:
            if asked.delete:
                deed = Deed("delete", run, sizes[run.id].total)
                deeds.append(await self._considered(deed, lambda deed: check_action(deed.run.standing, "delete")))
                continue
            if asked.checkpoints != "none":
                every = asked.checkpoints == "all"
                deeds.append(await self._considered(Deed("checkpoints", run), self._choose_old, every))
            if asked.captures == "thin":
                deeds.append(await self._considered(Deed("captures", run), self._measure_captures))
        return [deed for deed in deeds if deed.frees or deed.refused or deed.kind in ("delete", "trash")]

    async def _considered(self, deed: Deed, consider: Callable[..., None], *args: Any) -> Deed:
        try:
            if deed.kind != "delete":
                self._check_rests(deed.run)
            await asyncio.to_thread(consider, deed, *args)
        except (LivefitError, NotThinned, OSError) as error:
            deed.refused, deed.frees = _why(error), 0
        return deed

    def _check_rests(self, run: Run) -> None:
        process = Process.read(run.folder)
        if self.lab.attends(run) or (process and process.alive()):
            told = f"The run is {run.standing.name}, and its trainer is still there: what it writes is left alone."
            raise NotNow(told, "Stop it first." if run.standing.name in TRAINS else "Try again in a moment.")

    def _choose_old(self, deed: Deed, every: bool) -> None:
        if every and not deed.run.over:
            raise NotNow("The run may go on, from its checkpoints.", "Stop it first, or drop the old ones only.")
        found = newest_first(deed.run.folder / "checkpoints") if every else old_checkpoints(deed.run)
        _spare_chosen(deed, found)

    def _measure_captures(self, deed: Deed) -> None:
        folder = deed.run.folder
        stamp = [(one.name, one.stat().st_size, one.stat().st_mtime_ns) for one in sorted(folder.glob("events-*.log"))]
        known = self._thinnable.get(folder)
        if known is None or known[0] != stamp:
            known = self._thinnable[folder] = (stamp, thinnable(folder))
        deed.frees = known[1]

    async def _do(self, deed: Deed) -> None:
        work = {"delete": self.lab.delete, "trash": self._empty, "checkpoints": self._drop, "captures": self._thin}
        try:
            await work[deed.kind](deed if deed.kind in ("checkpoints", "captures") else deed.run)
        except (LivefitError, NotThinned, OSError) as error:
            deed.refused, deed.frees = _why(error), 0

    async def _empty(self, run: Run) -> None:
        if run.deleted_at:  # nobody has brought it back meanwhile
            await self.lab.trash.remove(run)

    async def _drop(self, deed: Deed) -> None:
        with self._held(deed.run, "its old checkpoints are being removed"):
            # one may have been chosen since the deed was planned; while the run is held, none can be
            await asyncio.to_thread(_spare_chosen, deed, deed.paths)
            await asyncio.to_thread(_remove, deed.paths)

    async def _thin(self, deed: Deed) -> None:
        run = deed.run
        with self._held(run, "its captures are being thinned"), Thinning(run.folder) as thinning:
            await asyncio.to_thread(thinning.prepare)
            await self.lab.follower.rewrite(run, thinning.swap)
            deed.frees = thinning.frees

    def _held(self, run: Run, why: str) -> "_Held":
        self._check_rests(run)
        self.storage.sizes.forget(run.folder)
        return _Held(run, why)


class _Held:
    """While it lasts, a run is not started."""

    def __init__(self, run: Run, why: str):
        self._run, self._why = run, why

    def __enter__(self) -> None:
        self._run.held = self._why

    def __exit__(self, *_: object) -> None:
        self._run.held = ""


def old_checkpoints(run: Run) -> list[Path]:
    """Return those that a run can do without: superseded by a later attempt, or saved without being asked for.

    The newest sound one stays, from which the run would go on, and so do `best`, `final` and those with a name of
    their own.
    """
    there = listing(run.folder)
    newest = next((one for one in there if one["sound"] and not one["superseded"]), None)
    if newest is None:
        return []
    spare = (one for one in there if one["superseded"] or (one["name"] in OF_THEMSELVES and one is not newest))
    return [run.folder / "checkpoints" / one["id"] for one in spare]


def _spare_chosen(deed: Deed, found: list[Path]) -> None:
    """Let a deed free all that was found but the checkpoint from which somebody lets the run go on."""
    chosen = chosen_checkpoint(deed.run.folder)
    deed.paths = [one for one in found if one.name != chosen]
    deed.frees = sum(size_of(one) for one in deed.paths)


def _remove(checkpoints: list[Path]) -> None:
    for one in checkpoints:
        # under a name that no trainer loads, and that is swept at the next start
        gone = one.with_name(f".{one.name}.tmp")
        shutil.rmtree(gone, ignore_errors=True)
        one.rename(gone)
        shutil.rmtree(gone)


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        error = unwritable(error, "This")
    if isinstance(error, LivefitError):
        return " ".join(filter(None, (error.detail, error.hint)))
    return str(error)


def _told(deeds: list[Deed]) -> dict[str, Any]:
    done = [one for one in deeds if not one.refused]
    return {
        "frees": sum(one.frees for one in done if not one.later),
        "later": sum(one.frees for one in done if one.later),
        "what": [one.as_json() for one in deeds],
    }
