"""The web server of `--server` with its address, its certificate and the link that it prints."""

from __future__ import annotations

import importlib
import os
import signal
import socket
from collections.abc import Callable
from functools import partial
from typing import Any
from wsgiref.types import WSGIApplication

from app import logs
from app.paths import data_folder
from app.serving.page_link import link_notes, page_url
from app.sessions.open_store import open_store
from app.sessions.store import SessionStore
from app.settings import Settings
from app.vision.runtime.process_limits import forbid_core_dumps
from app.web.security import self_signed_certificate
from app.web.security.tls_listener import tls_context
from app.web.server_context import ServerContext
from app.web.servers.listener import open_listener
from app.webhook.secret import read_secret

# How often a running server looks whether its own certificate ends soon.
CERTIFICATE_CHECK_S = 24 * 3600.0


class WebServer:
    """Listens from the start, so that nothing is opened where it cannot; `serve` answers.

    Attributes:
        settings: The given ones, with the certificate that `--https` makes.
        address: URL and process, for those who find its folder in use.
    Raises:
        PortInUse: the server cannot listen on the address.
        SettingsError: the host is no address of this computer, or the certificate or its key cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        logs.configure(settings.log_level, settings.log_json)
        forbid_core_dumps()
        self._module = importlib.import_module(f"app.web.servers.{settings.server}_server")
        self._makes_certificate = settings.https and settings.cert is None
        if self._makes_certificate:
            settings = self_signed_certificate.with_own_certificate(settings, data_folder(settings.data))
        self.settings = settings
        self._webhook_secret = read_secret(settings, os.environ)
        self._tls = tls_context(settings)
        self._listener = open_listener(settings)
        self.address = f"{self._page_url(None)} (process {os.getpid()})"
        self._stop: Callable[[], None] = lambda: None

    def context(self, token: str | None) -> ServerContext:
        """What the app has to know of this server."""
        module = self._module
        return ServerContext(token, self._webhook_secret, self.settings.server, module.run_blocking, module.yield_now)

    def serve(self, app: WSGIApplication, token: str | None) -> None:
        """Print the link, and serve until Ctrl-C or SIGTERM."""
        print(f"Open {self._page_url(token)} (Ctrl-C stops)", flush=True)
        for line in link_notes(self.settings, self._makes_certificate):
            print(line, flush=True)
        self._stop = self._module.start(self._listener, app, self._tls)
        _wait_for_signal(self._renew_certificate)

    def stop(self) -> None:
        """End the server. Its streams have to be ended before (`close_app`)."""
        self._stop()

    def _page_url(self, token: str | None) -> str:
        return page_url(self._listener.getsockname(), self._tls is not None, token)

    def _renew_certificate(self) -> None:
        if self._makes_certificate and self._tls:
            self_signed_certificate.renew(self._tls, self.settings)


def open_session_store(settings: Settings) -> SessionStore:
    """The store of sessions; it warns without the lock of the log, which may be held where it is opened again."""
    return open_store(settings, os.environ, warn=partial(logs.warn_without_lock, "sessions", as_json=settings.log_json))


def _wait_for_signal(daily: Callable[[], None]) -> None:
    """Return at Ctrl-C or SIGTERM, and call `daily` once a day until then.

    The signal writes a byte to a socket: an exception instead would end an arbitrary green thread.
    """
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.fileno())
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _ignore_signal)
    reader.settimeout(CERTIFICATE_CHECK_S)
    with reader, writer:
        while True:
            try:
                reader.recv(1)
                break
            except TimeoutError:
                daily()
        signal.set_wakeup_fd(-1)  # a second signal, while the server ends, has nothing to wake


def _ignore_signal(*_: Any) -> None:
    """Python has written the signal's number to the wake-up socket already."""
