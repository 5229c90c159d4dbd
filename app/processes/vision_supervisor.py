"""Supervise the vision process from the web process: start it, restart it after a crash, and pass messages."""

from __future__ import annotations

import logging
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from app.processes.child_process import ChildProcess
from app.settings import Settings
from app.vision.runtime.process_limits import EXIT_OUT_OF_MEMORY, memory_limit_bytes
from app.vision.runtime.stall_timer import EXIT_CAMERA_HANGS, StallTimer
from app.wire import Message, face_ids, pack_message, read_message

# Delay before the first restart; doubled for each further one up to the limit.
FIRST_RESTART_DELAY_S = 0.1
MAX_RESTART_DELAY_S = 5.0
# More restarts than this within the window, and the process is not started again until a viewer asks for something.
MAX_RESTARTS = 5
RESTART_WINDOW_S = 60.0
# The process exits within 0.8 s of a `stop` command.
STOP_TIMEOUT_S = 1.2
# Time for a process that has closed its connection to exit by itself, or after a kill.
EXIT_TIMEOUT_S = 0.5
# Period of the stall check, and of the check whether a failed link is used again.
CHECK_PERIOD_S = 0.5
# What is sent without a viewer asking for anything.
COMMANDS_OF_NOBODY = ("views", "numbers", "camera_frame", "camera_gone")
# A running process sends a message at least every 0.5 s. While starting it loads its models, perhaps from a slow disk.
STALL_TIMEOUT_S = 5.0
START_TIMEOUT_S = 60.0

log = logging.getLogger(__name__)


class VisionProcessLink:
    """A `VisionLink` to a child process; call `receive` from one thread, the other methods from any.

    Works with system threads and with eventlet's green threads: it only uses sockets, events and sleeps, and polls the
    process instead of waiting for it.
    """

    def __init__(
        self, settings: Settings, command: Sequence[str] = (sys.executable, "-m", "app.vision.worker")
    ) -> None:
        self._settings, self._command = settings, tuple(command)
        self._log_prefix = f"camera {settings.camera_name}: " if settings.camera_name else ""
        self._send_lock = threading.Lock()
        self._retry_requested, self._closing = threading.Event(), threading.Event()
        self._connection: socket.socket | None = None
        self._process: ChildProcess | None = None
        self._loaded: socket.socket | None = None  # to a process that waits for its first message
        self._stall_thread: threading.Thread | None = None
        self._stall_timer, self._has_stalled = StallTimer(), False
        self._pending: deque[Message] = deque()
        self._state, self._restarts = "starting", 0
        self._restarted_at_s: deque[float] = deque(maxlen=MAX_RESTARTS)
        # State that a new process needs to continue where the last one stopped.
        self._views: Sequence[str] = ()
        self._numbers_wanted = True
        self._paused, self._source, self._next_id = False, settings.source, 1
        self._cameras_asked = False

    def load(self) -> None:
        """Start the process before `receive` does: it imports its modules, and opens no source until then."""
        with suppress(OSError):  # such as too little memory: `receive` tries again and says so
            self._loaded = self._open_process()

    def receive(self) -> Message | None:
        """Wait for the next message; None after `close`. The first call starts the process."""
        while not self._closing.is_set():
            if self._pending:
                return self._pending.popleft()
            if self._connection is None:
                self._start_when_due()
                continue
            message = self._read_message()
            if message is None:
                self._handle_exit()
            else:
                self._stall_timer.reset()
                self._observe(message)
                if message.type != "alive":
                    self._pending.append(message)
        self._drop_connection()
        return None

    def send(self, type: str, body: Mapping[str, Any] | None = None, parts: Sequence[bytes] = ()) -> None:
        """Send a command; while the process is down it is stored for the next one, except for frames of a browser."""
        body = body or {}
        self._store(type, body)
        if type not in COMMANDS_OF_NOBODY:
            self._retry_requested.set()  # a viewer asked for something: retry after too many crashes
        connection = self._connection
        if connection is None or type == "retry":
            return
        try:
            with self._send_lock:
                connection.sendall(pack_message(Message(type, body, parts)))
        except OSError:
            log.debug("the vision process is down; %s is not sent", type)

    def close(self) -> None:
        """Stop the process and end `receive`. Safe to call twice."""
        if self._closing.is_set():
            return
        self._closing.set()
        self.send("stop")
        if self._loaded is not None:
            self._loaded.close()  # a process that gets no first message exits
        process = self._process
        if process is not None:
            process.wait(STOP_TIMEOUT_S)
            process.kill(STOP_TIMEOUT_S)
        connection = self._connection
        if connection is not None:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)  # wakes `receive`, which closes it

    def _store(self, type: str, body: Mapping[str, Any]) -> None:
        if type == "views":
            self._views = list(body["views"])
        elif type == "numbers":
            self._numbers_wanted = bool(body["wanted"])
        elif type in ("pause", "resume", "seek"):
            self._paused = type == "pause"
        elif type == "select":
            self._source, self._paused = body["source"], False
        elif type == "list_cameras":
            self._cameras_asked = True

    def _observe(self, message: Message) -> None:
        """Store what a later process needs, and that this one is running."""
        if message.type == "frame":
            self._next_id = max([self._next_id, *(id + 1 for id in face_ids(message))])
        elif message.type == "status":
            camera = message.body["camera"]
            if camera["kind"] == "webcam" and self._source == "auto":
                self._source = camera["source"]  # never replace a webcam that was found by the demo
        elif message.type == "cameras":
            self._cameras_asked = False
        if self._state != "running":
            self._report_state("running")

    def _start_when_due(self) -> None:
        """Start the process: after a crash with a delay, after too many crashes when a viewer asks for something."""
        if self._state == "failed":
            self._retry_requested.wait(CHECK_PERIOD_S)
            if not self._retry_requested.is_set():
                return
            self._report_state("starting")
        elif self._state == "starting":
            self._report_state("starting")
        elif self._closing.wait(_restart_delay_s(len(self._recent_restarts()))):
            return
        if not self._closing.is_set():
            self._start()

    def _start(self) -> None:
        ours, self._loaded = self._loaded, None
        if ours is None:
            try:
                ours = self._open_process()
            except OSError as error:  # such as too little memory
                self._report_exit(f"the vision process cannot be started ({error.strerror})")
                return
        self._stall_timer.reset()
        self._has_stalled = False
        if self._stall_thread is None:
            self._stall_thread = threading.Thread(target=self._detect_stalls, name="stalls", daemon=True)
            self._stall_thread.start()
        with self._send_lock:  # no command may overtake the first message
            self._connection = ours
            with suppress(OSError):
                ours.sendall(pack_message(self._first_message()))
                if self._cameras_asked:
                    ours.sendall(pack_message(Message("list_cameras", {})))

    def _open_process(self) -> socket.socket:
        """Start the process and return the connection to it; raises OSError."""
        self._process = ChildProcess(self._command)
        return self._process.connection

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

    def _read_message(self) -> Message | None:
        assert self._connection is not None
        try:
            return read_message(self._connection)
        except OSError:
            return None

    def _handle_exit(self) -> None:
        """Make sure that the process has ended, and report the reason."""
        self._drop_connection()
        if self._closing.is_set() or self._process is None:
            return
        if not self._has_stalled:
            self._process.wait(EXIT_TIMEOUT_S)
        self._process.kill(EXIT_TIMEOUT_S)  # it no longer reads commands, but may still hold the camera
        if self._process.poll() == EXIT_CAMERA_HANGS:
            self._report_exit("the camera hangs", is_crash=False)
        elif self._process.poll() == EXIT_OUT_OF_MEMORY:
            limit_mb = memory_limit_bytes(self._settings) / 1e6
            self._report_exit(f"the vision process needed more memory than its limit of {limit_mb:.0f} MB")
        elif self._has_stalled:
            self._report_exit(f"the vision process has not responded for {STALL_TIMEOUT_S:g} s")
        else:
            self._report_exit(f"the vision process ended ({self._process.exit_reason})")

    def _report_exit(self, error: str, is_crash: bool = True) -> None:
        """Report that the process is restarted, or that it has crashed too often."""
        recent = len(self._recent_restarts())
        if not is_crash:
            self._restarts += 1
            self._report_state("restarting", f"{error}; reopening it")
        elif recent >= MAX_RESTARTS:
            self._retry_requested.clear()
            self._restarted_at_s.clear()
            self._report_state("failed", f"{error} {recent + 1} times within a minute; see the log for the reason")
        else:
            self._restarts += 1
            self._restarted_at_s.append(time.monotonic())
            self._report_state("restarting", f"{error}; restarting it")

    def _recent_restarts(self) -> list[float]:
        now_s = time.monotonic()
        return [at_s for at_s in self._restarted_at_s if now_s - at_s < RESTART_WINDOW_S]

    def _report_state(self, state: str, error: str | None = None) -> None:
        """Queue a `vision` message with the state of the process."""
        if error:
            log.error("%s%s", self._log_prefix, error)
        self._state = state
        pid = self._process.pid if self._process is not None and state == "running" else None
        self._pending.append(
            Message("vision", {"state": state, "pid": pid, "restarts": self._restarts, "error": error})
        )

    def _detect_stalls(self) -> None:
        """Close the connection to a process that does not respond; `receive` then replaces it."""
        while not self._closing.wait(CHECK_PERIOD_S):
            connection = self._connection
            timeout_s = STALL_TIMEOUT_S if self._state == "running" else START_TIMEOUT_S
            if connection is not None and self._stall_timer.elapsed_s() > timeout_s:
                self._has_stalled = True
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _restart_delay_s(recent_restarts: int) -> float:
    """Exponential backoff."""
    return min(MAX_RESTART_DELAY_S, FIRST_RESTART_DELAY_S * 2 ** max(0, recent_restarts - 1))
