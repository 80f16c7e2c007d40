"""What a request may carry: of which type its body is, and how large; checked before and while it is read."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.exceptions import HTTPException

from app.errors import TooLarge, WrongContentType

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

CONTENT_TYPES = frozenset({"application/json", "application/yaml", "application/x-yaml", "text/yaml"})
BYTES = "application/octet-stream"  # what no form of another site can send
MAX_BODY_BYTES = 1024 * 1024
UPLOADS = "/api/uploads"


def largest(scope: MutableMapping[str, Any], upload_limit: int) -> int:
    """Return how many bytes the body of a request may have: more where files are taken."""
    return upload_limit if scope["path"] == UPLOADS else MAX_BODY_BYTES


def check_body(scope: MutableMapping[str, Any], headers: dict[str, str], most: int) -> None:
    """Let a request pass that says it carries what may be carried; nothing of its body has been read.

    Raises:
        TooLarge: it says that it has more than `most` bytes. WrongContentType: it is of a type that is not taken.
    """
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length) > most:
        raise TooLarge(f"A body has at most {most:,} bytes; this one has {int(length):,}.")
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    has_body = length not in ("", "0") or "transfer-encoding" in headers
    taken = CONTENT_TYPES | {BYTES} if scope["path"] == UPLOADS else CONTENT_TYPES
    if kind not in taken and (kind or has_body):
        raise WrongContentType(f"Content-Type {kind or 'missing'!r:.60} is not taken here.")


def limited(receive: Receive, most: int) -> Receive:
    """Return what receives a body and raises once it has more than `most` bytes, whatever it said before.

    It raises an HTTPException that TooLarge is the cause of: FastAPI, reading a body for a route, makes every other
    error a 400.
    """
    taken = 0

    async def receiving() -> MutableMapping[str, Any]:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise HTTPException(TooLarge.status) from TooLarge(f"A body has at most {most:,} bytes.")
        return message

    return receiving
