"""Connect to Redis, and go on when it comes back."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, AuthorizationError, NoPermissionError, RedisError
from redis.retry import Retry

from app.errors import SettingsError
from app.settings import Settings
from app.source_names import without_credentials

SCHEMES = ("redis", "rediss", "unix")
EXAMPLE = "--redis redis://HOST:6379, or rediss://HOST:6379 for TLS"
# Longer than any wait for new entries of a stream (`BLOCK_MS` of the readers).
SOCKET_TIMEOUT_S = 5.0
CONNECT_TIMEOUT_S = 3.0
# A connection that was idle for longer is tried before it is used: routers drop idle ones without a word.
HEALTH_CHECK_INTERVAL_S = 10
# Pauses while Redis is away: doubled from the first to the last. Viewers wait for no longer than the last one.
FIRST_PAUSE_S = 0.1
MAX_PAUSE_S = 1.0

log = logging.getLogger(__name__)


def open_redis(settings: Settings, environ: Mapping[str, str]) -> Redis:
    """A client of the Redis of `--redis`. It connects when it is used, and again after a failure.

    Raises:
        SettingsError: there is no URL, it is malformed, or the file with the password cannot be read.
    """
    if not settings.redis:
        raise SettingsError(f"redis is not given; name the server that all parts share with {EXAMPLE}")
    scheme = urlsplit(settings.redis).scheme
    if scheme not in SCHEMES:
        raise SettingsError(f"redis={without_credentials(settings.redis)!r} is no URL of Redis; give {EXAMPLE}")
    tls = {"ssl_ca_certs": settings.redis_ca} if settings.redis_ca and scheme == "rediss" else {}
    client: Redis = Redis.from_url(
        settings.redis,
        password=_read_password(environ),
        protocol=2,
        socket_timeout=SOCKET_TIMEOUT_S,
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        socket_keepalive=True,
        health_check_interval=HEALTH_CHECK_INTERVAL_S,
        retry=Retry(NoBackoff(), 1),  # at once, for a connection that had died silently; `RedisLoop` does the rest
        **tls,
    )
    return client


def _read_password(environ: Mapping[str, str]) -> str | None:
    """The password from the file that REDIS_PASSWORD_FILE names, else from REDIS_PASSWORD."""
    file = environ.get("REDIS_PASSWORD_FILE")
    if not file:
        return environ.get("REDIS_PASSWORD") or None
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise SettingsError(f"REDIS_PASSWORD_FILE={file!r} cannot be read ({reason}); correct the path") from None


def now_s(client: Redis) -> float:
    """Seconds of Redis' own clock, by which all parts agree."""
    seconds, microseconds = client.time()
    return int(seconds) + int(microseconds) / 1e6


class RedisLoop:
    """Repeats a step until it is closed. While Redis is away it says so once, and tries again.

    Args:
        name: Of the work, for the log.
        closing: Ends the loop.
        on_away: Called with one line when Redis is away, and with None when it is back.
    """

    def __init__(
        self, name: str, closing: threading.Event, on_away: Callable[[str | None], None] = lambda _: None
    ) -> None:
        self._name, self._closing, self._on_away = name, closing, on_away
        self._failures = 0

    def run(self, step: Callable[[], object]) -> None:
        """Repeat the step."""
        while not self._closing.is_set():
            self.try_once(step)

    def try_once(self, step: Callable[[], object]) -> bool:
        """Run the step; False after a pause if Redis is away."""
        try:
            step()
        except (RedisError, OSError) as error:
            if self._failures == 0:
                log.warning("%s: Redis does not answer (%s); trying again", self._name, reason_of(error))
                self._on_away(reason_of(error))
            self._closing.wait(min(MAX_PAUSE_S, FIRST_PAUSE_S * 2**self._failures))
            self._failures = min(self._failures + 1, 10)
            return False
        if self._failures:
            self._failures = 0
            log.info("%s: Redis is back", self._name)
            self._on_away(None)
        return True


def reason_of(error: Exception) -> str:
    """Why Redis cannot be used, in a few words without addresses of users and passwords."""
    if isinstance(error, (AuthenticationError, AuthorizationError, NoPermissionError)):
        return "it refuses the password; set REDIS_PASSWORD or REDIS_PASSWORD_FILE"
    return without_credentials(str(error).splitlines()[0] if str(error) else type(error).__name__)
