"""A page's socket without a page: says what a page would say, and hears what it hears."""

import json
import struct
from contextlib import ExitStack
from urllib.parse import quote

from websockets.sync.client import connect


class Browser:
    """A page's socket, by hand. A server is anything with an `address`."""

    def __init__(self, server, name=""):
        cookie = {"Cookie": f"livefit_name={quote(name)}"} if name else {}
        self.address = server.address.replace("http", "ws").rstrip("/") + "/live"
        self.bytes_heard = 0
        self.buffers = b""  # of the binary message that was heard last
        self._stay = ExitStack()
        opened = connect(self.address, additional_headers=cookie, max_size=None, open_timeout=30, close_timeout=0.2)
        self.socket = self._stay.enter_context(opened)
        self.hello = self.hear("hello")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stay.close()

    def say(self, **message):
        self.socket.send(json.dumps(message))

    def hear(self, *kinds, until=lambda message: True):
        """Return the next message of these kinds that `until` accepts."""
        while True:
            message = self.socket.recv(timeout=30)
            self.bytes_heard += len(message)
            if isinstance(message, bytes):
                (length,) = struct.unpack_from("<I", message)
                message, self.buffers = message[4 : 4 + length], message[4 + length :]
            told = json.loads(message)
            if told["type"] in kinds and until(told):
                return told

    def event(self, kind, until=lambda event: True):
        """Return the next event of a kind in a watched run."""
        found = []
        self.hear(
            "delta",
            until=lambda told: found.extend(e for e in told["events"] if e["type"] == kind and until(e)) or found,
        )
        return found[0]

    def watch(self, run, after=None):
        """Watch a run and return the first message."""
        self.say(type="watch", run=run, after=after)
        return self.hear("snapshot", "delta")
