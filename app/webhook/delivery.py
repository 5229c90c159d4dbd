"""Deliver events to a URL: in order, signed, with retries, in a thread of their own that nobody waits for."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import logging
import ssl
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from app.errors import SettingsError

# Events that wait for the receiver; beyond it the oldest is dropped.
MAX_WAITING_EVENTS = 256
# The pause doubles after each attempt: 1, 2, 4, 8 s.
MAX_ATTEMPTS = 5
FIRST_RETRY_DELAY_S = 1.0
# For each wait for the receiver.
TIMEOUT_S = 5.0
# Answers of a receiver that may accept the same event later: timeout, too early, too many requests, and its own errors.
RETRIED_STATUSES = frozenset({408, 425, 429})
SIGNATURE_HEADER = "X-Signature-256"

Post = Callable[[bytes, Mapping[str, str]], int]
Wait = Callable[[float], bool]

log = logging.getLogger(__name__)


def sign(secret: bytes, body: bytes) -> str:
    """The value of the signature header: HMAC with SHA-256 of the body."""
    return f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}"


class Delivery:
    """Sends events. `send` returns at once.

    Args:
        url: http or https.
        secret: Signs each body.
        post: Sends a body with headers and returns the status; raises OSError or HTTPException.
        wait: Waits for seconds; returns True if the server stops meanwhile. Default: waits for `close`.

    Raises:
        SettingsError: the URL cannot be used.
    """

    def __init__(self, url: str, secret: bytes, *, post: Post | None = None, wait: Wait | None = None) -> None:
        self._host = _host_of(url)
        self._secret, self._post = secret, post or _poster(url)
        self._stopped, self._arrived = threading.Event(), threading.Event()
        self._wait = wait or self._stopped.wait
        self._waiting: deque[Mapping[str, Any]] = deque()
        self._dropped, self._is_failing = 0, False
        self._thread = threading.Thread(target=self._run, name="webhook", daemon=True)
        self._thread.start()

    def send(self, event: Mapping[str, Any]) -> None:
        """Deliver an event after those that wait; `id` and `event` of it are also headers."""
        self._waiting.append(event)
        if len(self._waiting) > MAX_WAITING_EVENTS:
            self._waiting.popleft()
            self._dropped += 1
        self._arrived.set()

    def close(self) -> None:
        """End the thread. Events that wait are dropped."""
        self._stopped.set()
        self._arrived.set()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._arrived.wait()
            self._arrived.clear()
            while self._waiting and not self._stopped.is_set():
                self._deliver(self._waiting.popleft())

    def _deliver(self, event: Mapping[str, Any]) -> None:
        body = json.dumps(event).encode()
        headers = {
            "Content-Type": "application/json",
            "X-Event": str(event["event"]),
            "X-Event-Id": str(event["id"]),
            SIGNATURE_HEADER: sign(self._secret, body),
        }
        for attempt in range(MAX_ATTEMPTS):
            if attempt and self._wait(FIRST_RETRY_DELAY_S * 2 ** (attempt - 1)):
                return
            problem, is_final = self._try(body, headers)
            if problem is None:
                self._note_success()
                return
            self._note_failure(problem)
            if is_final:
                break
        self._dropped += 1

    def _try(self, body: bytes, headers: Mapping[str, str]) -> tuple[str | None, bool]:
        """Why an attempt failed, None if it did not, and whether a further one is useless."""
        try:
            status = self._post(body, headers)
        except (OSError, http.client.HTTPException) as error:
            return str(error) or type(error).__name__, False
        if 200 <= status < 300:
            return None, False
        return f"status {status}", status < 500 and status not in RETRIED_STATUSES

    def _note_failure(self, problem: str) -> None:
        """Log the first failure only, so that a receiver that is away for hours is one line."""
        if not self._is_failing:
            log.warning("the webhook receiver at %s does not take events (%s); trying on", self._host, problem)
        self._is_failing = True

    def _note_success(self) -> None:
        if self._is_failing:
            log.warning("the webhook receiver at %s takes events again; %d were lost", self._host, self._dropped)
        self._is_failing, self._dropped = False, 0


def _host_of(url: str) -> str:
    """Host and port, which may be logged; the path of some receivers is a secret."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError("webhook is no address of a receiver; give one such as https://example.org/events")
    if parts.username is not None:
        raise SettingsError("webhook contains a user or password; the signature tells the receiver who sends")
    return parts.netloc


def _poster(url: str) -> Post:
    """Send bodies to a URL, each over a connection of its own. Redirects count as failures."""
    parts = urlsplit(url)
    target = parts._replace(scheme="", netloc="", fragment="", path=parts.path or "/").geturl()

    def connect() -> http.client.HTTPConnection:
        if parts.scheme == "http":
            return http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=TIMEOUT_S)
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(str(parts.hostname), parts.port, timeout=TIMEOUT_S, context=context)

    def post(body: bytes, headers: Mapping[str, str]) -> int:
        connection = connect()
        try:
            connection.request("POST", target, body, dict(headers))
            return connection.getresponse().status
        finally:
            connection.close()

    return post
