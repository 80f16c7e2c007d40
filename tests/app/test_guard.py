"""Who may ask: every route and every socket, tried by every kind of visitor."""

import asyncio
import socket
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from app.bodies import MAX_BODY_BYTES
from app.guard import COOKIE, PUBLIC_PATHS, Doorman, Guard
from app.main import create_app
from app.settings import Settings

HOME = "127.0.0.1:8000"
EVIL_ORIGINS = {
    "evil": "https://evil.example",
    "null": "null",
    "sibling": "http://127.0.0.1:3000",
    "suffix": "http://127.0.0.1:8000.evil.example",
    "prefix": "http://evil.example/127.0.0.1:8000",
    "user": "http://127.0.0.1:8000@evil.example",
    "other scheme": "ftp://127.0.0.1:8000",
    "twice": "http://127.0.0.1:8000, https://evil.example",
    "empty": "",
}
EVIL_HOSTS = ["evil.example", "127.0.0.1.nip.io", "localhost.evil.example:8000", "127.0.0.1:8000@evil.example", "",
              "127.0.0.1:80x", "evil.example:8000"]  # fmt: skip


@pytest.fixture
def app(settings):
    made = create_app(settings)
    yield made
    made.state.catalogue.close()
    made.state.lock.release()


class Reached(Exception):
    """The request came through the guard."""


class Door:
    """A guard with nothing behind it, knocked at without a server."""

    def __init__(self, settings: Settings):
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        self.doorman = Doorman(settings)
        self.guard = Guard(self._inside, settings, self.doorman)

    async def _inside(self, scope, receive, send):
        raise Reached

    def knock(self, method: str, path: str, at: str = "127.0.0.1", **headers: str) -> int:
        """Return the status of the refusal, or 0 when the request came through."""
        kind = "websocket" if method == "WS" else "http"
        raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": kind, "method": method, "path": path, "headers": raw, "scheme": "http", "query_string": b""}
        scope["server"] = (at, 8000)
        said = []

        async def send(message):
            said.append(message)

        async def receive():
            return {"type": "http.request", "body": b""}

        try:
            asyncio.run(self.guard(scope, receive, send))
        except Reached:
            return 0
        return said[0].get("status", said[0].get("code"))


def routes(app) -> list[tuple[str, str]]:
    """Return (method, path) of every route of the application, found by looking; sockets have the method WS."""
    found = [(method.upper(), path) for path, ways in app.openapi()["paths"].items() for method in ways]
    pages = (
        "/",
        "/new",
        "/lessons",
        "/lessons/{name}",
        "/lessons/{name}/{setting}",
        "/storage",
        "/runs/{run_id}",
        "/groups/{group_id}",
        "/compare",
        "/docs",
        "/language/{code}",
    )
    playground = ("/paths", "/geometry")
    data = ("/data", "/data/new", "/data/draw", "/data/{name}")
    hidden = [
        ("GET", path) for path in (*pages, *data, *playground, "/-/plotly.min.js", "/openapi.json", "/not/declared")
    ]
    return [*found, *hidden, ("WS", "/live"), ("WS", "/not/declared")]


def unsafe(method: str) -> bool:
    return method not in ("GET", "HEAD")


def body_of(method: str) -> dict[str, str]:
    return {"content_type": "application/json", "content_length": "2"} if unsafe(method) and method != "WS" else {}


def test_on_loopback_the_server_s_own_pages_reach_everything(app, settings):
    door = Door(settings)
    for method, path in routes(app):
        own = {"host": HOME, "origin": f"http://{HOME}", "sec_fetch_site": "same-origin", **body_of(method)}
        assert door.knock(method, path, **own) == 0, (method, path)


def test_a_script_on_this_machine_needs_no_origin(app, settings):
    door = Door(settings)
    for method, path in routes(app):
        assert door.knock(method, path, host="localhost:8000", **body_of(method)) == 0, (method, path)


@pytest.mark.parametrize("origin", EVIL_ORIGINS.values(), ids=EVIL_ORIGINS)
def test_no_page_of_another_site_reaches_any_route_or_socket(app, settings, origin):
    door = Door(settings)
    for method, path in routes(app):
        refused = door.knock(method, path, host=HOME, origin=origin, **body_of(method))
        assert refused == (1008 if method == "WS" else 403), (method, path)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_another_site_makes_a_browser_fetch_is_refused_but_a_link_works(app, settings, site):
    door = Door(settings)
    link = {"host": HOME, "sec_fetch_site": site, "sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
    image = {"host": HOME, "sec_fetch_site": site, "sec_fetch_mode": "no-cors", "sec_fetch_dest": "image"}
    for method, path in routes(app):
        assert door.knock(method, path, **image, **body_of(method)) in (403, 1008)
        assert (door.knock(method, path, **link, **body_of(method)) == 0) == (method == "GET"), (method, path)


@pytest.mark.parametrize("host", EVIL_HOSTS)
def test_a_name_that_is_not_ours_is_refused_on_http_and_websocket(settings, host):
    door = Door(settings)
    assert door.knock("GET", "/healthz", host=host) == 421
    assert door.knock("WS", "/live", host=host) == 1008
    assert door.knock("GET", "/api/runs", host=host, origin=f"http://{host}") == 421


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "LOCALHOST:9000", "[::1]:8000"])
def test_every_name_of_this_machine_is_taken(settings, host):
    assert Door(settings).knock("GET", "/", host=host) == 0


def test_a_request_without_a_host_is_refused(settings):
    assert Door(settings).knock("GET", "/") == 421


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_what_a_form_of_another_site_could_send_is_refused(settings, kind):
    assert Door(settings).knock("POST", "/api/runs", host=HOME, content_type=kind, content_length="2") == 415


def test_a_body_without_a_type_is_refused(settings):
    assert Door(settings).knock("POST", "/api/runs", host=HOME, content_length="2") == 415
    assert Door(settings).knock("POST", "/api/runs", host=HOME, transfer_encoding="chunked") == 415


def test_bytes_are_taken_where_files_are_and_nowhere_else(settings):
    told = {"host": HOME, "content_type": "application/octet-stream", "content_length": str(2 * MAX_BODY_BYTES)}
    assert Door(settings).knock("POST", "/api/uploads", **told) == 0
    assert Door(settings).knock("POST", "/api/runs", **told | {"content_length": "2"}) == 415
    assert Door(settings).knock("POST", "/api/uploads/x/preview", **told | {"content_length": "2"}) == 415
    assert Door(settings).knock("POST", "/api/uploads", **told | {"content_type": "text/plain"}) == 415
    too_large = {"content_length": str(settings.upload_limit + 1)}
    assert Door(settings).knock("POST", "/api/uploads", **told | too_large) == 413


def test_a_large_body_is_refused_before_it_is_read(settings):
    told = {"content_type": "application/json", "content_length": str(MAX_BODY_BYTES + 1)}
    assert Door(settings).knock("POST", "/api/runs", host=HOME, **told) == 413


@pytest.mark.parametrize("path", ["/api/plans", "/api/groups", "/api/storage/preview"])
def test_a_large_body_of_unknown_length_is_refused_while_it_is_read(server, path):
    pieces = (b"x" * 65536 for _ in range(40))
    answer = server.http.post(path, content=pieces, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert answer.json()["title"] == "That is too much at once"
    assert answer.json()["detail"] == f"A body has at most {MAX_BODY_BYTES:,} bytes."


class TestBehindAProxy:
    """On loopback, and a proxy on this machine lets the world in under an allowed name."""

    def test_visitors_sign_in_under_every_name(self, app, settings):
        door = Door(settings.model_copy(update={"allowed_hosts": ("lab.example",)}))
        for host in ("lab.example", HOME):
            for method, path in routes(app):
                refused = door.knock(method, path, host=host, **body_of(method))
                open_to_all = path in PUBLIC_PATHS and method == "GET"
                assert refused == (0 if open_to_all else 1008 if method == "WS" else 401), (method, path)

    def test_an_allowed_name_of_loopback_lets_nobody_else_in(self, settings):
        door = Door(settings.model_copy(update={"allowed_hosts": ("localhost:3000", "127.0.0.1")}))
        assert door.knock("GET", "/api/runs", host="localhost:3000") == 0


class TestReachableFromElsewhere:
    """The same server on an address of the network."""

    @pytest.fixture
    def away(self, settings) -> Settings:
        return settings.model_copy(update={"host": "0.0.0.0", "allowed_hosts": ("lab",)})

    def test_a_stranger_reaches_only_what_is_declared_public(self, app, away):
        door = Door(away)
        for method, path in routes(app):
            refused = door.knock(method, path, host="lab:8000", **body_of(method))
            if path in PUBLIC_PATHS and method == "GET":
                assert refused == 0, path
            else:
                assert refused == (1008 if method == "WS" else 401), (method, path)
        assert door.knock("GET", "/static/css/tokens.css", host="lab:8000") == 0
        assert door.knock("GET", "/static/../api/runs", host="lab:8000") == 401

    def test_a_forged_cookie_opens_nothing(self, app, away):
        door = Door(away)
        for method, path in routes(app):
            if path not in PUBLIC_PATHS:
                assert door.knock(method, path, host="lab:8000", cookie=f"{COOKIE}=forged", **body_of(method)) != 0

    def test_who_is_signed_in_reaches_everything_and_no_page_of_another_site_in_their_name(self, app, away):
        door = Door(away)
        cookie = f"{COOKIE}={door.doorman.welcome(door.doorman.invite().partition('=')[2])}"
        for method, path in routes(app):
            known = {"host": "lab:8000", "cookie": cookie, **body_of(method)}
            assert door.knock(method, path, **known, origin="http://lab:8000") == 0, (method, path)
            assert door.knock(method, path, **known, origin="https://evil.example") in (403, 1008), (method, path)

    @pytest.mark.parametrize("allowed", [(), ("lab.example",)])
    def test_only_its_own_names_and_those_that_were_allowed_are_taken(self, away, allowed):
        door = Door(away.model_copy(update={"allowed_hosts": allowed}))
        for own in (socket.gethostname(), "127.0.0.1", "localhost", "0.0.0.0"):
            assert door.knock("GET", "/healthz", host=f"{own}:8000") == 0, own
        assert door.knock("GET", "/healthz", host="lab.example:8000") == (0 if allowed else 421)
        assert door.knock("GET", "/healthz", host="evil.example") == 421

    @pytest.mark.parametrize(
        ("arrived", "host"),
        [("192.168.1.5", "192.168.1.5:8000"), ("::ffff:10.0.0.7", "10.0.0.7"), ("fd00::7", "[fd00::7]:8000")],
    )
    def test_the_address_at_which_a_request_arrives_is_a_name_of_the_server(self, away, arrived, host):
        door = Door(away)
        assert door.knock("GET", "/healthz", at=arrived, host=host) == 0
        assert door.knock("GET", "/healthz", at="172.16.0.1", host=host) == 421

    def test_a_browser_is_shown_the_sign_in_page(self, away):
        app = create_app(away)
        client = TestClient(app, base_url="http://lab:8000", headers={"Accept": "text/html", "Accept-Language": "ko"})
        for path, used in (("/", False), ("/runs/nothing", False), ("/sign-in?token=used", True)):
            answer = client.get(path)
            assert answer.status_code == 401
            assert "먼저 로그인하세요" in answer.text
            assert ("이미 사용했거나" in answer.text) is used
            assert "<invite-link>" not in answer.text
            assert "script-src 'self'" in answer.headers["content-security-policy"]
        client.get(app.state.doorman.invite())
        page = client.get("/docs").text
        assert "<invite-link>" in page
        assert "invite_link.js" in page
        assert "<h1>여기에는 아무것도 없습니다</h1>" in client.get("/nothing").text
        client.close()
        app.state.catalogue.close()
        app.state.lock.release()

    def test_a_link_signs_in_once(self, away):
        app = create_app(away)
        link = app.state.doorman.invite()
        client = TestClient(app, base_url="http://lab:8000")
        assert client.get("/openapi.json").status_code == 401
        welcome = client.get(link)
        assert welcome.status_code == 200
        flags = welcome.headers["set-cookie"]
        assert "HttpOnly" in flags
        assert "SameSite=Strict" in flags
        assert client.get("/openapi.json").status_code == 200
        invited = client.post("/api/invitations").json()["url"]
        assert invited.startswith("http://lab:8000/sign-in?token=")
        client.cookies.clear()
        assert client.get(link).status_code == 401
        assert client.get("/sign-in").status_code == 401
        assert client.get(invited.removeprefix("http://lab:8000")).status_code == 200
        client.close()
        app.state.catalogue.close()
        app.state.lock.release()


def test_a_socket_of_another_site_is_refused_by_the_application_itself(app):
    client = TestClient(app, base_url=f"http://{HOME}")
    headers = {"Origin": "https://evil.example", "Host": HOME}
    with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect("/live", headers=headers):
        pass
    assert refused.value.code == 1008
    client.close()


def test_every_answer_carries_the_headers_that_keep_scripts_out(server):
    for path in ("/healthz", "/", "/static/css/nothing.css", "/nothing", "/api/runs", "/openapi.json", "/sign-in"):
        headers = server.http.get(path).headers
        assert "script-src 'self'" in headers["content-security-policy"], path
        assert "unsafe-eval" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"


def test_the_secret_is_made_once_and_is_for_the_owner_alone(settings):
    first, second = Door(settings).doorman, Door(settings).doorman
    secret: Path = settings.data_dir / "secret"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert second.knows(first.welcome(first.invite().partition("=")[2]))


@pytest.mark.parametrize("left", ["", "abc", "\n"])
def test_a_secret_that_a_crash_left_short_is_made_anew(settings, left):
    settings.data_dir.mkdir()
    (settings.data_dir / "secret").write_text(left)
    Doorman(settings)
    assert len((settings.data_dir / "secret").read_text()) == 64
    assert (settings.data_dir / "secret").stat().st_mode & 0o777 == 0o600
    assert not (settings.data_dir / "secret.partial").exists()


def test_every_route_is_known_to_these_tests(app):
    known = {path for _, path in routes(app)}
    assert {route.path for route in _flat(app.routes) if hasattr(route, "path")} <= known | {"/static"}


def _flat(all_routes):
    for route in all_routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _flat(inner.routes)
        else:
            yield route
