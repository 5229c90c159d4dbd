"""Check every request: host name, origin and token; add security headers to every response."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Collection, Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, request
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Request

from app.errors import SettingsError
from app.settings import Settings, parse_networks
from app.web.security.proxy_headers import ProxyHeaders
from app.web.security.response_headers import SECURITY_HEADERS
from app.web.security.token_auth import TokenAuthGuard

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")

# Browsers require a JavaScript type for modules; the types that the operating system reports differ.
STATIC_CONTENT_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def install_guards(
    app: Flask, settings: Settings, token: str | None, admits: Callable[[Request], bool] = lambda _: False
) -> None:
    """Guard every route of `app`, Socket.IO included.

    Call it after Socket.IO has wrapped the app, so that the guards run first.

    Args:
        admits: Whether a request needs no token, since something else admits it.

    Raises:
        SettingsError: other computers can reach the server and there is no token.
    """
    app.before_request(refuse_cross_site_requests)
    app.after_request(add_headers)
    if needs_token(settings) and not token:
        raise SettingsError(f"host={settings.host} is reachable from other computers; start the server with a token")
    if token:
        app.wsgi_app = TokenAuthGuard(app.wsgi_app, token, admits=admits)  # type: ignore[method-assign]
    loopback = is_loopback(settings.host)
    names = {*LOOPBACK_NAMES, *split_names(settings.names), *([] if loopback else local_host_names(settings.host))}
    app.wsgi_app = HostHeaderGuard(app.wsgi_app, names, allow_any_address=not loopback)  # type: ignore[method-assign]
    app.wsgi_app = ProxyHeaders(app.wsgi_app, parse_networks(settings.behind_proxy))  # type: ignore[method-assign]


def needs_token(settings: Settings) -> bool:
    """Whether other computers may reach the server: directly, or through a proxy under another name."""
    return not is_loopback(settings.host) or bool(split_names(settings.names) or settings.behind_proxy)


def is_loopback(host: str) -> bool:
    """Whether only this computer can reach a server that listens on `host`."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def local_host_names(host: str) -> set[str]:
    """The names under which other computers may reach this one."""
    name = socket.gethostname().lower()
    return {host.lower(), name, f"{name.partition('.')[0]}.local"}


class HostHeaderGuard:
    """WSGI middleware: rejects requests with an unknown Host header, which prevents DNS rebinding.

    Args:
        names: Allowed host names.
        allow_any_address: Also allow every IP address, which cannot be rebound.
    """

    def __init__(self, inner: Wsgi, names: Collection[str], allow_any_address: bool) -> None:
        self._inner = inner
        self._names = names
        self._allow_any_address = allow_any_address

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if self._is_allowed(_host_name(environ.get("HTTP_HOST", ""))):
            return self._inner(environ, start_response)
        headers = {**SECURITY_HEADERS, "Content-Type": "application/json", "Connection": "close"}
        start_response("403 Forbidden", list(headers.items()))
        return [b'{"error": "unknown host name; use localhost or add the name with --names"}\n']

    def _is_allowed(self, name: str | None) -> bool:
        return name is not None and (name in self._names or (self._allow_any_address and _is_address(name)))


def refuse_cross_site_requests() -> None:
    """Let other sites link to the pages, but neither embed nor change anything. Clients that are not browsers may."""
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site", "none")
    is_cross_site = site not in ("same-origin", "none")
    if request.method in SAFE_METHODS:
        is_cross_site = is_cross_site and request.headers.get("Sec-Fetch-Dest") != "document"
    elif origin is not None:
        is_cross_site = is_cross_site or origin != request.host_url.rstrip("/")
    if is_cross_site:
        raise Forbidden("only pages of this server may send this request; open its own page")


def add_headers(response: Response) -> Response:
    """Add the security headers, content types of static files, and `no-store` to all other responses."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint == "static":
        _, dot, extension = request.path.rpartition(".")
        content_type = STATIC_CONTENT_TYPES.get(dot + extension.lower())
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


def split_names(names: str) -> set[str]:
    """The names of `--names`."""
    return {name.strip().lower() for name in names.split(",")} - {""}
