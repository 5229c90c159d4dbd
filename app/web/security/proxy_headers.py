"""Take client address, scheme and host from the headers of a proxy, if the proxy is one that the operator named."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from werkzeug.middleware.proxy_fix import ProxyFix

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

FORWARDED_PREFIX = "HTTP_X_FORWARDED_"


class ProxyHeaders:
    """WSGI middleware: applies `X-Forwarded-For`, `-Proto`, `-Host` and `-Port` of trusted proxies, removes all others.

    Args:
        trusted: Networks of the proxies.
    """

    def __init__(self, inner: Wsgi, trusted: Sequence[Network]) -> None:
        self._inner = inner
        self._trusted = trusted
        self._apply_scheme_and_host = ProxyFix(self._pass_on, x_for=0, x_proto=1, x_host=1, x_port=1)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not self._is_trusted(environ.get("REMOTE_ADDR", "")):
            return self._pass_on(environ, start_response)
        environ["REMOTE_ADDR"] = self._client_address(environ)
        return self._apply_scheme_and_host(environ, start_response)

    def _pass_on(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Remove the headers: Engine.IO would believe them whoever sent them."""
        for name in [name for name in environ if name.startswith(FORWARDED_PREFIX)]:
            del environ[name]
        return self._inner(environ, start_response)

    def _client_address(self, environ: dict[str, Any]) -> str:
        """The last address of the list that is no trusted proxy. A client can put anything before it."""
        listed = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
        chain = [environ["REMOTE_ADDR"], *(address.strip() for address in reversed(listed))]
        valid = [address for address in chain if _parse(address) is not None]
        return next((address for address in valid if not self._is_trusted(address)), valid[-1])

    def _is_trusted(self, address: str) -> bool:
        parsed = _parse(address)
        return parsed is not None and any(parsed in network for network in self._trusted)


def _parse(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address; one of IPv4 also where the server listens on IPv6, which maps it."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed
