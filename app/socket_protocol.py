"""uvicorn's websocket with a bound on what waits for a browser that does not read.

uvicorn's `send` waits while much is still to be written, but then hands a message over whole, and asyncio copies it:
fifty stalled pages with a snapshot of 2 MB each are 100 MB. And nothing ever ends such a connection: a transport
that is closed waits until what was written is read, for ever. Here a long message goes out in parts, so that no more
than one part waits, and a socket that takes nothing for a while is said goodbye and, when that is not read either,
cut off.
"""

import asyncio
import logging
from asyncio.transports import BaseTransport
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State

LOG = logging.getLogger("livefit.live")
PART_BYTES = 64 * 1024
STALLED_S, GOODBYE_S = 15.0, 5.0
TOO_SLOW, WORDS = 1013, "This page took nothing for 15 s. It may come back and go on from where it was."
MAX_FRAMES = 32

# what was framed lately, by the identity of its payload: a delta is framed once for all who watch
_frames: dict[int, tuple[bytes, bytes]] = {}


class BoundedSocket(WebSocketsSansIOProtocol):
    """One browser's connection."""

    _stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        """Begin."""
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=0)

    def pause_writing(self) -> None:
        """Hear that something waits to be written."""
        super().pause_writing()
        if self._stalled is None:
            self._stalled = self.loop.call_later(STALLED_S, self._say_goodbye)

    def resume_writing(self) -> None:
        """Hear that nothing does."""
        super().resume_writing()
        self._reads()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        super().connection_lost(exc)
        self._reads()

    async def send(self, message: Any) -> None:
        """Send what the application says, when what was sent before is on its way."""
        data = message.get("bytes") if message["type"] == "websocket.send" else None
        if data is None and message["type"] == "websocket.send":
            text = message["text"].encode()
            if len(text) > PART_BYTES:
                await self._send_parts(text, Opcode.TEXT, message)
                return
        if data is None:
            await super().send(message)
        elif len(data) > PART_BYTES:
            await self._send_parts(data, Opcode.BINARY, message)
        else:
            if not self.writable.is_set():
                await self.writable.wait()
            if self._is_open():
                self.transport.write(_framed(data))
            else:
                await super().send(message)  # which says what is the matter

    async def _send_parts(self, data: bytes, kind: Opcode, message: Any) -> None:
        for begin in range(0, len(data), PART_BYTES):
            await self.writable.wait()
            if not self._is_open():
                await super().send(message)
                return
            part, last = data[begin : begin + PART_BYTES], begin + PART_BYTES >= len(data)
            opcode = Opcode.CONT if begin else kind
            self.transport.write(Frame(opcode, part, last).serialize(mask=False))

    def _is_open(self) -> bool:
        ended = self.disconnected or self.close_sent or self.transport.is_closing()
        return self.handshake_complete and not ended and self.conn.state is State.OPEN

    def _reads(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _say_goodbye(self) -> None:
        self._stalled = self.loop.call_later(GOODBYE_S, self._cut_off)
        if self._is_open():
            LOG.info("a page at %s took nothing for %g s: it is closed", (self.client or ("?",))[0], STALLED_S)
            # it stands behind what waits already, where a page that was only asleep will read it
            self.conn.send_close(TOO_SLOW, WORDS)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
            self.queue.put_nowait({"type": "websocket.disconnect", "code": TOO_SLOW, "reason": WORDS})

    def _cut_off(self) -> None:
        self._stalled = None
        self.transport.abort()


def _framed(data: bytes) -> bytes:
    known = _frames.get(id(data))
    if known is None or known[0] is not data:
        if len(_frames) >= MAX_FRAMES:
            _frames.clear()
        known = _frames[id(data)] = (data, Frame(Opcode.BINARY, data, True).serialize(mask=False))
    return known[1]
