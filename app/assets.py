"""Static files under addresses that carry a stamp of what is in them: a browser keeps them for good.

Modules import one another by relative paths, so all modules of a page come from one stamp, and two versions
never meet on one page. An address without a stamp, or with an old one, is asked after each time.
"""

import hashlib
import re
import time
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any

from fastapi import Response
from fastapi.staticfiles import StaticFiles

FOREVER = "public, max-age=31536000, immutable"
LOOK_AGAIN_S = 1.0
IMPORT = re.compile(r"""^(?:import|export)\b[^"'(;]*["'](\.{1,2}/[^"']+)["']""", re.MULTILINE)


class Assets(StaticFiles):
    """Serves /static/v-<stamp>/<path> to be kept, and /static/<path> to be asked after."""

    def __init__(self, folder: Path):
        super().__init__(directory=folder)
        self.folder = folder
        self._stamp = ""
        self._looked = float("-inf")
        self._modules: dict[str, list[str]] = {}

    def address(self, path: str) -> str:
        """Return the address of a file, as a page should name it."""
        return f"/static/v-{self.stamp()}/{path}"

    def modules(self, *entries: str) -> list[str]:
        """Return the paths of some modules and of all that they import, whoever comes first in front."""
        self.stamp()
        found: dict[str, None] = {}
        waiting = list(entries)
        while waiting:
            path = waiting.pop(0)
            if path not in found:
                found[path] = None
                waiting += self._imported(path)
        return list(found)

    def stamp(self) -> str:
        """Return twelve hex digits that change when a file does; looks at the files at most once a second."""
        now = time.monotonic()
        if now - self._looked > LOOK_AGAIN_S:
            files = sorted(path for path in self.folder.rglob("*") if path.is_file())
            facts = [(str(path.relative_to(self.folder)), *_facts(path)) for path in files]
            stamp = hashlib.sha256(repr(facts).encode()).hexdigest()[:12]
            if stamp != self._stamp:
                self._stamp, self._modules = stamp, {}
            self._looked = now
        return self._stamp

    async def get_response(self, path: str, scope: Any) -> Response:
        """Return a file, with how long it may be kept."""
        first, _, rest = path.partition("/")
        is_stamped = first.startswith("v-")
        answer = await super().get_response(rest if is_stamped else path, scope)
        answer.headers["Cache-Control"] = FOREVER if first == f"v-{self.stamp()}" else "no-cache"
        return answer

    def _imported(self, path: str) -> list[str]:
        if path not in self._modules:
            text = (self.folder / path).read_text(encoding="utf-8")
            self._modules[path] = [normpath(join(dirname(path), one)) for one in IMPORT.findall(text)]
        return self._modules[path]


def _facts(path: Path) -> tuple[int, int]:
    seen = path.stat()
    return seen.st_size, seen.st_mtime_ns
