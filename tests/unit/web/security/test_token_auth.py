"""Token authentication: admitted and refused requests, and where the token must not appear."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.web.security.rate_limit import RateLimit
from app.web.security.token_auth import MAX_WRONG_TOKENS, WRONG_TOKEN_WINDOW_S, TokenAuthGuard
from tests.support.fakes import FakeClock
from tests.support.web import TOKEN, RunningApp, running_app

POLLING = "/socket.io/?EIO=4&transport=polling"
PROTECTED_PATHS = (
    "/", "/sessions", "/sessions/1", "/video_feed", "/snapshot.jpg", "/api/status", "/api/sessions",
    "/nothing", "/metrics", "/api/sessions/1/export.csv", "/static/js/pages/dashboard.js",
    POLLING, f"/sessions?token={TOKEN}",
)  # fmt: skip


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def web(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        "app.web.security.token_auth.RateLimit", lambda most, window_s: RateLimit(most, window_s, clock)
    )
    with running_app(tmp_path, token=TOKEN, host="0.0.0.0") as web:
        web.start_vision()
        yield web


def sign_in(web: RunningApp, **options: str) -> FlaskClient:
    """A browser that has opened the link."""
    client = web.client
    assert client.get(f"/?token={TOKEN}", **options).status_code == 303
    return client


@pytest.mark.parametrize("path", PROTECTED_PATHS)
def test_every_route_requires_the_token(web: RunningApp, path: str):
    response = web.client.get(path)
    assert response.status_code == 401
    assert response.headers["Connection"] == "close", "an unread body must not be parsed as the next request"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert "token" in response.get_json()["error"]


def test_only_the_state_is_told_without_the_token(web: RunningApp):
    whole = {"status", "fps", "camera", "viewers"}
    for headers in ({}, {"Authorization": "Basic x"}):
        for path in ("/healthz", "/healthz?camera=nobody"):
            assert web.client.get(path, headers=headers).get_json().keys() == {"status"}
    assert web.client.get("/healthz", headers={"Authorization": "Bearer guess"}).status_code == 401
    assert web.client.post("/healthz").status_code == 401
    assert web.client.get("/healthz", headers={"Authorization": f"Bearer {TOKEN}"}).get_json().keys() >= whole


@pytest.mark.parametrize("method", ["post", "delete", "put", "options", "head"])
def test_every_method_requires_the_token(web: RunningApp, method: str):
    assert getattr(web.client, method)("/api/sessions/1").status_code == 401


def test_the_link_sets_a_cookie_and_redirects_to_a_url_without_the_token(web: RunningApp):
    response = web.client.get(f"/?token={TOKEN}")
    assert (response.status_code, response.headers["Location"]) == (303, "/enter")
    cookie = response.headers["Set-Cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Strict", "Path=/"))
    assert "Secure" not in cookie, "a browser would not send it back over HTTP"
    assert TOKEN not in str(response.headers) + response.text
    assert response.headers["Referrer-Policy"] == "no-referrer"


def test_over_https_the_cookie_is_secure(web: RunningApp):
    response = web.client.get(f"/?token={TOKEN}", base_url="https://localhost")
    assert "Secure" in response.headers["Set-Cookie"]


def test_the_cookie_admits_later_requests(web: RunningApp):
    client = sign_in(web)
    for path in (
        "/",
        "/sessions",
        "/api/status",
        "/static/js/pages/dashboard.js",
        "/socket.io/?EIO=4&transport=polling",
    ):
        assert client.get(path).status_code == 200, path
    assert sign_in(web).get(f"/?token={TOKEN}").status_code == 303, "the token is removed from the address bar"


def test_a_bearer_token_admits_a_request(web: RunningApp):
    assert web.client.get("/api/status", headers={"Authorization": f"bearer {TOKEN}"}).status_code == 200
    assert web.client.get("/api/status", headers={"Authorization": f"Basic {TOKEN}"}).status_code == 401


def test_the_cookie_is_valid_for_one_server_only(web: RunningApp, tmp_path: Path):
    client = sign_in(web)
    with running_app(tmp_path / "other", token=f"other-{TOKEN}", host="0.0.0.0") as other:
        other_client = other.client
        other_client.set_cookie("access-80", client.get_cookie("access-80").value)
        assert other_client.get("/api/status").status_code == 401
    assert sign_in(web, base_url="http://localhost:8080").get_cookie("access-80") is None, (
        "each port has its own cookie"
    )


def test_the_landing_page_opens_the_live_page_and_sets_no_cookie(web: RunningApp):
    response = web.client.get("/enter")
    assert (response.status_code, response.mimetype) == (200, "text/html")
    assert 'content="0; url=/"' in response.text
    assert "Set-Cookie" not in response.headers


def test_browsers_get_an_explanation(web: RunningApp):
    response = web.client.get("/", headers={"Accept": "text/html"})
    assert response.mimetype == "text/html"
    assert "open the link" in response.text


@pytest.mark.parametrize("given", ["", "x", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "\u00fc", "\ud800"])
def test_wrong_tokens_are_refused(web: RunningApp, given: str):
    assert web.client.get("/", query_string={"token": given.encode(errors="replace")}).status_code == 401
    cookie = f"access-80={given}".encode(errors="replace").decode("latin-1")
    assert web.client.get("/", headers={"Cookie": cookie}).status_code == 401


def test_wrong_tokens_are_limited_by_address(web: RunningApp, clock: FakeClock):
    for number in range(MAX_WRONG_TOKENS):
        assert web.client.get(f"/?token=guess-{number}").status_code == 401
    response = web.client.get("/api/status", headers={"Authorization": "Bearer guess"})
    assert response.status_code == 429
    assert response.headers["Retry-After"] == str(round(WRONG_TOKEN_WINDOW_S))
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    assert web.client.get("/?token=guess", environ_overrides=elsewhere).status_code == 401
    clock.now_s += WRONG_TOKEN_WINDOW_S
    assert web.client.get("/?token=guess").status_code == 401


def test_wrong_tokens_lock_nobody_out_who_has_the_right_one(web: RunningApp):
    viewer = sign_in(web)
    for number in range(3 * MAX_WRONG_TOKENS):
        web.client.get(f"/?token=guess-{number}")
    assert viewer.get("/api/status").status_code == 200, "a browser that is in"
    assert web.client.get("/api/status", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200, "a tool"
    assert sign_in(web).get("/api/status").status_code == 200, "the owner who opens the link again"


def test_addresses_of_one_ipv6_network_are_limited_together(web: RunningApp):
    for number in range(MAX_WRONG_TOKENS + 1):
        response = web.client.get("/?token=x", environ_overrides={"REMOTE_ADDR": f"2001:db8::{number:x}"})
    assert response.status_code == 429
    other_network = {"REMOTE_ADDR": "2001:db8:0:1::1"}
    assert web.client.get("/?token=x", environ_overrides=other_network).status_code == 401


def test_requests_without_a_token_do_not_count_as_wrong_tokens(web: RunningApp):
    client = web.client
    client.set_cookie("access-80", "of an earlier start")
    for _ in range(3 * MAX_WRONG_TOKENS):
        assert client.get("/api/status").status_code == 401
    assert client.get(f"/?token={TOKEN}").status_code == 303


def test_tokens_are_compared_in_constant_time(web: RunningApp, monkeypatch: pytest.MonkeyPatch):
    compared = []

    def compare_digest(given: bytes, expected: bytes) -> bool:
        compared.append(given)
        return given == expected

    monkeypatch.setattr("hmac.compare_digest", compare_digest)
    client = sign_in(web)
    client.get("/api/status")
    assert compared[0] == TOKEN.encode()
    assert len(compared) == 2


def test_malformed_requests_are_refused():
    guard = TokenAuthGuard(lambda environ, start: [b"in"], TOKEN)
    odd = {"QUERY_STRING": "token=%ff%fe&&=", "HTTP_COOKIE": "\xff;;=;access-", "HTTP_AUTHORIZATION": "bearer \xff"}
    for path in ("/", "", "/\xff", "//", "/enter/../"):
        statuses = []
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "wsgi.url_scheme": "http", "SERVER_NAME": "x", **odd}
        b"".join(
            guard({**environ, "SERVER_PORT": "80"}, lambda status, headers, statuses=statuses: statuses.append(status))
        )
        assert statuses[0].startswith("401"), path
