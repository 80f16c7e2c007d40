"""The room on the disk that queued runs wait for."""

import asyncio
import logging
from collections.abc import Callable

from app.disk import Disk
from app.errors import Unavailable

LOG = logging.getLogger("livefit.lab")
LOOK_EVERY_S = 5.0


class Room:
    """Whether there is room for another run. `again` is called every 5 s while there is none."""

    def __init__(self, disk: Disk, again: Callable[[], None]):
        self._disk = disk
        self._again = again
        self._look: asyncio.TimerHandle | None = None

    def is_there(self) -> bool:
        """Return whether a run may start now; if not, it is looked again by itself."""
        try:
            self._disk.check_room()
        except Unavailable as error:
            if self._look:
                self._look.cancel()
            else:
                LOG.warning("%s Queued runs wait.", error)
            self._look = asyncio.get_running_loop().call_later(LOOK_EVERY_S, self._again)
            return False
        self._look = None
        return True
