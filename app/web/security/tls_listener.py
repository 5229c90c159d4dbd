"""The listening socket: encrypts connections and survives failed ones."""

from __future__ import annotations

import logging
import socket
import ssl
import time
from typing import Any

from app.errors import SettingsError
from app.settings import Settings

# Pause before accepting again, for example when the process is out of file descriptors.
RETRY_DELAY_S = 0.2

log = logging.getLogger(__name__)


class TlsListener:
    """Accepts connections until closed. Eventlet's server would end at the first connection that fails here.

    Args:
        inner: A listening socket.
        tls: Encrypts each connection; None leaves them plain. The handshake happens at the first read, so that a
            slow client does not block others.
    """

    def __init__(self, inner: socket.socket, tls: ssl.SSLContext | None = None) -> None:
        self._inner = inner
        self._tls = tls
        self._is_failing = False

    def accept(self) -> tuple[socket.socket, Any]:
        """Wait for the next connection; returns its socket and address."""
        while True:
            try:
                connection, address = self._inner.accept()
            except OSError as error:
                if self._inner.fileno() < 0:  # closed
                    raise
                self._wait_after(error)
                continue
            self._is_failing = False
            try:
                return self._encrypt(connection), address
            except OSError:  # the client has disconnected
                connection.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def _encrypt(self, connection: socket.socket) -> socket.socket:
        if self._tls is None:
            return connection
        return self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)

    def _wait_after(self, error: OSError) -> None:
        """Log the first of several failures and pause. Clients wait in the queue meanwhile."""
        if not self._is_failing:
            log.warning("cannot accept connections (%s); retrying", error.strerror)
        self._is_failing = True
        time.sleep(RETRY_DELAY_S)


def tls_context(settings: Settings) -> ssl.SSLContext | None:
    """The TLS context of the configured certificate; None without one.

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
            f"{settings.cert!r} and {settings.key!r} are not a certificate and its key ({reason}); "
            "give PEM files that belong together, the key without a password"
        ) from None
    return context


def _check_readable(option: str, path: str) -> None:
    try:
        with open(path, "rb"):
            pass
    except OSError as error:
        raise SettingsError(f"cannot read {path!r} ({error.strerror}); give another file with {option}") from None
