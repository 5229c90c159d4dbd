"""Start a child process of the server that is connected by a socket; works with system threads and green ones."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress

from app.paths import PROJECT
from app.settings import Settings
from app.wire import Message, pack_message

# After a kill a process is gone at once, unless a device or a network disk holds it.
EXIT_TIMEOUT_S = 2.0
EXIT_POLL_PERIOD_S = 0.01


class ChildProcess:
    """A process that ends when this end of its connection closes.

    Args:
        command: Run as `COMMAND... DESCRIPTOR ARGUMENT...`, with the descriptor of its end of the connection.
    Raises:
        OSError: the process cannot be started.
    """

    def __init__(self, command: Sequence[str], *arguments: str) -> None:
        self.connection, theirs = socket.socketpair()
        path = os.pathsep.join(filter(None, [str(PROJECT), os.environ.get("PYTHONPATH")]))
        try:
            self._process = subprocess.Popen(
                [*command, str(theirs.fileno()), *arguments],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": path},
            )
        except OSError:
            self.connection.close()
            raise
        finally:
            theirs.close()

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def poll(self) -> int | None:
        """The exit code; None while the process runs."""
        return self._process.poll()

    def wait(self, timeout_s: float = EXIT_TIMEOUT_S) -> None:
        """Wait for the end. It is polled, since a blocking wait would stop all green threads."""
        deadline_s = time.monotonic() + timeout_s
        while self._process.poll() is None and time.monotonic() < deadline_s:
            time.sleep(EXIT_POLL_PERIOD_S)

    def kill(self, timeout_s: float = EXIT_TIMEOUT_S) -> None:
        """Kill it, if it runs, and wait for its end."""
        if self._process.poll() is None:
            self._process.kill()
            self.wait(timeout_s)

    def end(self) -> None:
        """End it at once. May be called twice."""
        self.kill()
        self.connection.close()

    @property
    def exit_reason(self) -> str:
        """Why it ended, in words."""
        code = self._process.poll()
        if code is None:
            return "it closed its connection"
        return f"signal {-code}" if code < 0 else f"exit code {code}"


def start_analysis(module: str, settings: Settings, *arguments: str) -> ChildProcess:
    """Start `python -m MODULE DESCRIPTOR ARGUMENT...`, which gets the settings as the first message, `start`.

    Raises:
        OSError: the process cannot be started.
    """
    process = ChildProcess((sys.executable, "-m", module), *arguments)
    with suppress(OSError):  # it has ended already, which whoever reads finds
        process.connection.sendall(pack_message(Message("start", {"settings": settings.to_dict()})))
    return process
