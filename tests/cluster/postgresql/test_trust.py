"""Passwords come from the environment or a file, appear nowhere, and go over TLS where it is asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app.errors import SettingsError
from app.sessions.database.server_address import parse_address
from app.sessions.store import SessionStore
from app.web.security.self_signed_certificate import own_certificate, utc_now
from tests.support.postgresql.server import FAST, PASSWORD, TestServer, running_server


def test_a_wrong_or_missing_password_is_refused_in_one_line_without_it(server: TestServer, database: str):
    for environ in ({"DATABASE_PASSWORD": "wrong secret"}, {}):
        store = SessionStore(parse_address(server.url(database), environ))
        notice = store.notice or ""
        assert "password" in notice
        assert "wrong secret" not in notice + repr(store.database)
        assert "\n" not in notice


def test_the_password_comes_from_a_file_too(server: TestServer, database: str, tmp_path: Path):
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    environ = {"DATABASE_PASSWORD_FILE": str(tmp_path / "password")}
    assert SessionStore(parse_address(server.url(database), environ)).notice is None


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://{user}:{word}@host/db",
        "postgresql+psycopg://{user}@host/db?password={word}",
        "sqlite:///{word}",
        "{word}",
        "postgresql+psycopg://{user}@host/",
    ],
)
def test_urls_with_a_password_and_other_urls_are_refused_without_repeating_them(url: str):
    with pytest.raises(SettingsError) as refused:
        parse_address(url.format(user="faces", word="hunter2"), {})
    assert "hunter2" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_command_line_refuses_a_password(tmp_path: Path):
    url = f"postgresql+psycopg://faces:{PASSWORD.replace(' ', '%20')}@127.0.0.1/sessions"
    command = [sys.executable, "-m", "app", "run", "--source", "demo", "--data", str(tmp_path), "--port", "0"]
    ended = subprocess.run([*command, "--database", url], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert ended.stderr.strip().count("\n") == 0
    assert "set DATABASE_PASSWORD" in ended.stderr
    assert PASSWORD not in ended.stderr + ended.stdout


def test_tls_is_checked_against_a_certificate(tmp_path: Path):
    certificate = own_certificate(tmp_path / "own", frozenset({"127.0.0.1"}), utc_now())
    other = own_certificate(tmp_path / "other", frozenset({"127.0.0.1"}), utc_now())
    with running_server(FAST) as server:
        server.use_certificate(certificate.read_bytes())
        server.create_database("secret")
        trusted = server.url("secret", sslmode="verify-full", sslrootcert=str(certificate))
        store = SessionStore(parse_address(trusted, server.environ))
        assert store.notice is None
        used = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        with store.database.transaction("test") as connection:
            assert connection.exec_driver_sql(used).scalar_one() is True
        wrong = server.url("secret", sslmode="verify-full", sslrootcert=str(other))
        assert "certificate verify failed" in (SessionStore(parse_address(wrong, server.environ)).notice or "")
