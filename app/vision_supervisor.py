"""The web process's end of the link: starts the vision process, restarts it when it dies, passes messages."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from app.paths import PROJECT
from app.settings import Settings
from app.vision.runtime.stall_timer import EXIT_CAMERA_HANGS, StallTimer
from app.wire import Message, pack, read

FIRST_WAIT_S, LONGEST_WAIT_S = 0.1, 5.0
MOST_RESTARTS, RESTARTS_WITHIN_S = 5, 60.0
STOP_WITHIN_S = 1.2  # it ends by itself within 0.8 s
BURIAL_S = 0.5
LOOK_EVERY_S = 0.5
SILENT_S = 5.0  # a process says at least every half second that it works
STARTING_S = 60.0  # but first it loads its models, perhaps from a slow disk

log = logging.getLogger(__name__)


class VisionProcessLink:
    """A `VisionLink` to a process of its own; `receive` belongs to one thread, the rest to any.

    Works with plain threads and under eventlet's green ones: it uses sockets, events and sleeps only, and polls
    the process instead of waiting for it.
    """

    def __init__(
        self, settings: Settings, command: Sequence[str] = (sys.executable, "-m", "app.vision.worker")
    ) -> None:
        self._settings, self._command = settings, tuple(command)
        self._sending = threading.Lock()
        self._wake, self._closing = threading.Event(), threading.Event()
        self._connection: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._watching: threading.Thread | None = None
        self._silence, self._hangs = StallTimer(), False
        self._pending: deque[Message] = deque()
        self._state, self._restarts = "starting", 0
        self._restarted_at_s: deque[float] = deque(maxlen=MOST_RESTARTS)
        # What a new process must be told to go on where the last one stopped.
        self._views: Sequence[str] = ()
        self._numbers_wanted = True
        self._paused, self._source, self._next_id = False, settings.source, 1
        self._cameras_asked = False

    def receive(self) -> Message | None:
        """Wait for the next message; None once `close` was called. The first call starts the process."""
        while not self._closing.is_set():
            if self._pending:
                return self._pending.popleft()
            if self._connection is None:
                self._start_when_due()
                continue
            message = self._read()
            if message is None:
                self._bury()
            else:
                self._silence.broken()
                self._learn(message)
                if message.type != "alive":
                    self._pending.append(message)
        self._drop_connection()
        return None

    def send(self, type: str, body: Mapping[str, Any] | None = None) -> None:
        """Send a command; while the process is down it is remembered for the next one."""
        body = body or {}
        self._remember(type, body)
        if type not in ("views", "numbers"):
            self._wake.set()  # a person asks for something: a link that has given up tries again
        connection = self._connection
        if connection is None or type == "retry":
            return
        try:
            with self._sending:
                connection.sendall(pack(Message(type, body)))
        except OSError:
            log.debug("the vision process is gone; %s is not sent", type)

    def close(self) -> None:
        """Stop the process and end `receive`; may be called twice."""
        if self._closing.is_set():
            return
        self._closing.set()
        self.send("stop")
        process = self._process
        if process is not None:
            _wait(process, STOP_WITHIN_S)
            if process.poll() is None:
                process.kill()
                _wait(process, STOP_WITHIN_S)
        connection = self._connection
        if connection is not None:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)  # wakes `receive`, which closes it

    def _remember(self, type: str, body: Mapping[str, Any]) -> None:
        if type == "views":
            self._views = list(body["views"])
        elif type == "numbers":
            self._numbers_wanted = bool(body["wanted"])
        elif type in ("pause", "resume"):
            self._paused = type == "pause"
        elif type == "select":
            self._source, self._paused = body["source"], False
        elif type == "list_cameras":
            self._cameras_asked = True

    def _learn(self, message: Message) -> None:
        """Note what a later process must know, and that this one lives."""
        if message.type == "frame":
            self._next_id = max([self._next_id, *(face["id"] + 1 for face in message.body["faces"])])
        elif message.type == "status":
            camera = message.body["camera"]
            if camera["kind"] == "webcam" and self._source == "auto":
                self._source = camera["source"]  # a webcam once found is never given up for the demo
        elif message.type == "cameras":
            self._cameras_asked = False
        if self._state != "running":
            self._say("running")

    def _start_when_due(self) -> None:
        """Start a process; after a death wait first, after too many until someone asks for something."""
        if self._state == "failed":
            self._wake.wait(0.5)
            if not self._wake.is_set():
                return
            self._say("starting")
        elif self._state == "starting":
            self._say("starting")
        elif self._closing.wait(_delay_s(len(self._recent_restarts()))):
            return
        if not self._closing.is_set():
            self._start()

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        path = os.pathsep.join(filter(None, [str(PROJECT), os.environ.get("PYTHONPATH")]))
        number = theirs.fileno()
        try:
            self._process = subprocess.Popen(
                [*self._command, str(number)],
                pass_fds=[number],
                stdin=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": path},
            )
        except OSError as error:  # no memory for another process, say
            ours.close()
            self._note_end(f"the vision process cannot be started ({error.strerror})")
            return
        finally:
            theirs.close()
        self._silence.broken()
        self._hangs = False
        if self._watching is None:
            self._watching = threading.Thread(target=self._watch, name="watch", daemon=True)
            self._watching.start()
        with self._sending:  # nothing may overtake the first message
            self._connection = ours
            with suppress(OSError):
                ours.sendall(pack(self._first_message()))
                if self._cameras_asked:
                    ours.sendall(pack(Message("list_cameras", {})))

    def _first_message(self) -> Message:
        body = {
            "settings": self._settings.to_dict(),
            "source": self._source,
            "paused": self._paused,
            "views": list(self._views),
            "numbers": self._numbers_wanted,
            "first_id": self._next_id,
        }
        return Message("start", body)

    def _read(self) -> Message | None:
        assert self._connection is not None
        try:
            return read(self._connection)
        except OSError:
            return None

    def _bury(self) -> None:
        """Make sure of the process's end."""
        self._drop_connection()
        if self._closing.is_set() or self._process is None:
            return
        if not self._hangs:
            _wait(self._process, BURIAL_S)
        if self._process.poll() is None:
            self._process.kill()  # it no longer listens, but may still hold the camera
            _wait(self._process, BURIAL_S)
        if self._process.poll() == EXIT_CAMERA_HANGS:
            self._note_end("the camera hangs", is_crash=False)
        elif self._hangs:
            self._note_end(f"the vision process has not responded for {SILENT_S:g} s")
        else:
            self._note_end(f"the vision process ended ({_ending(self._process)})")

    def _note_end(self, error: str, is_crash: bool = True) -> None:
        """Say that it is started again, or that it has crashed too often."""
        recent = len(self._recent_restarts())
        if not is_crash:
            self._restarts += 1
            self._say("restarting", f"{error}; reopening it")
        elif recent >= MOST_RESTARTS:
            self._wake.clear()
            self._restarted_at_s.clear()
            self._say("failed", f"{error} {recent + 1} times within a minute; see the log for the reason")
        else:
            self._restarts += 1
            self._restarted_at_s.append(time.monotonic())
            self._say("restarting", f"{error}; restarting it")

    def _recent_restarts(self) -> list[float]:
        now = time.monotonic()
        return [at_s for at_s in self._restarted_at_s if now - at_s < RESTARTS_WITHIN_S]

    def _say(self, state: str, error: str | None = None) -> None:
        """Put a `vision` message of our own in front of what comes next."""
        if error:
            log.error("%s", error)
        self._state = state
        pid = self._process.pid if self._process is not None and state == "running" else None
        self._pending.append(
            Message("vision", {"state": state, "pid": pid, "restarts": self._restarts, "error": error})
        )

    def _watch(self) -> None:
        """End the connection to a process that hangs or was stopped; `receive` then replaces it."""
        while not self._closing.wait(LOOK_EVERY_S):
            connection = self._connection
            patience_s = SILENT_S if self._state == "running" else STARTING_S
            if connection is not None and self._silence.seconds() > patience_s:
                self._hangs = True
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _delay_s(recent_restarts: int) -> float:
    """0.1 s before the first restart, twice as long before each further one."""
    return min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** max(0, recent_restarts - 1))


def _ending(process: subprocess.Popen[bytes]) -> str:
    code = process.poll()
    if code is None:
        return "it closed its connection"
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Poll, since a blocking wait would stop every green thread."""
    ends_s = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < ends_s:
        time.sleep(0.01)
