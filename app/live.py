"""The websocket /live: everything that a page hears of its runs, and what it asks of them.

The browser sends JSON text of at most 64 KB, the first within a minute and no more than 50 a second in the long run:

    {"type": "watch", "run": id, "after": [attempt, seq] or null}    go on from a position, or begin with a snapshot
    {"type": "unwatch", "run": id}
    {"type": "watch_list"}                                           the list of runs, now and when it changes
    {"type": "watch_group", "group": id, "names": [series]}          several runs at once; or "runs": [id] for any runs
    {"type": "unwatch_group"}
    {"type": "command", "run": id, "ref": "c1", "command": {...}}    a command without id and by

It gets JSON text: `hello` {version, name: who you are} · `accepted` {ref, id} · `problem` {ref or null, title,
detail, hint} · `runs` {rows: [{run: card} or {group}], count, runs, moving}, the newest as GET /api/rows has them ·
`gone` {run} · `disk` {free: bytes left on a disk that is nearly full, null once there is room; over: bytes that runs
take more than their budget, 0; budget; read_only}, which a trainer could not write down; and binary messages, which
`app.wire` and `app.groups.feed` describe. Of a run the first is a snapshot, or the delta that goes on from `after`; of
a group, of which a page watches one, it is everything. What the trainer answers to a command comes as an event.
"""

import asyncio
import json
import logging
import time
from contextlib import suppress
from importlib.metadata import version
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter
from msgspec import Meta, Struct
from starlette.websockets import WebSocket, WebSocketDisconnect

from app.deps import TheGroups, TheLab, Who
from app.disk import NO_TROUBLE
from app.errors import BadCommand, BadRequest, LivefitError, NoSuchRun, TooLarge
from app.feed import Cursor
from app.groups.feed import GroupCursor
from app.groups.groups import Groups
from app.groups.vary import MAX_MEMBERS
from app.lab import Lab
from app.run import Run
from trainer.protocol import read_command

LOG = logging.getLogger("livefit.live")
MAX_MESSAGE = 64 * 1024
MAX_WATCHED = 32
MAX_DRAWN = 8  # series of a group
DISK_LOOK_S = 5.0
MAX_UNREAD = 1_000  # answers that wait for a browser which asks and does not read
FIRST_WITHIN_S = 60.0
ASKS_PER_S, ASKS_AT_ONCE = 50.0, 500.0

router = APIRouter()


class Asked(Struct, tag_field="type", forbid_unknown_fields=True):
    """What a browser may say."""


class Watch(Asked, tag="watch"):
    run: str
    after: list[int] | None = None


class Unwatch(Asked, tag="unwatch"):
    run: str


class WatchList(Asked, tag="watch_list"):
    pass


class WatchGroup(Asked, tag="watch_group"):
    names: list[Annotated[str, Meta(max_length=200)]]
    group: str = ""
    runs: list[str] = []


class UnwatchGroup(Asked, tag="unwatch_group"):
    pass


class Command(Asked, tag="command"):
    run: str
    command: dict[str, Any]
    ref: str | None = None


_asked = msgspec.json.Decoder(Watch | Unwatch | WatchList | WatchGroup | UnwatchGroup | Command)


@router.websocket("/live")
async def live(socket: WebSocket, lab: TheLab, groups: TheGroups, name: Who) -> None:
    """Serve one browser until either side goes."""
    await socket.accept()
    visit = Visit(socket, lab, groups, name)
    tasks = {asyncio.create_task(one) for one in (visit.tell(), visit.listen(), visit.look_at_disk())}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            with suppress(WebSocketDisconnect):
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        visit.leave()


class Visit:
    """One browser's stay. `tell` is the only one that sends; `listen` the only one that receives."""

    def __init__(self, socket: WebSocket, lab: Lab, groups: Groups, name: str):
        self.socket, self.lab, self.groups, self.name = socket, lab, groups, name
        self._feeds = lab.follower.feeds
        self._cursors: dict[str, tuple[Run, Cursor]] = {}
        self._texts: list[dict[str, Any]] = [{"type": "hello", "version": version("livefit"), "name": name}]
        self._group: GroupCursor | None = None
        self._wakened = asyncio.Event()
        self._wakened.set()
        self._sees_list = False
        self._list_sent = ""
        self._asks_left, self._asked_at = ASKS_AT_ONCE, time.monotonic()

    async def tell(self) -> None:
        """Send what there is to send, down to the browser; wait while there is nothing, or while it is slow."""
        while True:
            await self._wakened.wait()
            self._wakened.clear()
            texts, self._texts = self._texts, []
            for text in texts:
                await self.socket.send_text(json.dumps(text, ensure_ascii=False, allow_nan=False))
            for run_id, (_, cursor) in list(self._cursors.items()):
                for message in cursor.messages():
                    await self.socket.send_bytes(message)
                if cursor.feed.gone:
                    self._unwatch(run_id)
                    self._say({"type": "gone", "run": run_id})
            if group := self._group:
                for message in group.messages():
                    await self.socket.send_bytes(message)
                if group.feed.gone:
                    self._unwatch_group()
                    self._say({"type": "gone", "group": group.feed.key[0]})
            if self._sees_list and self._list_sent != self._feeds.list.text:
                self._list_sent = self._feeds.list.text
                await self.socket.send_text(self._list_sent)

    async def listen(self) -> None:
        """Take what the browser asks, one after another; what is wrong with it is said and harms nothing."""
        within: float | None = FIRST_WITHIN_S
        while True:
            try:
                async with asyncio.timeout(within):
                    message = await self.socket.receive()
            except TimeoutError:
                await self.socket.close(1008, f"Nothing was asked for in {FIRST_WITHIN_S:.0f} s.")
                return
            within = None
            if message["type"] == "websocket.disconnect":
                return
            if len(self._texts) > MAX_UNREAD:
                await self.socket.close(1008, "Asked too much and read nothing.")
                return
            if self._asks_too_fast():
                await self.socket.close(1008, f"Asked more than {ASKS_PER_S:.0f} times a second.")
                return
            ref = None
            try:
                asked = _read(message)
                ref = getattr(asked, "ref", None)
                await self._do(asked)
            except NoSuchRun as error:
                self._say({"type": "gone", "run": getattr(asked, "run", "")})
                if ref is not None:
                    self._complain(error, ref)
            except LivefitError as error:
                self._complain(error, ref)
            except Exception:
                # one message that we did not foresee must not end the page's only line
                LOG.exception("a message of a page could not be answered: %.500r", message.get("text"))
                self._complain(LivefitError("The server could not answer that.", "The server's log says more."), ref)

    def _asks_too_fast(self) -> bool:
        now = time.monotonic()
        self._asks_left = min(ASKS_AT_ONCE, self._asks_left + (now - self._asked_at) * ASKS_PER_S) - 1
        self._asked_at = now
        return self._asks_left < 0

    async def look_at_disk(self) -> None:
        """Say what is the matter with the disk, and when nothing is any more."""
        told = NO_TROUBLE
        while True:
            trouble = self.lab.disk.trouble()
            if trouble != told:
                told = trouble
                self._say({"type": "disk", **trouble})
            await asyncio.sleep(DISK_LOOK_S)

    def leave(self) -> None:
        """Let go of everything that was watched."""
        self._feeds.list.watchers.discard(self._wakened.set)
        self._unwatch_group()
        for run_id in list(self._cursors):
            self._unwatch(run_id)

    async def _do(self, asked: Asked) -> None:
        match asked:
            case Watch():
                await self._watch(asked)
            case Unwatch():
                self._unwatch(asked.run)
            case WatchGroup():
                await self._watch_group(asked)
            case UnwatchGroup():
                self._unwatch_group()
            case WatchList():
                self._sees_list, self._list_sent = True, ""
                self._feeds.list.watchers.add(self._wakened.set)
                self._wakened.set()
            case Command():
                run = self.lab.run(asked.run)
                try:
                    command = read_command(
                        {key: asked.command[key] for key in asked.command if key not in ("id", "by")}
                    )
                except msgspec.MsgspecError as error:
                    raise BadCommand(f"{error}.") from None
                command.by = self.name
                self._say({"type": "accepted", "ref": asked.ref, "id": run.send(command)})

    async def _watch(self, asked: Watch) -> None:
        run = self.lab.run(asked.run)
        self._unwatch(run.id)
        if len(self._cursors) >= MAX_WATCHED:
            raise BadRequest(f"A page watches at most {MAX_WATCHED} runs at once.", "Unwatch one first.")
        followed = await self.lab.follower.open(run)
        cursor = Cursor(self._feeds.of(run, followed), asked.after, self._wakened.set)
        self._cursors[run.id] = (run, cursor)
        run.watch(+1)
        self._wakened.set()

    def _unwatch(self, run_id: str) -> None:
        if run_id in self._cursors:
            run, cursor = self._cursors.pop(run_id)
            cursor.close(time.monotonic())
            run.watch(-1)

    async def _watch_group(self, asked: WatchGroup) -> None:
        self._unwatch_group()
        if len(asked.names) > MAX_DRAWN or len(asked.runs) > MAX_MEMBERS:
            raise BadRequest(f"At most {MAX_DRAWN} series of {MAX_MEMBERS} runs are watched at once.")
        feed = self.groups.feed(asked.group, asked.runs, asked.names)
        await feed.begin()
        self._group = self.groups.feeds.join(feed, self._wakened.set)
        self._wakened.set()

    def _unwatch_group(self) -> None:
        if self._group:
            self.groups.feeds.leave(self._group)
        self._group = None

    def _complain(self, error: LivefitError, ref: str | None) -> None:
        said = error.problem()
        self._say({"type": "problem", "ref": ref, **{key: said[key] for key in ("title", "detail", "hint")}})

    def _say(self, text: dict[str, Any]) -> None:
        self._texts.append(text)
        self._wakened.set()


def _read(message: Any) -> Asked:
    text = message.get("text") or message.get("bytes") or ""
    if len(text) > MAX_MESSAGE:
        raise TooLarge(f"A message has at most {MAX_MESSAGE:,} characters; this one has {len(text):,}.")
    try:
        return _asked.decode(text)
    except msgspec.MsgspecError as error:
        raise BadRequest(f"{error}.", "docs/protocol.md lists what a page may say.") from None
