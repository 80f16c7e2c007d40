"""Keeps the runs of a lab folded, and the pages that watch supplied.

`Follower` keeps a `Followed` for each run that trains (looked at every 20 ms), for each that is watched, and for a
few that were opened lately. Large logs are folded in a thread, a piece at a time; from then on everything happens
on the event loop. What was folded is written behind to the run's derived/ by a thread, now and then and when it rests.

How the lab is plugged in: `Follower(lab)` asks `lab.training()` for the runs whose logs grow and `lab.attends(run)`
for one of them, `lab.run(id)` whether a run is still there, and `lab.listing.rows()` for the list; it calls
`lab.heard(run, entries)` with events in their order. `Run.followed` is `follower.followed(run)`, and
`follower.feeds` is where the websocket gets its messages.
"""

import asyncio
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from app.feed import TROUBLED_S, Feeds
from app.followed import Followed
from app.run import Run

LOG = logging.getLogger("livefit.follow")
LOOK_EVERY_S = 0.02
MAX_KEPT = 8  # runs that neither train nor are watched, but were opened lately


class Follower:
    """Keeps what is said in the runs of a lab folded, and the pages that watch supplied."""

    def __init__(self, lab: Any):
        self.feeds = Feeds(lab.run, lab.listing.rows)
        self._lab = lab
        self._kept: OrderedDict[str, tuple[Run, Followed]] = OrderedDict()
        self._catching_up: dict[str, asyncio.Task[None]] = {}
        self._task: asyncio.Task[None] | None = None
        self._thread = 0
        self._lock = threading.Lock()
        self._behind = ThreadPoolExecutor(1, "keep")
        self._to_keep: set[str] = set()
        self._troubled: dict[str, float] = {}

    def start(self) -> None:
        """Begin to look at logs every 20 ms."""
        self._thread = threading.get_ident()
        self._task = asyncio.create_task(self._work())

    async def stop(self) -> None:
        """Look no more."""
        tasks = [one for one in (self._task, *self._catching_up.values()) if one]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(self._behind.shutdown, cancel_futures=True)

    def followed(self, run: Run) -> Followed:
        """Return a run's logs, folded up to now; reads them here when nobody has done so lately.

        On the event loop a run that trains is given as far as it is folded: the rest comes by itself.
        """
        followed = self._of(run)
        if self._lab.attends(run):
            if not followed.caught_up and threading.get_ident() != self._thread:
                followed.catch_up()
            return followed
        if followed.replaced:
            self._forget(run)
            followed = self._of(run)
        followed.catch_up()
        followed.take_news()
        self._keep(run, followed, rests=True)
        return followed

    async def open(self, run: Run) -> Followed:
        """Return a run's logs, folded up to now, without holding up the event loop."""
        followed = self._of(run)
        if not followed.caught_up:
            await asyncio.to_thread(self.followed, run)
        return followed

    async def finish(self, run: Run) -> None:
        """Read what the trainer of a run, which is gone now, said last, and let the lab hear it."""
        followed = self._of(run)
        if not followed.caught_up:  # it may be a long log, and a thread may be at it already
            await self._folding(run, followed)
        followed.catch_up()
        self._tell(run)
        self._keep(run, followed, rests=True)

    async def rewrite(self, run: Run, swap: Callable[[], None]) -> None:
        """Let `swap` put other logs in the place of those of a run that rests, and read it from them from now on.

        They have the same entries at the same `seq`, so pages that watch notice nothing.
        """
        with self._lock:
            self._kept.pop(run.id, None)
            swap()
        self.feeds.hand_over(run.id, await self.open(run))

    async def _work(self) -> None:
        while True:
            now = time.monotonic()
            try:
                for run in self._lab.training():
                    if now >= self._troubled.get(run.id, now):
                        self._look(run)
                self.feeds.tick(now)
            except Exception:
                LOG.exception("following the runs failed; going on")
            await asyncio.sleep(LOOK_EVERY_S)

    def _look(self, run: Run) -> None:
        try:
            self._follow(run)
        except Exception:
            self._leave_alone(run)

    def _leave_alone(self, run: Run) -> None:
        # one run's trouble must not leave all others unheard, nor fill the server's log
        self._troubled[run.id] = time.monotonic() + TROUBLED_S
        LOG.exception("run %s cannot be followed; tried again in %g s", run.id, TROUBLED_S)

    def _follow(self, run: Run) -> None:
        followed = self._of(run)
        if followed.caught_up:
            if followed.advance():
                self._tell(run)
                self._keep(run, followed, rests=False)
        else:
            self._folding(run, followed)

    def _folding(self, run: Run, followed: Followed) -> asyncio.Task[None]:
        if run.id not in self._catching_up:
            self._catching_up[run.id] = asyncio.create_task(self._catch_up(run, followed))
        return self._catching_up[run.id]

    async def _catch_up(self, run: Run, followed: Followed) -> None:
        try:
            await asyncio.to_thread(followed.catch_up)
            self._tell(run)
        except Exception:
            self._leave_alone(run)
        finally:
            del self._catching_up[run.id]

    def _tell(self, run: Run) -> None:
        if news := self._of(run).take_news():
            self._lab.heard(run, news)

    def _keep(self, run: Run, followed: Followed, *, rests: bool) -> None:
        keeper = followed.keeper
        if keeper is None or run.id in self._to_keep or not (keeper.is_worth_it if rests else keeper.is_time):
            return

        def keep() -> None:
            self._to_keep.discard(run.id)
            keeper.keep(followed)

        self._to_keep.add(run.id)
        with suppress(RuntimeError):  # the server ends
            self._behind.submit(keep)

    def _forget(self, run: Run) -> None:
        with self._lock:
            self._kept.pop(run.id, None)

    def _of(self, run: Run) -> Followed:
        with self._lock:
            if run.id not in self._kept or self._kept[run.id][0] is not run:
                self._kept[run.id] = (run, Followed(run.folder, keeps=True))
                self._drop_old(run)
            self._kept.move_to_end(run.id)
            return self._kept[run.id][1]

    def _drop_old(self, wanted: Run) -> None:
        spare = [
            one
            for one, (run, _) in self._kept.items()
            if run is not wanted and not self._lab.attends(run) and one not in self.feeds
        ]
        for run_id in spare[:-MAX_KEPT]:
            del self._kept[run_id]
