"""The socket that the server listens on."""

from __future__ import annotations

import errno
import socket

from app.errors import AppError, PortInUse, SettingsError
from app.settings import Settings

# Connections that the system accepts while the server is busy; the server also limits open ones.
LISTEN_BACKLOG = 128
# Size of the server's send buffer: about six frames of 40 kB, so that a slow viewer skips frames instead of lagging.
SEND_BUFFER_BYTES = 256 * 1024


def open_listener(settings: Settings) -> socket.socket:
    """Listen on the host and port of the settings.

    Raises:
        PortInUse: the port is taken, or this user may not listen on it.
        SettingsError: the host is no address of this computer.
    """
    host = settings.host.strip("[]")
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        listener.bind((host, settings.port))
        listener.listen(LISTEN_BACKLOG)
    except OSError as error:
        listener.close()
        raise _listen_error(settings, error) from None
    return listener


def _listen_error(settings: Settings, error: OSError) -> AppError:
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return SettingsError(
            f"host={settings.host!r} is no address of this computer; give --host 127.0.0.1 for this computer alone, "
            "0.0.0.0 for every network, or one of its own addresses"
        )
    return PortInUse(
        f"cannot listen on {settings.host}:{settings.port} ({error.strerror}); "
        f"stop the program that uses it or choose another with --port {settings.port + 1}"
    )
