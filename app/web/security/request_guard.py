"""Who may ask, by which name, and what a page may do."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Collection, Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, request
from werkzeug.exceptions import Forbidden

from app.errors import SettingsError
from app.settings import Settings
from app.web.security.response_headers import HEADERS
from app.web.security.token_auth import TokenAuthGuard

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")

# Browsers run a module only with a JavaScript type, and the system's tables differ.
STATIC_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def protect(app: Flask, settings: Settings, token: str | None) -> None:
    """Guard every route of `app`, Socket.IO included.

    Call it once Socket.IO has wrapped the app, so that the guards stand before both.

    Raises:
        SettingsError: others than this computer can reach the server, and there is no token.
    """
    app.before_request(refuse_foreign_pages)
    app.after_request(add_headers)
    if needs_token(settings) and not token:
        raise SettingsError(f"host={settings.host} is reached from other computers; start the server with a token")
    if token:
        app.wsgi_app = TokenAuthGuard(app.wsgi_app, token)  # type: ignore[method-assign]
    loopback = is_loopback(settings.host)
    names = {*LOOPBACK_NAMES, *_split(settings.names), *([] if loopback else own_names(settings.host))}
    app.wsgi_app = HostHeaderGuard(app.wsgi_app, names, any_address=not loopback)  # type: ignore[method-assign]


def needs_token(settings: Settings) -> bool:
    """Whether others than this computer may reach the server: by its address, or through a proxy by a name."""
    return not is_loopback(settings.host) or bool(_split(settings.names))


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server on `host`."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def own_names(host: str) -> set[str]:
    """The names by which other computers may know this one."""
    name = socket.gethostname().lower()
    return {host.lower(), name, f"{name.partition('.')[0]}.local"}


class HostHeaderGuard:
    """Refuse requests by a name that is none of ours: a foreign page may point its own name here.

    An address is no name, so it may be any where `any_address` is set.
    """

    def __init__(self, inner: Wsgi, names: Collection[str], any_address: bool) -> None:
        self._inner = inner
        self._names = names
        self._any_address = any_address

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if self._is_ours(_host_name(environ.get("HTTP_HOST", ""))):
            return self._inner(environ, start_response)
        headers = {**HEADERS, "Content-Type": "application/json", "Connection": "close"}
        start_response("403 Forbidden", list(headers.items()))
        return [b'{"error": "this server does not answer to this name; use localhost or add it by --names"}\n']

    def _is_ours(self, name: str | None) -> bool:
        return name is not None and (name in self._names or (self._any_address and _is_address(name)))


def refuse_foreign_pages() -> None:
    """Let only our own pages, and tools that are no browser, change or embed anything; a link may lead here."""
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site", "none")
    foreign = site not in ("same-origin", "none")
    if request.method in SAFE_METHODS:
        foreign = foreign and request.headers.get("Sec-Fetch-Dest") != "document"
    elif origin is not None:
        foreign = foreign or origin != request.host_url.rstrip("/")
    if foreign:
        raise Forbidden("only pages of this server may do this; do it from its own page")


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


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _split(names: str) -> set[str]:
    return {name.strip().lower() for name in names.split(",")} - {""}
