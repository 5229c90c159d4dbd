"""Entry point: `python -m app` connects the vision process, the sessions and the web server."""

from __future__ import annotations

import importlib
import os
import signal
import socket
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.cluster.node.web_node import WebNode
    from app.sessions.store import SessionStore
    from app.settings import Settings

# Options of `python -m app` itself; others without a command before them are those of `run`.
OWN_OPTIONS = ("--help", "--version")
# Those that serve pages.
SERVER_COMMANDS = ("run", "web")
# How often a running server looks whether its own certificate ends soon.
CERTIFICATE_CHECK_S = 24 * 3600.0


def main() -> None:
    """Run the command line: `python -m app`, or `live-face-analysis` of the installed package."""
    arguments = with_default_command(sys.argv[1:])
    if arguments[0] in SERVER_COMMANDS and requested_server(arguments, os.environ) != "threading":
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
    """Replace threads and sockets by green ones. Only for servers, and before other modules of the app are imported."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # eventlet warns on import that it is deprecated
        import eventlet

    eventlet.monkey_patch()


def serve(settings: Settings, is_node: bool = False) -> None:
    """Serve until Ctrl-C or SIGTERM, then stop the vision processes and close the sessions.

    Args:
        is_node: Whether this is a web node, whose cameras are other processes.
    Raises:
        PortInUse: the server cannot listen on the address.
        SettingsError: the host is no address of this computer, or the certificate or its key cannot be used.
        SessionError: another server uses the folder of the sessions.
    """
    from app import logs
    from app.paths import data_folder
    from app.sessions.database.sqlite.folder_lock import FolderLock
    from app.vision.runtime.process_limits import forbid_core_dumps
    from app.vision_supervisor import VisionProcessLink
    from app.web import close_app, create_app
    from app.web.security import self_signed_certificate
    from app.web.security.request_guard import needs_token
    from app.web.security.tls_listener import tls_context
    from app.web.security.token_auth import new_token
    from app.web.servers.listener import open_listener
    from app.web.webhook.secret import read_secret

    logs.configure(settings.log_level, settings.log_json)
    forbid_core_dumps()
    server = importlib.import_module(f"app.web.servers.{settings.server}_server")
    makes_certificate = settings.https and settings.cert is None
    if makes_certificate:
        settings = self_signed_certificate.with_own_certificate(settings, data_folder(settings.data))
    webhook_secret = read_secret(settings, os.environ)
    tls = tls_context(settings)
    listener = open_listener(settings)
    address = f"{_page_url(listener.getsockname(), tls is not None, None)} (process {os.getpid()})"
    node = _open_node(settings) if is_node else None
    folder_lock = None if node else FolderLock(data_folder(settings.data), address)
    token = (node.shared_token() if node else new_token()) if needs_token(settings) else None
    store = _open_store(settings)
    cameras = {} if node else settings.cameras
    links = {name: VisionProcessLink(camera) for name, camera in cameras.items()}
    app, stop_server = None, None
    try:
        app, _ = create_app(
            links,
            store,
            settings,
            token=token,
            webhook_secret=webhook_secret,
            async_mode=settings.server,
            run_blocking=server.run_blocking,
            yield_now=server.yield_now,
            is_node=is_node,
        )
        if node:
            node.start(app)
        print(f"Open {_page_url(listener.getsockname(), tls is not None, token)} (Ctrl-C stops)", flush=True)
        for line in _notes(settings, makes_certificate):
            print(line, flush=True)
        stop_server = server.start(listener, app, tls)
        _wait_for_signal(lambda: self_signed_certificate.renew(tls, settings) if makes_certificate and tls else None)
    finally:
        if node:
            node.close()
        if app is not None:
            close_app(app)
        for link in links.values():
            link.close()
        if stop_server is not None:
            stop_server()
        if folder_lock:
            folder_lock.close()


def _open_node(settings: Settings) -> WebNode:
    from app.cluster.node.web_node import WebNode

    return WebNode(settings, os.environ)


def _open_store(settings: Settings) -> SessionStore:
    from app import logs
    from app.sessions.open_store import open_store

    return open_store(settings, os.environ, warn=partial(logs.warn_without_lock, "sessions", as_json=settings.log_json))


def _page_url(address: tuple[Any, ...], secure: bool, token: str | None) -> str:
    """The URL to open in a browser. The token is printed nowhere else."""
    from app.web.servers.network_address import shown_host

    host, port = address[:2]
    return f"http{'s' if secure else ''}://{shown_host(host)}:{port}{f'/?token={token}' if token else ''}"


def _notes(settings: Settings, makes_certificate: bool) -> Iterator[str]:
    """What to know of the printed link."""
    from app.web.security.request_guard import is_loopback
    from app.web.security.self_signed_certificate import fingerprint

    if makes_certificate:
        yield "Browsers warn of the certificate, which this server has made for itself. Compare before you go on:"
        yield f"SHA-256 fingerprint {fingerprint(Path(str(settings.cert)))}"
    waits_for_browser = any(camera.source == "browser" for camera in settings.cameras.values())
    if waits_for_browser and not (settings.cert or settings.behind_proxy or is_loopback(settings.host)):
        yield "Browsers give their camera only over HTTPS: start with --https, or with --cert and --key."


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
    while True:
        try:
            reader.recv(1)
            return
        except TimeoutError:
            daily()


def _ignore_signal(*_: Any) -> None:
    """Python has written the signal's number to the wake-up socket already."""


if __name__ == "__main__":
    main()
