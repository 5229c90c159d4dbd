"""Who may give a camera: whoever opens a link with a token that ends soon; its pass is good for nothing else."""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request

from app.web.security.rate_limit import RateLimit
from app.web.security.token_auth import MAX_WRONG_TOKENS, WRONG_TOKEN_WINDOW_S, new_token

# Time in which a phone is fetched and the code on the screen scanned.
LINK_LIFETIME_S = 600.0
# A link with less time left is not shown to a further viewer, who gets a new one. So two are valid at most.
LEAST_TIME_LEFT_S = LINK_LIFETIME_S / 2
# Time without a connection after which a browser must open a link again.
PASS_LIFETIME_S = 600.0
# Browsers that have opened a link. A further one replaces the one that was away for longest.
MAX_PASSES = 8
PASS_BYTES = 32
PAGE_PATH = "/camera"


@dataclass(slots=True)
class _Secret:
    text: str
    ends_at_s: float
    camera: str


class CameraAccess:
    """Links and passes. May be used from several threads.

    Opening a link sets a cookie with a pass. It admits to the page that gives a camera, its files and its connection,
    and to no other route. Links and passes belong to one camera of the server.

    Args:
        clock: Monotonic time in seconds.
        limit: Of wrong tokens by client; default: that of the server's own token.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, limit: RateLimit | None = None) -> None:
        self._clock = clock
        self._wrong_tokens = limit or RateLimit(MAX_WRONG_TOKENS, WRONG_TOKEN_WINDOW_S, clock)
        self._lock = threading.Lock()
        self._links: list[_Secret] = []
        self._passes: list[_Secret] = []

    def link(self, camera: str) -> tuple[str, float]:
        """Token of a valid link to a camera, and the seconds until it ends."""
        with self._lock:
            now_s = self._clock()
            self._forget_ended(now_s)
            newest = next((one for one in reversed(self._links) if one.camera == camera), None)
            if newest is None or newest.ends_at_s - now_s < LEAST_TIME_LEFT_S:
                newest = _Secret(new_token(), now_s + LINK_LIFETIME_S, camera)
                self._links.append(newest)
            return newest.text, newest.ends_at_s - now_s

    def open_link(self, token: str) -> str | None:
        """The pass for a browser that opens the link with this token; None if it is wrong or has ended."""
        with self._lock:
            now_s = self._clock()
            self._forget_ended(now_s)
            link = _find(self._links, token)
            if link is None:
                return None
            given = _Secret(secrets.token_urlsafe(PASS_BYTES), now_s + PASS_LIFETIME_S, link.camera)
            self._passes = [*sorted(self._passes, key=lambda one: one.ends_at_s), given][-MAX_PASSES:]
            return given.text

    def may_try(self, client: str) -> bool:
        """Count a wrong token of a client; False if it has tried too many."""
        return self._wrong_tokens.try_use(client)

    def is_admitted(self, given: str | None) -> bool:
        """Whether a pass is valid; it then stays so for another while."""
        return self.camera_of(given) is not None

    def camera_of(self, given: str | None) -> str | None:
        """The camera of a valid pass, which then stays so for another while; None if it is not valid."""
        with self._lock:
            now_s = self._clock()
            self._forget_ended(now_s)
            found = None if given is None else _find(self._passes, given)
            if found is not None:
                found.ends_at_s = now_s + PASS_LIFETIME_S
            return found.camera if found else None

    def admits(self, request: Request) -> bool:
        """Whether a request needs no token of the server: the camera's own routes, which check the pass themselves,
        and the static files of their page."""
        if request.path == PAGE_PATH or request.path.startswith(f"{PAGE_PATH}/"):
            return True
        return request.path.startswith("/static/") and self.is_admitted(pass_of(request.environ))

    def revoke(self, camera: str) -> None:
        """End all links and passes of a camera."""
        with self._lock:
            self._links = [one for one in self._links if one.camera != camera]
            self._passes = [one for one in self._passes if one.camera != camera]

    def _forget_ended(self, now_s: float) -> None:
        self._links = [one for one in self._links if one.ends_at_s > now_s]
        self._passes = [one for one in self._passes if one.ends_at_s > now_s]


def cookie_name(environ: dict[str, Any]) -> str:
    """Contains the port, since browsers share cookies between all ports of a host."""
    return f"camera-{environ.get('SERVER_PORT', '')}"


def pass_of(environ: dict[str, Any]) -> str | None:
    """The pass that a request carries."""
    return Request(environ).cookies.get(cookie_name(environ))


def _find(valid: list[_Secret], given: str) -> _Secret | None:
    """The secret with this text; compared in constant time."""
    encoded = given.encode(errors="replace")
    return next((one for one in valid if hmac.compare_digest(one.text.encode(), encoded)), None)
