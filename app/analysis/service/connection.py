"""The end of a child process of the server: its connection, its priority and its limits."""

from __future__ import annotations

import os
import signal
import socket
import threading
from contextlib import suppress
from pathlib import Path

from app.analysis.worker import OOM_SCORE_ADJUSTMENT
from app.settings import Settings
from app.vision.runtime.process_limits import forbid_core_dumps, limit_memory, memory_limit_bytes
from app.wire import read_message


def connect(descriptor: int, niceness: int) -> tuple[socket.socket, Settings]:
    """Take up the connection; returns it and the settings of the server. Lowers the priority of this process.

    Raises:
        SystemExit: the server has ended.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the server too, which then ends this process
    os.nice(niceness)
    forbid_core_dumps()
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(str(OOM_SCORE_ADJUSTMENT))
    connection = socket.socket(fileno=descriptor)
    connection.setblocking(True)
    start = read_message(connection)
    if start is None:
        raise SystemExit(0)
    settings = Settings(**start.body["settings"])
    limit_memory(memory_limit_bytes(settings))
    return connection, settings


def end_with_server(connection: socket.socket) -> None:
    """End this process when the server has ended or closes the connection."""

    def watch() -> None:
        with suppress(OSError):
            connection.recv(1)
        os._exit(0)

    threading.Thread(target=watch, name="server", daemon=True).start()
