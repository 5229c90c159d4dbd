"""Who may ask, and what a page may do."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, request
from werkzeug.exceptions import Forbidden

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), display-capture=(), usb=(), fullscreen=(self)",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}

# Browsers run a module only with a JavaScript type, and the system's tables differ.
STATIC_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def protect(app: Flask, host: str) -> None:
    """Guard every route of `app`, Socket.IO included, which is served on `host`.

    Call it once Socket.IO has wrapped the app, so that the guard stands before both.
    """
    app.before_request(refuse_foreign_changes)
    app.after_request(add_headers)
    if is_loopback(host):
        app.wsgi_app = HostGuard(app.wsgi_app)  # type: ignore[method-assign]


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server on `host`."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


class HostGuard:
    """Refuse requests by another name than this machine's: a foreign page may point its own name here."""

    def __init__(self, inner: Wsgi) -> None:
        self._inner = inner

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if _host_name(environ.get("HTTP_HOST", "")) in LOOPBACK_NAMES:
            return self._inner(environ, start_response)
        start_response("403 Forbidden", [("Content-Type", "application/json")])
        return [b'{"error": "this server answers to localhost only; open it by http://localhost"}\n']


def refuse_foreign_changes() -> None:
    """Let only our own pages, and tools that are no browser, change anything."""
    if request.method in SAFE_METHODS:
        return
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site", "same-origin")
    if (origin is not None and origin != request.host_url.rstrip("/")) or site not in ("same-origin", "none"):
        raise Forbidden("only pages of this server may change anything; do it from its own page")


def add_headers(response: Response) -> Response:
    """Bound what the page may do; our own answers are never kept without asking again."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint == "static":
        _, dot, ending = request.path.rpartition(".")
        content_type = STATIC_TYPES.get(dot + ending.lower())
        if content_type and response.status_code == 200:
            response.headers["Content-Type"] = content_type
    else:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _host_name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
