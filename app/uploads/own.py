"""Own data sets: what there is, keeping one, deleting one. <data>/datasets/<id>/ is written by a forked child.

It writes into .<id>.tmp, which is renamed when all is on the disk: a data set is there whole or not at all. What is in
one never changes, so a run that goes on later trains on what it began with.
"""

import asyncio
import json
import logging
import shutil
import time
from pathlib import Path
from typing import Any

from ulid import ULID

from app.disk import unwritable
from app.errors import BadUpload, InUse, NoSuchDataset
from app.lab import Lab
from app.names import cleaned
from app.run import Run
from app.run_folder import RUN_ID, spec_or_none
from app.uploads.waiting import Waiting
from trainer.runlog import sync_folder

LOG = logging.getLogger("livefit.storage")
FOLDER = "datasets"
NAME = "own"  # of the component that trains on them
GONE = ".gone-"
MAX_NAME = 80
# what the pages want of a meta.json: one that lacks it is no data set
NEEDED = {"name": str, "kind": str, "samples": int, "shape": list, "classes": list, "origin": dict, "left_out": dict}
NAMED = 3  # of the runs that use one


class OwnData:
    """The own data sets of a lab."""

    def __init__(self, lab: Lab, waiting: Waiting):
        self.lab = lab
        self.waiting = waiting
        self.folder = lab.settings.data_dir / FOLDER
        self._metas: dict[str, dict[str, Any]] = {}
        lab.data_names |= self.titles()

    def every(self) -> list[dict[str, Any]]:
        """Return what is known of each, newest first."""
        ids = [one.name for one in self.folder.iterdir() if RUN_ID.fullmatch(one.name)] if self.folder.is_dir() else []
        found = [self._read(id) for id in sorted(ids, reverse=True)]
        return [one for one in found if one is not None]

    def titles(self) -> dict[str, str]:
        """Return id -> name of each, newest first: what a form offers."""
        return {one["id"]: one["name"] for one in self.every()}

    def meta(self, id: str) -> dict[str, Any]:
        """Return what is known of one.

        Raises:
            NoSuchDataset: there is none of this id.
        """
        meta = self._read(id) if RUN_ID.fullmatch(id) else None
        if meta is None:
            raise NoSuchDataset(f"There is no own data set {id[:40]!r}.")
        return meta

    def table(self, id: str) -> Path:
        """Return the file that holds the numbers of one.

        Raises:
            NoSuchDataset: there is none of this id.
        """
        return self.folder / self.meta(id)["id"] / "table.npz"

    async def preview(self, upload: str, options: dict[str, Any]) -> dict[str, Any]:
        """Return what an upload would become.

        Raises:
            NoSuchUpload: there is none of this id. BadUpload: it cannot be read so. WorkersAway: nobody can read it.
        """
        path, known = self.waiting.known(upload)
        answer = await self.lab.workers.upload(path, options)
        if "problems" in answer:
            raise BadUpload(answer["problems"])
        return answer["preview"] | {"upload": {key: known[key] for key in ("id", "name", "bytes")}}

    async def keep(
        self, upload: str, name: str, options: dict[str, Any], by: str, *, drawn: bool = False
    ) -> dict[str, Any]:
        """Keep an upload as a data set and return what is known of it; the upload goes on waiting for its day.

        Raises:
            NoSuchUpload: there is none of this id. BadUpload: it cannot be taken so. DiskFull and the like: no room.
        """
        path, known = self.waiting.known(upload)
        self.lab.disk.check_room()
        id = str(ULID())
        half = self.folder / f".{id}.tmp"
        origin = {"file": known["name"], "bytes": known["bytes"], "drawn": drawn}
        about = {"id": id, "name": clean(name) or clean(Path(known["name"]).stem) or id, "by": by,
                 "made": time.time(), "origin": origin}  # fmt: skip
        try:
            half.mkdir(parents=True)
            answer = await self.lab.workers.upload(path, options, half, about)
            if "problems" in answer:
                raise BadUpload(answer["problems"])
            if "unwritable" in answer:
                raise OSError(*answer["unwritable"])
            half.rename(self.folder / id)
            sync_folder(self.folder)
            self.lab.data_names[id] = about["name"]
        except OSError as error:
            raise unwritable(error, "The data set") from None
        finally:
            shutil.rmtree(half, ignore_errors=True)
        return self.meta(id)

    async def look(self, name: str, params: dict[str, Any], first: int, count: int) -> dict[str, Any]:
        """Return what a data set looks like with some parameters.

        Raises:
            BadUpload: it cannot be loaded or split so; `problems` have the paths of a spec.
        """
        answer = await self.lab.workers.look(name, params, first, count)
        if "problems" in answer:
            raise BadUpload(answer["problems"])
        return answer["look"]

    async def delete(self, id: str) -> None:
        """Remove a data set for good.

        Raises:
            NoSuchDataset: there is none of this id. InUse: runs were trained on it. Unwritable: it cannot be removed.
        """
        self.meta(id)
        if users := await asyncio.to_thread(self._users, id):
            names = ", ".join(repr(one.name or one.id) for one in users[:NAMED])
            more = f" and {len(users) - NAMED} more" if len(users) > NAMED else ""
            raise InUse(f"Without it these could neither go on nor be run again: {names}{more}.")
        gone = self.folder / f"{GONE}{id}"
        try:
            (self.folder / id).rename(gone)
        except OSError as error:
            raise unwritable(error, "The data set") from None
        self._metas.pop(id, None)
        self.lab.data_names.pop(id, None)
        self.lab.workers.forget_plans()
        await asyncio.to_thread(shutil.rmtree, gone, ignore_errors=True)

    def _users(self, id: str) -> list[Run]:
        # also those in the trash, which can be brought back
        maybe = [one for one in self.lab.everything() if one.summary.get("dataset", NAME) == NAME]
        return [one for one in maybe if _trains_on(one, id)]

    def _read(self, id: str) -> dict[str, Any] | None:
        if id not in self._metas or not (self.folder / id).is_dir():
            self._metas.pop(id, None)
            try:
                meta = json.loads((self.folder / id / "meta.json").read_text(encoding="utf-8"))
            except (OSError, ValueError):
                return None
            if not isinstance(meta, dict) or not NEEDED.keys() <= meta.keys():
                return None
            if not all(isinstance(meta[key], kind) for key, kind in NEEDED.items()):
                return None
            self._metas[id] = meta | {"id": id}  # a folder that was copied by hand has an id of its own
        return self._metas[id]


def clean(name: str) -> str:
    """Return a name as it is kept."""
    return cleaned(name, MAX_NAME)


def _trains_on(run: Run, id: str) -> bool:
    spec = spec_or_none(run.folder)
    return bool(spec) and spec["dataset"]["name"] == NAME and spec["dataset"]["params"].get("data") == id
