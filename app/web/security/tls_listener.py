"""The socket that the server accepts from, made to outlive what strangers do to it."""

from __future__ import annotations

import logging
import socket
import ssl
import time
from typing import Any

from app.errors import SettingsError
from app.settings import Settings

FULL_WAIT_S = 0.2

log = logging.getLogger(__name__)


class TlsListener:
    """Hands out connections for ever: eventlet's server ends at the first one that fails while it is accepted.

    Args:
        inner: A listening socket.
        tls: Encrypts each connection; the handshake is left to whoever reads first, so that nobody holds up others.
    """

    def __init__(self, inner: socket.socket, tls: ssl.SSLContext | None = None) -> None:
        self._inner = inner
        self._tls = tls
        self._full = False

    def accept(self) -> tuple[socket.socket, Any]:
        """The next connection and its address."""
        while True:
            try:
                connection, address = self._inner.accept()
            except OSError as error:
                if self._inner.fileno() < 0:  # closed
                    raise
                self._wait_for_room(error)
                continue
            self._full = False
            try:
                return self._encrypted(connection), address
            except OSError:  # gone before it began
                connection.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def _encrypted(self, connection: socket.socket) -> socket.socket:
        if self._tls is None:
            return connection
        return self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)

    def _wait_for_room(self, error: OSError) -> None:
        """Out of descriptors, say: who waits in the queue is served once others leave."""
        if not self._full:
            log.warning("no connection can be accepted (%s); it is tried again", error.strerror)
        self._full = True
        time.sleep(FULL_WAIT_S)


def tls_context(settings: Settings) -> ssl.SSLContext | None:
    """How connections are encrypted; None without a certificate.

    Raises:
        SettingsError: the certificate or its key cannot be used.
    """
    if settings.cert is None or settings.key is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for option, path in (("--cert", settings.cert), ("--key", settings.key)):
        _check_readable(option, path)
    try:
        context.load_cert_chain(settings.cert, settings.key, password=lambda: "")
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        reason = getattr(error, "reason", None) or error
        raise SettingsError(
            f"{settings.cert!r} and {settings.key!r} are no certificate with its key ({reason}); "
            "give PEM files that belong together, the key without a password"
        ) from None
    return context


def _check_readable(option: str, path: str) -> None:
    try:
        with open(path, "rb"):
            pass
    except OSError as error:
        raise SettingsError(f"cannot read {path!r} ({error.strerror}); give another file by {option}") from None
