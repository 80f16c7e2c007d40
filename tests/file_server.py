"""A web server on this machine that serves files well or badly: cut off, without ranges, without end."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TRICKLE_S = 0.5


@dataclass
class Web:
    """What it serves by path, how, and what was asked of it: (path, first byte asked for)."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    cut_at: dict[str, list[int]] = field(default_factory=dict)  # after so many bytes of the file, once each
    ranges: bool = True
    endless: bool = False
    hold: threading.Event | None = None  # a byte now and then, until it is set
    hold_after: int = 0  # bytes that come at once all the same
    asked: list[tuple[str, int]] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    web: Web

    def do_GET(self) -> None:
        """Serve a file, or what the test wants in its place."""
        web, name = self.web, self.path.strip("/")
        found = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        first = int(found[1]) if found and web.ranges else 0
        web.asked.append((name, int(found[1]) if found else 0))
        if name not in web.files:
            self.send_error(404)
            return
        data = web.files[name]
        if found and web.ranges and first >= len(data):
            self.send_error(416)
            return
        self.send_response(206 if found and web.ranges else 200)
        if found and web.ranges:
            self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
        if not web.endless:
            self.send_header("Content-Length", str(len(data) - first))
        self.end_headers()
        end = web.cut_at[name].pop(0) if web.cut_at.get(name) else len(data)
        try:
            if web.hold:
                self.wfile.write(data[first : max(first, web.hold_after)])
                first = max(first, web.hold_after)
                while first < end and not web.hold.wait(TRICKLE_S):
                    self.wfile.write(data[first : first + 1])
                    first += 1
            self.wfile.write(data[first:end])
            while web.endless:
                self.wfile.write(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the other side has heard enough
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(**files: bytes) -> Iterator[Web]:
    """Serve files for a while."""
    web = Web(files=dict(files))
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Handler,), {"web": web}))
    web.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield web
    finally:
        if web.hold:
            web.hold.set()
        server.shutdown()
        server.server_close()
        thread.join()
