"""The catalogue of components as the pages see it: JSON schemas, kept on the disk while the files stand still.

Only a process with torch can read a component file, and the first takes seconds to start; with the kept
schemas a form is there at once when the server starts again.
"""

import json
import logging
from pathlib import Path
from typing import Any

from app.workers.local import LocalWorkers, components_stamp

LOG = logging.getLogger("livefit.lab")


class Components:
    """Schemas of every component, folder by folder; as fresh as the files."""

    def __init__(self, workers: LocalWorkers, kept: Path):
        self._workers = workers
        self._kept = kept
        self._stamp, self._schemas = self._read()

    async def schemas(self) -> dict[str, Any]:
        """Return {folder: {name: schema}} and `training`.

        Raises:
            WorkersAway: a component file cannot be imported.
        """
        if (stamp := components_stamp()) != self._stamp:
            self._schemas = await self._workers.describe()
            self._stamp = stamp
            try:
                self._kept.parent.mkdir(parents=True, exist_ok=True)
                self._kept.write_text(json.dumps({"stamp": stamp, "schemas": self._schemas}))
            except OSError as error:
                # a form is made from what is known; the next start asks for it again
                LOG.warning("%s cannot be kept: %s", self._kept, error.strerror)
        return self._schemas

    def _read(self) -> tuple[str, dict[str, Any]]:
        try:
            kept = json.loads(self._kept.read_text())
            return kept["stamp"], kept["schemas"]
        except (OSError, ValueError, KeyError, TypeError):
            return "", {}
