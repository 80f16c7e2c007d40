"""Files that were uploaded and wait to be kept as data sets: <data>/uploads/<id>.bin, and beside it <id>.json.

While a file comes it is <id>.partial; one that was cut off is removed at once, or by the next start when the server
was cut off as well.
"""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from starlette.requests import ClientDisconnect
from ulid import ULID

from app.disk import unwritable
from app.errors import BadRequest, NoSuchUpload
from app.run_folder import RUN_ID

LOG = logging.getLogger("livefit.storage")
FOLDER = "uploads"
KEPT_S = 24 * 3600
MOST = 20  # that wait; the oldest go
LOOK_EVERY_BYTES = 16 * 1024**2  # for room on the disk
TIDY_EVERY_S = 600.0


class Waiting:
    """The uploads of one data folder."""

    def __init__(self, data: Path):
        self.folder = data / FOLDER

    async def take(
        self, body: AsyncIterator[bytes], name: str, by: str, check_room: Callable[[], None]
    ) -> dict[str, Any]:
        """Write a body to the disk as it comes, and return {"id", "name", "bytes"}.

        Raises:
            DiskFull, OverBudget, Unwritable: there is no room. BadRequest: it was cut off. TooLarge: as the guard says.
        """
        check_room()
        id = str(ULID())
        partial, whole = self.folder / f"{id}.partial", self._path(id)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            size = await _written(body, partial, check_room)
            known = {"id": id, "name": name, "bytes": size, "by": by, "made": time.time()}
            whole.with_suffix(".json").write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")
            partial.rename(whole)
        except ClientDisconnect:
            raise BadRequest("The upload was cut off before its end, so nothing of it is kept.") from None
        except OSError as error:
            raise unwritable(error, "The upload") from None
        finally:
            partial.unlink(missing_ok=True)
        self.tidy()
        return {key: known[key] for key in ("id", "name", "bytes")}

    def known(self, id: str) -> tuple[Path, dict[str, Any]]:
        """Return where an upload lies, and {"id", "name", "bytes", "by", "made"}.

        Raises:
            NoSuchUpload: there is none of this id, or no longer.
        """
        path = self._path(id) if RUN_ID.fullmatch(id) else None
        try:
            if path is None or not path.is_file():
                raise FileNotFoundError
            return path, json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise NoSuchUpload(f"There is no upload {id[:40]!r}.") from None

    def forget(self, id: str) -> None:
        """Remove an upload.

        Raises:
            NoSuchUpload: there is none of this id. Unwritable: it cannot be removed.
        """
        path, _ = self.known(id)
        try:
            _remove(path)
        except OSError as error:
            raise unwritable(error, "The upload") from None

    def tidy(self) -> None:
        """Remove what has waited for a day, and the oldest when too many wait."""
        found = sorted(self.folder.glob("*.bin")) if self.folder.is_dir() else []
        there = [path for path in found if RUN_ID.fullmatch(path.stem)]  # other files are somebody's own
        for place, path in enumerate(there):
            age = time.time() - ULID.from_str(path.stem).timestamp
            if age > KEPT_S or place < len(there) - MOST:
                try:
                    _remove(path)
                except OSError as error:
                    LOG.warning("the upload %s that nobody keeps cannot be removed: %s", path, error.strerror)

    async def tend(self) -> None:
        """Tidy now and then until cancelled."""
        while True:
            try:
                await asyncio.to_thread(self.tidy)
            except OSError:
                LOG.exception("uploads that nobody keeps cannot be removed; trying again")
            await asyncio.sleep(TIDY_EVERY_S)

    def _path(self, id: str) -> Path:
        return self.folder / f"{id}.bin"


async def _written(body: AsyncIterator[bytes], path: Path, check_room: Callable[[], None]) -> int:
    size = looked = 0
    with path.open("wb") as file:
        async for chunk in body:
            size += len(chunk)
            if size - looked >= LOOK_EVERY_BYTES:
                looked = size
                check_room()
            await asyncio.to_thread(file.write, chunk)
        await asyncio.to_thread(file.flush)
    return size


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.with_suffix(".json").unlink(missing_ok=True)
