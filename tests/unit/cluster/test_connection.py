"""The connection to Redis: which URLs and passwords are taken, and that work goes on after a failure."""

import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from redis.exceptions import AuthenticationError, ConnectionError

from app.cli import cli
from app.cluster.connection import RedisLoop, open_redis, reason_of
from app.errors import SettingsError
from app.settings import Settings

URL = "redis://192.0.2.1:6379"


def password(environ: dict[str, str], url: str = URL) -> str | None:
    return open_redis(Settings(redis=url), environ).connection_pool.connection_kwargs["password"]


def test_the_password_comes_from_a_file_or_the_environment(tmp_path: Path):
    file = tmp_path / "password"
    file.write_text("from the file\n")
    assert password({}) is None
    assert password({"REDIS_PASSWORD": "from the environment"}) == "from the environment"
    both = {"REDIS_PASSWORD": "from the environment", "REDIS_PASSWORD_FILE": str(file)}
    assert password(both) == "from the file"


def test_a_password_file_that_cannot_be_read_is_one_line(tmp_path: Path):
    with pytest.raises(SettingsError, match="REDIS_PASSWORD_FILE='.*missing' cannot be read"):
        password({"REDIS_PASSWORD_FILE": str(tmp_path / "missing")})


@pytest.mark.parametrize("url", [None, "http://192.0.2.1", "192.0.2.1:6379"])
def test_what_is_no_url_of_redis_is_refused_with_an_example(url: str | None):
    with pytest.raises(SettingsError, match="redis://HOST:6379"):
        open_redis(Settings(redis=url), {})


def test_tls_checks_the_certificate_of_the_server():
    kwargs = open_redis(Settings(redis="rediss://192.0.2.1", redis_ca="ca.pem"), {}).connection_pool.connection_kwargs
    assert kwargs["ssl_ca_certs"] == "ca.pem"
    assert kwargs.get("ssl_cert_reqs", "required") == "required"


@pytest.mark.parametrize("command", [["camera", "--name", "lobby"], ["web"], ["recorder"]])
def test_a_password_on_the_command_line_is_refused_without_repeating_it(command: list[str]):
    result = CliRunner().invoke(cli, [*command, "--redis", "redis://:hidden@192.0.2.1"])
    assert result.exit_code == 1
    assert "REDIS_PASSWORD" in result.output
    assert "hidden" not in result.output


def test_a_loop_says_once_that_redis_is_away_and_once_that_it_is_back(caplog: pytest.LogCaptureFixture):
    caplog.set_level("INFO")
    closing, told, failures = threading.Event(), list[str | None](), iter([True, True, True, False])
    loop = RedisLoop("test", closing, told.append)

    def step() -> None:
        if next(failures):
            raise ConnectionError("refused")

    assert [loop.try_once(step) for _ in range(4)] == [False, False, False, True]
    assert told == ["refused", None]
    assert [record.message for record in caplog.records] == [
        "test: Redis does not answer (refused); trying again",
        "test: Redis is back",
    ]


def test_a_closed_loop_does_not_wait_for_redis():
    closing = threading.Event()
    closing.set()
    RedisLoop("test", closing).run(lambda: pytest.fail("the loop is closed"))


def test_reasons_hold_no_secret():
    assert "REDIS_PASSWORD" in reason_of(AuthenticationError("WRONGPASS invalid username-password pair"))
    assert reason_of(ConnectionError("Error connecting to redis://me:hidden@host:1. refused")).count("hidden") == 0
