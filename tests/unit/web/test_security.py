"""Who may ask, and what a page may do."""

from pathlib import Path

import pytest

from app.web.security import is_loopback
from tests.web_support import running


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
def test_a_loopback_server_answers_only_to_its_own_names(tmp_path: Path, host: str, status: int):
    with running(tmp_path) as web:
        assert web.client.get("/api/status", headers={"Host": host}).status_code == status


def test_a_server_on_the_network_answers_to_other_names(tmp_path: Path):
    with running(tmp_path, host="0.0.0.0") as web:
        assert web.client.get("/api/status", headers={"Host": "lab.example:5000"}).status_code == 200


def test_no_answer_is_kept_by_the_browser_and_every_one_is_protected(tmp_path: Path):
    with running(tmp_path) as web:
        for path in ("/", "/api/status", "/api/nothing", "/sessions", "/sessions/7"):
            answer = web.client.get(path)
            assert answer.headers["Cache-Control"] == "no-store", path
            assert answer.headers["Referrer-Policy"] == "no-referrer", path
            assert "camera=()" in answer.headers["Permissions-Policy"], path
            assert "unsafe" not in answer.headers["Content-Security-Policy"], path
