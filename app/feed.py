"""What is sent to the browsers that watch: deltas, encoded once, in a ring into which each socket is a cursor.

A socket has no queue. One that is slow takes its deltas later; one that falls off the ring, or whose run was
set back to an earlier step, gets a fresh snapshot. Nobody else notices. Everything here happens on the event
loop; `Follower` ticks it.
"""

import json
import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from app import wire
from app.errors import NoSuchRun
from app.followed import Followed, Heard
from trainer import faults

LOG = logging.getLogger("livefit.feed")
DELTA_EVERY_S = 0.1
LIST_EVERY_S = 0.5
LINGER_S = 15.0  # a feed outlives its last watcher: a page that reconnects goes on where it was
TROUBLED_S = 5.0  # what could not be told, or followed, is left alone for so long
RING_BYTES = 2 * 1024 * 1024
RING_DELTAS = 600


class Delta(NamedTuple):
    """One encoded delta: its number in the feed, and the position that it goes on from."""

    number: int
    since: list[int]
    message: bytes


class Feed:
    """The live messages of one run. `run` has an id, a status and a level; `followed` is what it said."""

    def __init__(self, run: Any, followed: Followed):
        self.run = run
        self.followed = followed
        self.gone = False
        self.cursors: set[Cursor] = set()
        self.left_at = 0.0
        self._ring: deque[Delta] = deque()
        self._ring_bytes = 0
        self._next = 0
        self._pending: list[Heard] = []
        self._due = 0.0
        self._anew = False  # what a page has folded no longer holds: all begin with a snapshot
        self._position = followed.position
        self._status = run.status
        self._damage = followed.damage
        self._told = self._diagnosis(time.monotonic())
        self._snapshot: tuple[int, bytes] | None = None
        followed.listeners.append(self.hear)

    def close(self) -> None:
        """Hear no more."""
        self.followed.listeners.remove(self.hear)

    def take_over(self, followed: Followed) -> None:
        """Hear the same run from another fold; who watches notices nothing when it is as far as the one before."""
        self.close()
        self._anew |= followed.position != self.followed.position
        self.followed = followed
        followed.listeners.append(self.hear)

    def hear(self, heard: Heard) -> None:
        """Take what was newly said; it goes out with the next delta."""
        self._pending.append(heard)

    def rest(self, until: float) -> None:
        """Publish nothing for a while, and then all there is: a delta that could not be encoded is lost."""
        self._due, self._anew = until, True

    def tick(self, now: float, find: Callable[[str], object]) -> None:
        """Publish what there is, at once after a silence and at most ten times a second."""
        if now < self._due or self.gone:
            return
        news = self._anew or self._pending or self.run.status != self._status or self.followed.damage != self._damage
        if news or self._diagnosis(now) is not self._told:
            # a tick that comes a little late does not make all later ones late
            self._due = (self._due if now - self._due < DELTA_EVERY_S / 2 else now) + DELTA_EVERY_S
            self.publish(now)
        try:
            find(self.run.id)
        except NoSuchRun:
            self.gone = True
            self._wake()

    def publish(self, now: float | None = None) -> None:
        """Encode what is pending and wake who watches; an attempt's beginning begins a delta."""
        pending, self._pending = self._pending, []
        if faults.reach("feed.publish") == "drop":
            pending = []
        self._status = self.run.status
        before, self._told = self._told, self._diagnosis(time.monotonic() if now is None else now)
        # the curves were cut back, or a log is damaged
        self._anew |= any(one.set_back for one in pending) or self.followed.damage != self._damage
        if self._anew:
            self._anew = False
            self._ring.clear()
            self._ring_bytes = 0
            self._next += 1
            self._damage = self.followed.damage
            self._position = self.followed.position
        else:
            for attempt, entries in _by_attempt(pending):
                self._push([attempt, entries[-1].seq], entries)
            if not pending or self._told is not before:
                self._push(self._position, [], self._told)
        self._wake()

    @property
    def next_number(self) -> int:
        """The number that the next delta will have."""
        return self._next

    def number_after(self, position: list[int] | None) -> int:
        """Return the number of the first delta that goes on from `position`, or -1 when none does."""
        for one in self._ring:
            if one.since == position:
                return one.number
        return self._next if position == self._position else -1

    def messages(self, number: int) -> Iterator[tuple[int, bytes]]:
        """Yield (number of the next, message) from a delta on; a snapshot when that delta is no longer there."""
        end = self._next
        while number < end:
            # looked at anew each time, for who takes it may take long: nothing is held that has left the ring
            first = self._ring[0].number if self._ring else self._next
            if number < first:
                message = self.snapshot()
                yield self._next, message
                return
            yield number + 1, self._ring[number - first].message
            number += 1

    def snapshot(self) -> bytes:
        """Return a snapshot of the present, encoded once for all who ask at the same time."""
        if self._anew or self._pending or self.run.status != self._status:
            self.publish()
        if self._snapshot is None or self._snapshot[0] != self._next:
            self._snapshot = (self._next, wire.snapshot(self.run.id, self.followed, self._status, self._told))
        return self._snapshot[1]

    def still(self) -> bytes:
        """Return a delta that says only where the run stands: nothing was missed."""
        return wire.delta(self.run.id, self._position, self._position, self._status, [], self._told)

    def _diagnosis(self, now: float) -> dict[str, Any]:
        return self.followed.lately.look(self.followed, self.run.level, now)

    def _push(self, position: list[int], entries: list, diagnosis: dict[str, Any] | None = None) -> None:
        since, self._position = self._position, position
        message = wire.delta(self.run.id, since, position, self._status, entries, diagnosis)
        self._ring.append(Delta(self._next, since, message))
        self._next += 1
        self._ring_bytes += len(message)
        while len(self._ring) > RING_DELTAS or (self._ring_bytes > RING_BYTES and len(self._ring) > 1):
            self._ring_bytes -= len(self._ring.popleft().message)

    def _wake(self) -> None:
        for one in self.cursors:
            one.wake()


class Cursor:
    """Where one socket stands in a feed. `wake` is called when there may be more; `after` is what it has."""

    def __init__(self, feed: Feed, after: list[int] | None, wake: Callable[[], None]):
        self.feed = feed
        self.wake = wake
        self._number = -1 if after is None else feed.number_after(after)
        self._greet = self._number >= 0
        feed.cursors.add(self)

    def messages(self) -> Iterator[bytes]:
        """Yield what the socket has not had; each is taken when it is asked for, so a slow socket skips nothing."""
        if self._greet:
            self._greet = False
            if self._number == self.feed.next_number:
                yield self.feed.still()
        for number, message in self.feed.messages(self._number):
            self._number = number
            yield message

    def close(self, now: float) -> None:
        """Leave the feed."""
        self.feed.cursors.discard(self)
        self.feed.left_at = now


class ListFeed:
    """The list of runs as a text message; `listing` gives it. Every reader sees the newest, and skips older ones.

    Only a row that changed is encoded anew.
    """

    def __init__(self, listing: Callable[[], dict[str, Any]]):
        self.watchers: set[Callable[[], None]] = set()
        self.text = ""
        self._listing = listing
        self._encoded: dict[str, tuple[dict[str, Any], str]] = {}
        self._looked = -1.0

    def rest(self, until: float) -> None:
        """Look at nothing for a while."""
        self._looked = until

    def tick(self, now: float) -> None:
        """Look at the runs, at most twice a second and only while somebody watches, and wake when they changed."""
        if not self.watchers or now - self._looked < LIST_EVERY_S:
            return
        self._looked = now
        told = self._listing()
        self._encoded = {key: self._encode(key, row) for row in told.pop("rows") for key in [_id_of(row)]}
        rows = ", ".join(text for _, text in self._encoded.values())
        text = json.dumps({"type": "runs", **told, "rows": []}).replace("[]", f"[{rows}]")
        if text != self.text:
            self.text = text
            for wake in self.watchers:
                wake()

    def _encode(self, key: str, row: dict[str, Any]) -> tuple[dict[str, Any], str]:
        kept = self._encoded.get(key)
        if kept and kept[0] == row:
            return kept
        return row, json.dumps(wire.plain(row), ensure_ascii=False, allow_nan=False)


class Feeds:
    """The feeds that somebody watches, or did a moment ago."""

    def __init__(self, find: Callable[[str], object], listing: Callable[[], dict[str, Any]]):
        self.list = ListFeed(listing)
        self._find = find
        self._feeds: dict[str, Feed] = {}

    def __contains__(self, run_id: str) -> bool:
        return run_id in self._feeds

    def of(self, run: Any, followed: Followed) -> Feed:
        """Return the feed of a run, made when there is none."""
        feed = self._feeds.get(run.id)
        if feed is None or feed.gone or feed.run is not run:
            feed = self._feeds[run.id] = Feed(run, followed)
        elif feed.followed is not followed:
            # others may watch it: another feed in its place would leave them unheard
            feed.take_over(followed)
        return feed

    def hand_over(self, run_id: str, followed: Followed) -> None:
        """Let the feed of a run, if there is one, go on with another fold of it."""
        if run_id in self._feeds:
            self._feeds[run_id].take_over(followed)

    def tick(self, now: float) -> None:
        """Publish what is due, and drop feeds that nobody has watched for a while."""
        try:
            self.list.tick(now)
        except Exception:
            self.list.rest(now + TROUBLED_S)
            LOG.exception("the list of runs cannot be told; tried again in %g s", TROUBLED_S)
        for run_id, feed in list(self._feeds.items()):
            try:
                feed.tick(now, self._find)
            except Exception:
                # one feed's trouble must not leave all others untold, nor fill the server's log
                feed.rest(now + TROUBLED_S)
                LOG.exception("run %s cannot be told; tried again in %g s", run_id, TROUBLED_S)
            if not feed.cursors and (feed.gone or now - feed.left_at > LINGER_S):
                feed.close()
                del self._feeds[run_id]


def _id_of(row: dict[str, Any]) -> str:
    return next(iter(row.values()))["id"]


def _by_attempt(pending: list[Heard]) -> Iterator[tuple[int, list]]:
    attempt, entries = 0, []
    for one in pending:
        if one.attempt != attempt and entries:
            yield attempt, entries
            entries = []
        attempt = one.attempt
        entries += one.entries
    if entries:
        yield attempt, entries
