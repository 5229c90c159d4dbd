"""The link to a browser's camera, and what its pass admits to on a server with a token."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from app.web.camera.browser_camera import EXTENSION_NAME
from app.web.camera.camera_access import LINK_LIFETIME_S
from app.web.security.token_auth import MAX_WRONG_TOKENS
from tests.support.fakes import FakeClock
from tests.support.web import TOKEN, RunningApp, running_app

OWNER = {"Authorization": f"Bearer {TOKEN}"}
WEBSOCKET = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "x"}


@pytest.fixture
def web(tmp_path: Path) -> Iterator[RunningApp]:
    with running_app(tmp_path, token=TOKEN, host="0.0.0.0", source="browser") as web:
        yield web


def new_link(web: RunningApp, **options) -> dict:
    return web.client.post("/api/camera-link", headers=OWNER, **options).get_json()


def path_of(link: dict) -> str:
    parts = urlsplit(link["url"])
    return f"{parts.path}?{parts.query}"


def phone(web: RunningApp):
    """A browser that has opened a link."""
    client = web.client
    response = client.get(path_of(new_link(web)))
    assert (response.status_code, response.headers["Location"]) == (303, "/camera/enter")
    return client


def test_a_link_leads_to_the_page_by_an_address_without_its_token(web: RunningApp):
    client = web.client
    link = new_link(web)
    response = client.get(path_of(link))
    cookie = response.headers["Set-Cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Strict", "Path=/"))
    assert link["url"].partition("token=")[2] not in cookie
    assert 'content="0; url=/camera"' in client.get("/camera/enter").text
    page = client.get("/camera")
    assert page.status_code == 200
    assert "camera=(self)" in page.headers["Permissions-Policy"]
    assert client.get("/camera/pass").status_code == 204
    for path in re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text):
        assert client.get(path).status_code == 200, path


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/"),
        ("get", "/sessions"),
        ("get", "/models"),
        ("get", "/api/status"),
        ("get", "/api/sessions"),
        ("delete", "/api/sessions"),
        ("get", "/video_feed"),
        ("get", "/snapshot.jpg"),
        ("get", "/metrics"),
        ("post", "/api/camera-link"),
        ("delete", "/api/camera-link"),
        ("get", "/socket.io/?EIO=4&transport=polling"),
        ("get", "/camera/../api/status"),
        ("get", "/static/../api/status"),
    ],
)
def test_its_pass_admits_to_no_other_route(web: RunningApp, method: str, path: str):
    client = phone(web)
    assert getattr(client, method)(path).status_code in (401, 404), path
    assert client.get("/camera").status_code == 200


def test_the_token_of_a_link_is_none_of_the_server(web: RunningApp):
    token = new_link(web)["url"].partition("token=")[2]
    assert web.client.get(f"/?token={token}").status_code == 401
    assert web.client.get("/api/status", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert web.client.get(f"/camera?token={TOKEN}").status_code == 401, "and the other way round"


def test_without_a_pass_there_is_no_page_no_connection_and_no_file(web: RunningApp):
    for path in ("/camera", "/camera/pass", "/camera?token=wrong", "/static/js/pages/camera.js", "/camera/nothing"):
        assert web.client.get(path).status_code in (401, 404), path
    assert web.client.get("/camera/socket", headers=WEBSOCKET).status_code == 401


def test_an_ended_link_is_one_clear_line(web: RunningApp):
    clock = FakeClock()
    web.app.extensions[EXTENSION_NAME].access._clock = clock
    path = path_of(new_link(web))
    clock.now_s += LINK_LIFETIME_S
    response = web.client.get(path, headers={"Accept-Language": "ko"})
    assert response.status_code == 401
    assert "만료" in response.text
    assert 'lang="ko"' in response.text


def test_wrong_tokens_are_limited(web: RunningApp):
    statuses = [web.client.get(f"/camera?token={number}").status_code for number in range(MAX_WRONG_TOKENS + 1)]
    assert statuses == [401] * MAX_WRONG_TOKENS + [429]
    assert web.client.get(path_of(new_link(web))).status_code == 303, "the right one is accepted"


def test_revoking_ends_link_and_pass(web: RunningApp):
    client, link = phone(web), new_link(web)
    assert web.client.delete("/api/camera-link", headers=OWNER).status_code == 204
    assert client.get("/camera").status_code == 401
    assert web.client.get(path_of(link)).status_code == 401


def test_other_sites_make_and_end_no_links(web: RunningApp):
    for method in ("post", "delete"):
        headers = {**OWNER, "Origin": "https://evil.example"}
        assert getattr(web.client, method)("/api/camera-link", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Origin": "https://evil.example"}, 403), ({"Origin": "null"}, 403), ({"Upgrade": "h2c"}, 400)],
)
def test_only_its_own_page_may_connect(web: RunningApp, headers: dict[str, str], status: int):
    assert phone(web).get("/camera/socket", headers={**WEBSOCKET, **headers}).status_code == status


def test_connections_are_limited(web: RunningApp):
    camera_socket = web.app.wsgi_app._inner._inner._inner  # behind proxy, host and token
    while camera_socket._opened.try_use("127.0.0.1"):
        pass
    assert phone(web).get("/camera/socket", headers=WEBSOCKET).status_code == 429


def test_the_code_is_an_image_of_the_link(web: RunningApp):
    link = new_link(web)
    scheme, _, text = link["code"].partition(",")
    assert scheme.startswith("data:image/svg+xml")
    svg = base64.b64decode(text).decode() if "base64" in scheme else unquote(text)
    assert svg.startswith("<svg")
    assert "script" not in svg


@pytest.mark.parametrize(
    ("host", "base_url", "url", "local", "secure"),
    [
        ("0.0.0.0", "https://192.0.2.9:5000", "https://192.0.2.9:5000/", False, True),
        ("0.0.0.0", "http://192.0.2.9:5000", "http://192.0.2.9:5000/", False, False),
        ("0.0.0.0", "https://localhost:5000", "https://192.0.2.5:5000/", False, True),
        ("127.0.0.1", "http://localhost:5000", "http://localhost:5000/", True, True),
    ],
)
def test_the_link_has_an_address_that_a_phone_reaches(tmp_path, monkeypatch, host, base_url, url, local, secure):
    monkeypatch.setattr("app.web.servers.network_address.network_address", lambda _: "192.0.2.5")
    token = TOKEN if host == "0.0.0.0" else None
    with running_app(tmp_path, token=token, host=host) as web:
        link = new_link(web, base_url=base_url)
    assert link["url"].startswith(f"{url}camera?token=")
    assert (link["local"], link["secure"]) == (local, secure)
    assert link["ends_in_s"] == LINK_LIFETIME_S
