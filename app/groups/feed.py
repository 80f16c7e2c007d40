"""What is sent to the pages that watch several runs at once: their cards, and curves of a few series.

A page of one run gets every number of it; twenty of those would be megabytes a second that no picture shows. Here a
curve is 600 means at most, and is sent whole when it has grown. What came before it is of no use any more: a slow page
skips it, and never has to catch up.

    u32 length of the header | header, JSON | buffers, as in `app.wire`

`group`: what has changed since the last one, or everything (`whole`).

    {type, whole, progress, cards: [card], names: [series], variants: [{label, runs}], spreads: [spread], lines: [line]}
    progress: {statuses, step, steps, eta_s} of all · names, variants: only when they have changed, else null

spread, of one variant: {variant, name, width, count, at}; at `at`: step, epoch f64 (count,), then f32 (count,) each:
mean, low, high, std, runs. line, of one run: {run, name, width, count, at}; at `at`: step, epoch f64, then mean f32.
`width`: how many steps one place stands for, or epochs in a spread of what is evaluated after each.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from app.groups.card import progress
from app.groups.curves import Curve, Spread, places, spread
from app.groups.looks import Look, Looks, stamp_of
from app.groups.table import names_of, variants_of
from app.groups.variants import Variant
from app.run import Run
from app.state import plain
from app.wire import Message

LOOK_EVERY_S = 0.3
NOT_OF_A_CARD = {"spark"}


class GroupFeed:
    """The live messages of several runs. `members` gives those that there are; `names` are the series to be drawn."""

    def __init__(self, key: tuple[str, ...], members: Callable[[], Sequence[Run]], names: Sequence[str], looks: Looks):
        self.key = key
        self.names = tuple(names)
        self.gone = False
        self.version = 0
        self._members = members
        self._looks = looks
        self._seen: dict[str, Look] = {}  # kept here too: of those that rest, no log is read again while it is watched
        self._variants: list[Variant] = []
        self._runs: list[Run] = []
        self._news: dict[tuple[str, ...], tuple[int, Any]] = {}  # (kind, ...) -> version of its last change; what it is
        self._begun = 0
        self._encoded: dict[int, bytes] = {}
        self._beginning = asyncio.Lock()

    async def begin(self) -> None:
        """Look for the first time, in a thread: the logs of runs that rest are read."""
        async with self._beginning:
            if not self.version:
                await asyncio.to_thread(self.look)

    def look(self) -> bool:
        """Look at the runs, and return whether anything has changed."""
        runs = list(self._members())
        self.gone = not runs
        changed = {run.id for run in runs if run.id not in self._seen or self._seen[run.id].stamp != stamp_of(run)}
        self._seen = {run.id: self._looks.at(run) if run.id in changed else self._seen[run.id] for run in runs}
        seen = [(run, self._seen[run.id]) for run in runs]
        before = self.version
        self.version += 1
        if [one.id for one in self._runs] != [one.id for one in runs]:
            # variants are told by their places, so all of it begins anew
            self._runs, self._variants, self._news, self._begun = runs, variants_of(seen), {}, self.version
            changed = {run.id for run in runs}
            self._put("variants", told=[{"label": one.label, "runs": [runs[at].id for at in one.places]}
                                        for one in self._variants])  # fmt: skip
        for run, look in seen:
            self._put("card", run.id, told={key: one for key, one in run.card().items() if key not in NOT_OF_A_CARD})
            if run.id in changed:
                for name in self.names:
                    self._draw(name, (run.id,), look.curve(name))
        self._put("names", told=names_of(seen))
        for at, one in enumerate(self._variants):
            if any(runs[place].id in changed for place in one.places):
                self._draw_spreads(at, [seen[place][1] for place in one.places])
        if not any(version == self.version for version, _ in self._news.values()):
            self.version = before
        else:
            self._encoded = {}
        return self.version != before

    def message(self, since: int) -> bytes:
        """Return what has changed after a version, encoded once for all who are as far; 0 for everything."""
        if since not in self._encoded:
            self._encoded[since] = self._encode(since)
        return self._encoded[since]

    def _draw_spreads(self, at: int, looks: Sequence[Look]) -> None:
        for name in self.names:
            if curves := [one for look in looks if (one := look.curve(name))]:
                self._draw(name, ("", str(at)), spread(curves, name))

    def _draw(self, name: str, whose: tuple[str, ...], what: Curve | Spread | None) -> None:
        if what is not None:
            self._news["drawn", name, *whose] = (self.version, what)

    def _put(self, *key: str, told: Any) -> None:
        if self._news.get(key, (0, None))[1] != told:
            self._news[key] = (self.version, told)

    def _encode(self, since: int) -> bytes:
        message = Message()
        news = {key: one for key, (version, one) in self._news.items() if version > since}
        drawn = [(key, one) for key, one in news.items() if key[0] == "drawn"]
        cards = [one for key, (_, one) in self._news.items() if key[0] == "card"]
        return message.encode(
            {
                "type": "group",
                "whole": since < self._begun,
                "progress": progress(cards),
                "cards": [plain(one) for key, one in news.items() if key[0] == "card"],
                "names": news.get(("names",)),
                "variants": news.get(("variants",)),
                "spreads": [
                    {"variant": int(key[3]), "name": key[1], **_spread(message, key[1], one)}
                    for key, one in drawn
                    if isinstance(one, Spread)
                ],
                "lines": [
                    {"run": key[2], "name": key[1], **_line(message, key[1], one)}
                    for key, one in drawn
                    if isinstance(one, Curve)
                ],
            }
        )


class GroupCursor:
    """How far one socket is in a feed. `wake` is called when there may be more."""

    def __init__(self, feed: GroupFeed, wake: Callable[[], None]):
        self.feed = feed
        self.wake = wake
        self._seen = 0

    def messages(self) -> Iterator[bytes]:
        """Yield what the socket has not had, as one message."""
        if self.feed.version > self._seen:
            seen, self._seen = self._seen, self.feed.version
            yield self.feed.message(seen)


class GroupFeeds:
    """The feeds that somebody watches, each shared by all who watch the same runs and series."""

    def __init__(self, looks: Looks):
        self._looks = looks
        self._feeds: dict[tuple[str, ...], GroupFeed] = {}
        self._cursors: set[GroupCursor] = set()
        self._due = 0.0

    def feed(self, key: str, members: Callable[[], Sequence[Run]], names: Sequence[str]) -> GroupFeed:
        """Return the feed of some runs, which has to `begin`; `key` is the same for the same runs."""
        whole = (key, *names)
        return self._feeds.get(whole) or GroupFeed(whole, members, names, self._looks)

    def join(self, feed: GroupFeed, wake: Callable[[], None]) -> GroupCursor:
        """Watch a feed that has begun."""
        cursor = GroupCursor(self._feeds.setdefault(feed.key, feed), wake)
        self._cursors.add(cursor)
        return cursor

    def leave(self, cursor: GroupCursor) -> None:
        """Watch no more; a feed that nobody watches goes."""
        self._cursors.discard(cursor)
        if not any(one.feed is cursor.feed for one in self._cursors):
            self._feeds.pop(cursor.feed.key, None)

    def tick(self, now: float) -> None:
        """Look at what is watched, a few times a second, and wake those who watch when something has changed."""
        if now < self._due:
            return
        self._due = now + LOOK_EVERY_S
        for feed in list(self._feeds.values()):
            if feed.look() or feed.gone:
                for cursor in self._cursors:
                    if cursor.feed is feed:
                        cursor.wake()


def _spread(message: Message, name: str, one: Spread) -> dict[str, Any]:
    floats = (one.mean, one.low, one.high, one.std, one.count)
    at = message.put(one.step.astype("<f8"), one.epoch.astype("<f8"), *(column.astype("<f4") for column in floats))
    return {"width": one.width, "count": len(one.step), "at": at}


def _line(message: Message, name: str, one: Curve) -> dict[str, Any]:
    step, epoch = places(one, name)
    at = message.put(step.astype("<f8"), epoch.astype("<f8"), one.mean.astype("<f4"))
    return {"width": one.bucket, "count": len(one.start), "at": at}
