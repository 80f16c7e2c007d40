"""Who may ask, decided in one place for http and websocket alike: deny by default.

Three questions, in this order: is this server meant (Host)? Does the asking page belong to it (Origin,
Sec-Fetch-Site)? Is somebody signed in? The third is only asked when others can come: from other machines, or
through a proxy that bears an allowed name. Starlette's own middlewares for hosts and origins let websockets
through; this one does not.
"""

import hashlib
import os
import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import cookie_parser

from app.bodies import check_body, largest, limited
from app.errors import (
    PROBLEM_TYPE,
    CannotStart,
    LivefitError,
    NotSignedIn,
    WrongHost,
    WrongOrigin,
    render,
)
from app.settings import Settings, in_url

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Page = Callable[[Scope], App]

PUBLIC_PATHS = frozenset({"/healthz", "/sign-in"})
PUBLIC_FOLDERS = ("/static/",)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
COOKIE = "livefit_session"
SECRET_CHARACTERS = 64
SESSION_S = 30 * 24 * 3600
INVITATION_S = 24 * 3600
CONTENT_SECURITY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "worker-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = [
    (b"content-security-policy", CONTENT_SECURITY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]


class Doorman:
    """Keeps the secret, signs sessions, and hands out links that sign in once."""

    def __init__(self, settings: Settings):
        self._signer = URLSafeTimedSerializer(_secret(settings), salt="session")
        self._invitations: dict[str, float] = {}

    def invite(self) -> str:
        """Return the path of a link that signs one visitor in, once, within a day."""
        token = secrets.token_urlsafe(32)
        now = time.monotonic()
        self._invitations = {key: end for key, end in self._invitations.items() if end > now}
        self._invitations[_digest(token)] = now + INVITATION_S
        return f"/sign-in?token={token}"

    def welcome(self, token: str) -> str:
        """Take an invitation and return a session's cookie value.

        Raises:
            NotSignedIn: the link was used, has run out, or was never made.
        """
        if self._invitations.pop(_digest(token), 0.0) <= time.monotonic():
            raise NotSignedIn("This link has been used or has run out. A link works once, for a day.")
        return self._signer.dumps(secrets.token_urlsafe(16))

    def knows(self, cookie: str) -> bool:
        """Return whether a session's cookie is one of ours and has not run out."""
        try:
            self._signer.loads(cookie, max_age=SESSION_S)
        except BadSignature:
            return False
        return True


class Guard:
    """A pure-ASGI layer around the whole app. `sign_in_page` is what a browser sees that has no session."""

    def __init__(self, app: App, settings: Settings, doorman: Doorman, sign_in_page: Page | None = None):
        self.app = app
        self.sign_in_page = sign_in_page
        self.settings = settings
        self.doorman = doorman

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = _headers(scope)
        try:
            self.check(scope, headers)
            if scope["type"] == "websocket":
                await self.app(scope, receive, send)
            elif scope["path"] == "/sign-in" and scope["method"] == "GET":
                await self._sign_in(scope, send)
            else:
                most = largest(scope, self.settings.upload_limit)
                await self.app(scope, limited(receive, most), _with_headers(send))
        except LivefitError as refusal:
            if self.sign_in_page and isinstance(refusal, NotSignedIn) and _wants_page(scope, headers):
                await self.sign_in_page(scope)(scope, receive, _with_headers(send))
            else:
                await _refuse(scope, headers, send, refusal)

    def check(self, scope: Scope, headers: dict[str, str]) -> None:
        """Let a request pass or raise why not; nothing has been read of its body.

        Raises:
            LivefitError: WrongHost, WrongOrigin, NotSignedIn, WrongContentType or TooLarge.
        """
        host = headers.get("host", "").lower()
        if not self._is_ours(host, scope):
            raise WrongHost(f"Host {host!r:.80} is not a name of this server.")
        _check_origin(scope, headers, host)
        if self.settings.asks_who_comes and not _is_public(scope) and not self.signed_in(headers):
            raise NotSignedIn("Others can reach this server, so visitors sign in.")
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS:
            check_body(scope, headers, largest(scope, self.settings.upload_limit))

    def signed_in(self, headers: dict[str, str]) -> bool:
        """Return whether a request carries a session of ours."""
        return self.doorman.knows(_cookie(headers))

    def _is_ours(self, host: str, scope: Scope) -> bool:
        name = _name_of(host)
        if name is None:
            return False
        if host in self.settings.allowed_hosts or name in self.settings.allowed_hosts:
            return True
        # any port: an ssh tunnel has another, and no page of another site can bear one of these names
        if name in self.settings.own_names:
            return True
        # the address at which this very connection arrived; also one the machine got after the server began
        return name == in_url((scope.get("server") or ("",))[0])

    async def _sign_in(self, scope: Scope, send: Send) -> None:
        token = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        cookie = self.doorman.welcome(token)
        secure = "; Secure" if scope["scheme"] == "https" else ""
        kept = f"{COOKIE}={cookie}; Path=/; Max-Age={SESSION_S}; HttpOnly; SameSite=Strict{secure}"
        # a page that goes on by itself, not a 303: a Strict cookie is not sent along a redirect that
        # began on another site, as when the link was opened from a mail
        page = (
            b'<!doctype html><meta http-equiv="refresh" content="0; url=/"><title>Livefit</title><a href="/">Go on</a>'
        )
        sent = [
            (b"set-cookie", kept.encode()),
            (b"content-type", b"text/html; charset=utf-8"),
            (b"cache-control", b"no-store"),
        ]
        await _respond(send, 200, sent, page)


def _check_origin(scope: Scope, headers: dict[str, str], host: str) -> None:
    origin = headers.get("origin")
    if origin is not None and origin.lower() not in (f"http://{host}", f"https://{host}"):
        raise WrongOrigin(f"Origin {origin!r:.80} is not this server's.")
    site = headers.get("sec-fetch-site", "none")
    if site in ("same-origin", "none"):
        return
    # a link on another site may lead here; nothing else from there may
    followed = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    if scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD") or not followed:
        raise WrongOrigin(f"The request comes from another site (Sec-Fetch-Site: {site!r:.20}).")


def _with_headers(send: Send) -> Send:
    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            said = {name.lower() for name, _ in message["headers"]}
            message["headers"] = [*message["headers"], *(one for one in HEADERS if one[0] not in said)]
        await send(message)

    return sending


async def _refuse(scope: Scope, headers: dict[str, str], send: Send, refusal: LivefitError) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": refusal.title})
        return
    kind, body = PROBLEM_TYPE.encode(), render(refusal.problem())
    if _wants_page(scope, headers):
        kind, body = b"text/plain; charset=utf-8", f"{refusal.title}\n\n{refusal.detail}\n{refusal.hint}\n".encode()
    await _respond(send, refusal.status, [(b"content-type", kind), (b"cache-control", b"no-store")], body)


def _wants_page(scope: Scope, headers: dict[str, str]) -> bool:
    return scope["type"] == "http" and "text/html" in headers.get("accept", "")


async def _respond(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    headers = [*headers, (b"content-length", str(len(body)).encode()), *HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _headers(scope: Scope) -> dict[str, str]:
    # a repeated Host or Origin becomes "a, b", which is nobody's name
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}; {text}" if key == "cookie" and key in found else (
            f"{found[key]}, {text}" if key in found else text
        )  # fmt: skip
    return found


def _name_of(host: str) -> str | None:
    try:
        parts = urlsplit(f"//{host}")
        name = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
        exact = name if parts.port is None else f"{name}:{parts.port}"
    except ValueError:
        return None
    return name if host and exact == host else None


def _is_public(scope: Scope) -> bool:
    path = scope["path"]
    return scope["type"] == "http" and (path in PUBLIC_PATHS or (path.startswith(PUBLIC_FOLDERS) and ".." not in path))


def _cookie(headers: dict[str, str]) -> str:
    # not SimpleCookie: one unusual cookie, of whatever else runs on this host, and it has none
    return cookie_parser(headers.get("cookie", "")).get(COOKIE, "")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _secret(settings: Settings) -> str:
    path, partial = settings.data_dir / "secret", settings.data_dir / "secret.partial"
    try:
        kept = path.read_bytes().decode("latin-1").strip() if path.exists() else ""
        if len(kept) >= SECRET_CHARACTERS:
            return kept
        # none yet, or what a crash left of one: an empty secret would let everybody sign their own session
        fresh = secrets.token_hex(SECRET_CHARACTERS // 2)
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(fresh)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise CannotStart(f"{path} cannot be read or written: {error.strerror}.") from None
    return fresh
