"""Gunicorn's web server with operating-system threads, in this process: the one that Flask-SocketIO supports.

Gunicorn normally starts worker processes. The app is one process with one vision process, so that the thread worker
runs here without them. `simple_websocket` takes over the connections of WebSockets.
"""

from __future__ import annotations

import logging
import os
import selectors
import socket
import ssl
import struct
import sys
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from gunicorn import util
from gunicorn.config import Config
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.workers.gthread import TConn, ThreadWorker

from app.sessions.disk_worker import run_directly
from app.web.servers import request_limits
from app.web.servers.request_limits import KEEP_ALIVE_S, MAX_LINE_BYTES, log_refused_request

# Each stream, each page and each request in progress takes one.
MAX_THREADS = 512
# Open connections, also those that wait for a next request; the limit of eventlet's server.
MAX_CONNECTIONS = 1024
# Browsers send up to about 25, and one line with the cookies of all servers of this computer. The product is the most
# that gunicorn reads before it refuses a request; it searches all of it again at each part that arrives.
MAX_HEADERS = 40
MAX_HEADER_BYTES = 4096
# Pause before accepting again, for example when the process is out of file descriptors.
RETRY_DELAY_S = 0.2
# Time after which a busy thread lets another one run. A frame needs several turns, and comes late with Python's 5 ms
# while other threads are busy.
SWITCH_INTERVAL_S = 0.001
# Limit for the end of the thread that accepts connections.
STOP_TIMEOUT_S = 1.0

run_blocking = run_directly

log = logging.getLogger(__name__)


def yield_now() -> None:
    """Nothing: the operating system switches between threads."""


def start(listener: socket.socket, app: Any, tls: ssl.SSLContext | None) -> Callable[[], None]:
    """Serve in the background; returns a function that ends it and all connections."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    worker = Worker(listener, app, _config(tls))
    thread = threading.Thread(target=worker.serve, name="accept", daemon=True)
    thread.start()

    def stop() -> None:
        worker.stop()
        thread.join(STOP_TIMEOUT_S)

    return stop


def _config(tls: ssl.SSLContext | None) -> Config:
    config = Config()
    values: dict[str, Any] = {
        "threads": MAX_THREADS,
        "worker_connections": MAX_CONNECTIONS,
        "keepalive": round(KEEP_ALIVE_S),
        "graceful_timeout": 0,
        "limit_request_line": MAX_LINE_BYTES,
        "limit_request_field_size": MAX_HEADER_BYTES,
        "limit_request_fields": MAX_HEADERS,
        # By default gunicorn believes the scheme that programs of this computer send (see `ProxyHeaders`).
        "forwarded_allow_ips": "",
    }
    if tls is not None:
        # The name of a file turns TLS on; the context replaces the one that gunicorn would make of it.
        values |= {"certfile": "given by ssl_context", "ssl_context": lambda _config, _factory: tls}
    for name, value in values.items():
        config.set(name, value)
    return config


class Connection(TConn):
    """A connection that is closed at once: gunicorn would wait for the client in the thread that accepts others."""

    def close(self, graceful: bool = False) -> None:
        """Close it. `Worker.handle` has waited for the client already."""
        super().close()


class Worker(ThreadWorker):
    """Gunicorn's thread worker without its parent process, with timeouts and the app's log.

    Args:
        listener: A listening socket.
        app: The WSGI app.
        config: Gunicorn's settings.
    """

    def __init__(self, listener: socket.socket, app: Any, config: Config) -> None:
        super().__init__(0, os.getppid(), [listener], app, 0, config, RequestLog())
        self.wsgi = app
        self._connections: weakref.WeakSet[Connection] = weakref.WeakSet()
        self._is_failing = False

    def serve(self) -> None:
        """Accept and serve connections until stopped."""
        self.tpool = self.get_thread_pool()
        self.poller = selectors.DefaultSelector()
        self.method_queue.init()
        self.run()

    def stop(self) -> None:
        """End `serve` and close all connections, also of clients that read nothing."""
        self.handle_exit(None, None)
        for connection in list(self._connections):
            with suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)

    def is_parent_alive(self) -> bool:
        """True: the app goes on when the program that started it has ended."""
        return True

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection. Gunicorn's worker would end at the first one that fails, and waits without limit."""
        try:
            client, address = listener.accept()
        except BlockingIOError:
            return
        except OSError as error:
            self._wait_after(error)
            return
        self._is_failing = False
        _set_timeouts(client, request_limits.SOCKET_TIMEOUT_S)
        connection = Connection(self.cfg, client, address, listener.getsockname())
        self._connections.add(connection)
        self.nr_conns += 1
        self.enqueue_req(connection)

    def handle(self, conn: TConn) -> Any:
        """Handle a request in a thread of the pool."""
        result = super().handle(conn)
        if not result:
            util.close_graceful(conn.sock)
        return result

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Answer a request that failed. Malformed ones are one line of the app's log."""
        if isinstance(exc, ssl.SSLError):  # a client without TLS
            return
        if not isinstance(exc, ParseException):
            super().handle_error(req, client, addr, exc)
            return
        status = _status_of(exc)
        log_refused_request(addr[0], status)
        with suppress(OSError):
            util.write_error(client, status, status.phrase, "")

    def _wait_after(self, error: OSError) -> None:
        """Log the first of several failures and pause. Clients wait in the queue meanwhile."""
        if not self._is_failing:
            log.warning("cannot accept connections (%s); retrying", error.strerror)
        self._is_failing = True
        time.sleep(RETRY_DELAY_S)


class RequestLog:
    """What gunicorn's worker logs, in the app's log. There is no access log."""

    def access(self, *_: Any) -> None:
        """Log nothing."""

    def debug(self, message: str, *args: Any) -> None:
        """Log an event of a connection."""
        log.debug(message, *args)

    info = debug

    def warning(self, message: str, *args: Any) -> None:
        """Log a warning."""
        log.warning(message, *args)

    def exception(self, message: str, *args: Any) -> None:
        """Log an error with its traceback; a connection that failed or timed out is none."""
        is_connection = isinstance(sys.exc_info()[1], OSError)
        log.log(logging.DEBUG if is_connection else logging.ERROR, message, *args, exc_info=not is_connection)


def _set_timeouts(client: socket.socket, timeout_s: float) -> None:
    """Limit each wait for a client. Options of the socket, since gunicorn resets Python's own timeout."""
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    seconds, fraction = divmod(timeout_s, 1)
    value = struct.pack("ll", int(seconds), int(fraction * 1e6))
    for option in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):
        client.setsockopt(socket.SOL_SOCKET, option, value)


def _status_of(error: ParseException) -> HTTPStatus:
    if isinstance(error, LimitRequestLine):
        return HTTPStatus.REQUEST_URI_TOO_LONG
    if isinstance(error, LimitRequestHeaders):
        return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    return HTTPStatus.BAD_REQUEST
