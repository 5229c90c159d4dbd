"""Checks of host names and origins, and security headers."""

import socket
from pathlib import Path

import pytest

from app.errors import SettingsError
from app.web.security.request_guard import is_loopback
from tests.support.web import TOKEN, running_app


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "[::1]", "localhost"])
def test_loopback(host: str):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "localhost.example", "", "127.0.0.1.example"])
def test_not_loopback(host: str):
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("host", "status"),
    [("localhost", 200), ("127.0.0.1:5000", 200), ("[::1]:5000", 200), ("example.com", 403), ("", 403), ("[::", 403),
     ("localhost.example", 403), ("127.0.0.1@example.com", 403)],
)  # fmt: skip
def test_a_loopback_server_accepts_only_its_own_host_names(tmp_path: Path, host: str, status: int):
    with running_app(tmp_path) as web:
        assert web.client.get("/api/status", headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    ("host", "status"),
    [("192.168.1.5:5000", 200), ("[fe80::1]", 200), ("localhost", 200), ("LAB.example:5000", 200),
     ("other.example", 200), (socket.gethostname(), 200), ("evil.example", 403), ("192.168.1.5.example", 403),
     ("", 403)],
)  # fmt: skip
def test_a_network_server_accepts_addresses_and_its_own_host_names(tmp_path: Path, host: str, status: int):
    with running_app(tmp_path, token=TOKEN, host="0.0.0.0", names="lab.example, Other.example") as web:
        headers = {"Host": host, "Authorization": f"Bearer {TOKEN}"}
        assert web.client.get("/api/status", headers=headers).status_code == status


@pytest.mark.parametrize("reached", [{"host": "0.0.0.0"}, {"names": "lab.example"}])
def test_a_reachable_server_requires_a_token(tmp_path: Path, reached: dict[str, str]):
    with pytest.raises(SettingsError, match="token"), running_app(tmp_path, **reached):
        pass


def test_a_proxy_name_is_accepted_with_the_token(tmp_path: Path):
    with running_app(tmp_path, token=TOKEN, names="lab.example") as web:
        auth_header = {"Authorization": f"Bearer {TOKEN}"}
        for headers, status in ((auth_header, 200), ({}, 401)):
            assert web.client.get("/api/status", headers={"Host": "lab.example", **headers}).status_code == status
        assert web.client.get("/api/status", headers={"Host": "192.168.1.5", **auth_header}).status_code == 403


@pytest.mark.parametrize(
    "path", ["/", "/video_feed", "/snapshot.jpg", "/api/sessions", "/static/js/pages/dashboard.js"]
)
def test_other_sites_can_link_but_embed_nothing(tmp_path: Path, path: str):
    with running_app(tmp_path) as web:
        for site in ("cross-site", "same-site"):
            embeds = {"Sec-Fetch-Site": site, "Sec-Fetch-Dest": "image"}
            assert web.client.get(path, headers=embeds).status_code == 403, site
        link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"}
        assert web.client.get("/", headers=link).status_code == 200


def test_responses_are_not_cached_and_have_security_headers(tmp_path: Path):
    with running_app(tmp_path) as web:
        for path in ("/", "/api/status", "/api/nothing", "/sessions", "/sessions/7"):
            response = web.client.get(path)
            assert response.headers["Cache-Control"] == "no-store", path
            assert response.headers["Referrer-Policy"] == "no-referrer", path
            assert "camera=()" in response.headers["Permissions-Policy"], path
            assert "unsafe" not in response.headers["Content-Security-Policy"], path
