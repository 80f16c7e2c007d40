"""One request to the fork server, and its answer: a datagram with the pipe attached that the answer comes through.

All of it happens on the event loop, so nothing here may wait but for the loop itself.
"""

import asyncio
import errno
import json
import os
import socket
from array import array
from collections.abc import Callable
from typing import Any, BinaryIO

from app.errors import BadSpec, WorkersAway

TAKEN_WITHIN_S = 10.0  # the fork server reads at once, unless it is stopped or the machine is held up
TRY_EVERY_S = 0.02
MOST_BYTES = 200 * 1024  # of a request; Linux takes datagrams of 208 KiB


async def answered(current: Callable[[], socket.socket | None], request: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to a request; `current` is our end of the socket, None while there is no fork server.

    Raises:
        WorkersAway: there is none, it takes no requests, or it died over this one.
        BadSpec: the request is too large.
    """
    # as UTF-8, for a Korean letter is 3 bytes so, and 6 with a backslash
    data = json.dumps(request, ensure_ascii=False).encode(errors="surrogatepass")
    if len(data) > MOST_BYTES:
        raise _too_large(data)
    try:
        reading, writing = os.pipe()
    except OSError as error:
        raise _away(error) from None
    with os.fdopen(reading, "rb", buffering=0) as answers:
        try:
            await _send(current, data, writing)
        finally:
            os.close(writing)
        answer = await _read_all(answers)
    try:
        return json.loads(answer.rpartition(b"\n")[2])
    except ValueError:
        raise WorkersAway("The process that starts trainers died while it answered.") from None


async def _send(current: Callable[[], socket.socket | None], data: bytes, pipe: int) -> None:
    # a fork server that is stopped, as by a debugger, reads nothing: no page may wait for it here
    until = asyncio.get_running_loop().time() + TAKEN_WITHIN_S
    while to := current():
        try:
            # socket.send_fds takes flags, and leaves them out in Python 3.11
            to.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", [pipe]))], socket.MSG_DONTWAIT)
            return
        except BlockingIOError:
            if asyncio.get_running_loop().time() > until:
                raise WorkersAway("The process that starts trainers takes no requests.") from None
        except OSError as error:
            raise (_too_large(data) if error.errno == errno.EMSGSIZE else _away(error)) from None
        await asyncio.sleep(TRY_EVERY_S)
    raise WorkersAway("The process that starts trainers is away (it starts anew).")


def _away(error: OSError) -> WorkersAway:
    return WorkersAway(f"The process that starts trainers is away ({error.strerror}).")


def _too_large(data: bytes) -> BadSpec:
    size, most = len(data) // 1024, MOST_BYTES // 1024
    told = f"It is too large: {size} KiB as JSON, of {most} at most. Shorten its texts or lists."
    return BadSpec([{"path": "", "message": told}])


async def _read_all(pipe: BinaryIO) -> bytes:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    try:
        return await reader.read()
    finally:
        transport.close()
