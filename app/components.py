"""The catalogue of components as the pages see it: JSON schemas, kept on the disk while the files stand still.

Only a process with torch can read a component file, and the first takes seconds to start; with the kept
schemas a form is there at once when the server starts again.
"""

import json
import logging
from collections.abc import Callable, Mapping
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
        # what a schema's "x-of" names -> a function that returns {id: title} of what there is now
        self.offers: dict[str, Callable[[], Mapping[str, str]]] = {}

    async def schemas(self) -> dict[str, Any]:
        """Return {folder: {name: schema}} and `training`; a value that is an id has "x-options", those there are.

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
        return {key: offered(one, self.offers) for key, one in self._schemas.items()}

    def _read(self) -> tuple[str, dict[str, Any]]:
        try:
            kept = json.loads(self._kept.read_text())
            return kept["stamp"], kept["schemas"]
        except (OSError, ValueError, KeyError, TypeError):
            return "", {}


def offered(schema: Any, offers: Mapping[str, Callable[[], Mapping[str, str]]]) -> Any:
    """Return a schema in which each value that is the id of something has the ids that there are, with their titles."""
    if not isinstance(schema, dict):
        return schema
    of = schema.get("x-of")
    if isinstance(of, str) and of in offers:
        return schema | {"x-options": [{"id": id, "title": title} for id, title in offers[of]().items()]}
    return {key: offered(one, offers) if isinstance(one, dict) else one for key, one in schema.items()}
