"""A websocket client that does as little as it can: so that hundreds of viewers fit into one process.

It reads frames by their headers, and of a binary message only what stands at its begin: the JSON header is not
parsed unless one asks.
"""

import base64
import json
import os
import socket
import struct
from collections.abc import Iterator

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def handshake(host: str, port: int) -> bytes:
    """Return the request that opens a socket at /live."""
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET /live HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()


def opened(place: tuple[str, int], receive_bytes: int = 0) -> socket.socket:
    """Return a socket after its handshake, of which nothing more was read. `receive_bytes`: its receive buffer."""
    one = socket.socket()
    if receive_bytes:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    one.connect(place)
    one.sendall(handshake(*place))
    head = b""
    while not head.endswith(b"\r\n\r\n"):  # what is said before the answer would be lost
        head += one.recv(1)
    assert head.startswith(b"HTTP/1.1 101"), head
    return one


def watching(run: str) -> bytes:
    """Return the frame that asks for a run."""
    return said(json.dumps({"type": "watch", "run": run, "after": None}).encode())


def said(payload: bytes, opcode: int = TEXT) -> bytes:
    """Return a client's frame; its mask is zero, which a server takes like any other."""
    length = len(payload)
    assert length < 65536
    size = bytes([0x80 | length]) if length < 126 else struct.pack("!BH", 0x80 | 126, length)
    return bytes([0x80 | opcode]) + size + bytes(4) + payload


class Frames:
    """Cuts what comes into messages. `head` bytes of each are kept, and the sizes of all.

    `begun`: the answer to the handshake was read.
    """

    def __init__(self, head: int = 4096, *, begun: bool = False):
        self._head = head
        self.begun = begun
        self._data = bytearray()
        self._left = 0  # bytes of a frame's payload still to come
        self._kind = 0
        self._fin = True
        self._message = bytearray()
        self._size = 0

    def take(self, data: bytes) -> Iterator[tuple[int, bytes, int]]:
        """Yield (opcode, first bytes, size) of every message that is whole now."""
        if not self.begun:
            self._data += data
            end = self._data.find(b"\r\n\r\n")
            if end < 0:
                return
            assert self._data.startswith(b"HTTP/1.1 101"), bytes(self._data[:200])
            data = bytes(self._data[end + 4 :])
            self._data.clear()
            self.begun = True
        if self._data:
            data = bytes(self._data) + data
            self._data.clear()
        at, end = 0, len(data)
        while at < end:
            if not self._left:
                if end - at < 2:
                    break
                length, head = data[at + 1] & 0x7F, 2
                if length == 126:
                    head = 4
                elif length == 127:
                    head = 10
                if end - at < head:
                    break
                if head == 4:
                    (length,) = struct.unpack_from("!H", data, at + 2)
                elif head == 10:
                    (length,) = struct.unpack_from("!Q", data, at + 2)
                opcode = data[at] & 0x0F
                if opcode >= CLOSE:
                    if end - at < head + length:
                        break
                    yield opcode, data[at + head : at + head + length], length
                    at += head + length
                    continue
                self._fin = bool(data[at] & 0x80)
                if opcode:
                    self._kind, self._size = opcode, 0
                    self._message.clear()
                self._left = length
                at += head
            taken = min(self._left, end - at)
            if len(self._message) < self._head:
                self._message += data[at : at + min(taken, self._head - len(self._message))]
            self._size += taken
            self._left -= taken
            at += taken
            if not self._left and self._fin:
                yield self._kind, bytes(self._message), self._size
        self._data += data[at:]
