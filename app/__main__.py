"""Entry point: `python -m app` connects the vision process, the sessions and the web server."""

from __future__ import annotations

import importlib
import os
import signal
import socket
import sys
import warnings
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.settings import Settings

# Addresses reserved for documentation (RFC 5737, RFC 3849). Connecting a UDP socket to one sends nothing.
UNREACHABLE_IPV4 = "192.0.2.1"
UNREACHABLE_IPV6 = "2001:db8::1"
DISCARD_PORT = 9
# Options of `python -m app` itself; others without a command before them are those of `run`.
OWN_OPTIONS = ("--help", "--version")


def main() -> None:
    """Run the command line: `python -m app`, or `live-face-analysis` of the installed package."""
    arguments = with_default_command(sys.argv[1:])
    if arguments[0] == "run" and requested_server(arguments, os.environ) != "threading":
        _patch_standard_library()
    from app import logs
    from app.cli import cli

    logs.configure()
    cli(arguments, obj=serve)


def with_default_command(arguments: Sequence[str]) -> list[str]:
    """The arguments, after `run` if they name no command."""
    names_command = bool(arguments) and (arguments[0] in OWN_OPTIONS or not arguments[0].startswith("-"))
    return list(arguments) if names_command else ["run", *arguments]


def requested_server(arguments: Sequence[str], environ: Mapping[str, str]) -> str | None:
    """The value of `--server`, else of its variable; read before the command line is, which would import the app."""
    values = [value for option, value in pairwise(arguments) if option == "--server"]
    values += [option.partition("=")[2] for option in arguments if option.startswith("--server=")]
    return values[-1] if values else environ.get("SERVER")


def _patch_standard_library() -> None:
    """Replace threads and sockets by green ones. Only for `run`, and before other modules of the app are imported."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # eventlet warns on import that it is deprecated
        import eventlet

    eventlet.monkey_patch()


def serve(settings: Settings) -> None:
    """Serve until Ctrl-C or SIGTERM, then stop the vision process and close the session.

    Raises:
        PortInUse: the server cannot listen on the address.
        SettingsError: the host is no address of this computer, or the certificate or its key cannot be used.
        SessionError: another server uses the folder of the sessions.
    """
    from app import logs
    from app.sessions.database.folder_lock import FolderLock
    from app.sessions.store import SessionStore
    from app.vision.runtime.process_limits import forbid_core_dumps
    from app.vision_supervisor import VisionProcessLink
    from app.web import close_app, create_app, data_folder
    from app.web.security.request_guard import needs_token
    from app.web.security.tls_listener import tls_context
    from app.web.security.token_auth import new_token
    from app.web.servers.listener import open_listener

    logs.configure(settings.log_level, settings.log_json)
    forbid_core_dumps()
    server = importlib.import_module(f"app.web.servers.{settings.server}_server")
    tls = tls_context(settings)
    listener = open_listener(settings)
    address = f"{_page_url(listener.getsockname(), tls is not None, None)} (process {os.getpid()})"
    folder_lock = FolderLock(data_folder(settings), address)
    token = new_token() if needs_token(settings) else None
    store = SessionStore(
        data_folder(settings), warn=lambda line: logs.warn_without_lock("sessions", line, settings.log_json)
    )
    link = VisionProcessLink(settings)
    app, stop_server = None, None
    try:
        app, _ = create_app(
            link,
            store,
            settings,
            token=token,
            async_mode=settings.server,
            run_blocking=server.run_blocking,
            yield_now=server.yield_now,
        )
        print(f"Open {_page_url(listener.getsockname(), tls is not None, token)} (Ctrl-C stops)", flush=True)
        stop_server = server.start(listener, app, tls)
        _wait_for_signal()
    finally:
        if app is not None:
            close_app(app)
        link.close()
        if stop_server is not None:
            stop_server()
        folder_lock.close()


def _page_url(address: tuple[Any, ...], secure: bool, token: str | None) -> str:
    """The URL to open in a browser. The token is printed nowhere else."""
    host, port = address[:2]
    host = _network_address(host) if ip_address(host).is_unspecified else host
    host = f"[{host}]" if ":" in host else host
    return f"http{'s' if secure else ''}://{host}:{port}{f'/?token={token}' if token else ''}"


def _network_address(host: str) -> str:
    """This computer's address on its network, for a server that listens on all addresses; `localhost` if offline."""
    family, remote = (socket.AF_INET6, UNREACHABLE_IPV6) if host == "::" else (socket.AF_INET, UNREACHABLE_IPV4)
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((remote, DISCARD_PORT))
            return str(probe.getsockname()[0])
        except OSError:  # no network
            return "localhost"


def _wait_for_signal() -> None:
    """Wait for Ctrl-C or SIGTERM. An exception instead would end an arbitrary green thread."""
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.fileno())
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _ignore_signal)
    reader.recv(1)


def _ignore_signal(*_: Any) -> None:
    """Python has written the signal's number to the wake-up socket already."""


if __name__ == "__main__":
    main()
