"""Runs the server in this process: opens the address, says it, and answers Ctrl-C and SIGTERM in order."""

import asyncio
import errno
import os
import signal
import socket
from collections.abc import Awaitable, Callable

import uvicorn
from fastapi import FastAPI

from app.errors import PortTaken
from app.main import create_app
from app.settings import Settings, in_url
from app.socket_protocol import BoundedSocket

GRACE_S = 1  # for answers that are under way; trainers have the rest of the 10 s
EVERY_ADDRESS = frozenset({"0.0.0.0", "::", ""})
MAX_SOCKET_MESSAGE = 64 * 1024
SEND_BUFFER_BYTES = 256 * 1024


def serve(settings: Settings, say: Callable[[str], None], then: Callable[[FastAPI, str], Awaitable[None]]) -> None:
    """Serve until Ctrl-C or SIGTERM.

    Args:
        say: prints a line for the person who started the server.
        then: awaited with the application and its address once it answers.

    Raises:
        CannotStart: the address, the data folder or the catalogue cannot be used.
    """
    listening = _listen(settings)
    app = create_app(settings)
    address = _address(settings, listening.getsockname()[1])
    server = _Server(app, settings, lambda: _said(app, settings, address, say, then))
    # uvicorn raises the signal again when it is done, and by then it has been answered
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda *_: None)
    server.run(sockets=[listening])
    listening.close()


class _Server(uvicorn.Server):
    def __init__(self, app: FastAPI, settings: Settings, then: Callable[[], Awaitable[None]]):
        super().__init__(
            uvicorn.Config(
                app,
                loop="asyncio",
                ws=BoundedSocket,
                ws_max_size=MAX_SOCKET_MESSAGE,
                ws_per_message_deflate=False,
                timeout_graceful_shutdown=GRACE_S,
                server_header=False,
                access_log=False,  # a one-time link stands in a URL
                log_config=_logging(settings.log_level),
            )
        )
        self._then = then

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._telling = asyncio.create_task(self._then())


async def _said(
    app: FastAPI, settings: Settings, address: str, say: Callable[[str], None],
    then: Callable[[FastAPI, str], Awaitable[None]],
) -> None:  # fmt: skip
    say(f"Livefit is at {address}   (runs are kept in {settings.data_dir}; Ctrl-C stops)")
    if settings.asks_who_comes:
        say(f"Visitors sign in. This link works once: {address}{app.state.doorman.invite()}{_elsewhere(settings)}")
    await then(app, address)


def _listen(settings: Settings) -> socket.socket:
    kind = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(kind, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # what is accepted inherits it; without it a second small message waits 40 ms for the first one's acknowledgement
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # or the kernel keeps up to 4 MB for each browser that does not read
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    try:
        listening.bind((settings.host, settings.port))
        listening.listen(2048)
    except OSError as error:
        listening.close()
        where = f"{settings.host}:{settings.port}"
        raise PortTaken(f"Nothing can listen on {where}: {_why(error)}.", _instead(error)) from None
    listening.set_inheritable(False)
    return listening


def _why(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return "no machine has that name"
    if error.errno == errno.EADDRNOTAVAIL:
        return "this machine has no such address"
    return os.strerror(error.errno or 0)


def _instead(error: OSError) -> str:
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return "--host 127.0.0.1 serves this machine alone, --host 0.0.0.0 every network that it is in."
    return "Is Livefit already running there? Another port: --port 8001, or --port 0 for any that is free."


def _address(settings: Settings, port: int) -> str:
    # of all the machine's addresses the one that always leads in, also through a container's published port
    return f"http://{'127.0.0.1' if settings.host in EVERY_ADDRESS else in_url(settings.host)}:{port}"


def _elsewhere(settings: Settings) -> str:
    every = "this machine's name or address" if settings.host in EVERY_ADDRESS else ""
    names = ", ".join(settings.allowed_hosts) or every
    return f"   (from elsewhere: {names} in place of 127.0.0.1)" if names else ""


def _logging(level: str) -> dict[str, object]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"plain": {"format": "%(asctime)s %(levelname)-7s %(name)-17s %(message)s"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
        "loggers": {
            "livefit": {"level": level.upper()},
            # its own start and stop lines say the same as ours
            "uvicorn": {"level": "WARNING" if level == "info" else level.upper()},
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
    }
