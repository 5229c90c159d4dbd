"""Entry point of the vision process: `python -m app.vision.worker FD`, started by `VisionProcessLink`."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path

from app import logs
from app.settings import Settings
from app.vision.runtime.process_limits import (
    EXIT_OUT_OF_MEMORY,
    forbid_core_dumps,
    is_out_of_memory,
    limit_memory,
    memory_limit_bytes,
)
from app.vision.runtime.thread_limits import THREAD_ENVIRONMENT, THREADS

# Out of memory, Linux ends this process first: it is restarted, other programs are not.
OOM_SCORE_ADJUSTMENT = 500


def main(descriptor: int) -> None:
    """Serve the web process on the socket with this file descriptor."""
    _set_up_process()
    connection = socket.socket(fileno=descriptor)
    connection.setblocking(True)  # eventlet's sockets are non-blocking, and this end inherits that

    # Before the first message, which `VisionProcessLink.load` makes wait.
    import cv2

    from app.vision.runtime.native_logging import silence_native_libraries
    from app.vision.worker.worker import VisionWorker
    from app.wire import read_message

    silence_native_libraries()
    cv2.setNumThreads(THREADS)
    start = read_message(connection)
    if start is None:
        return
    settings = Settings(**start.body["settings"])
    logs.configure(settings.log_level, settings.log_json, settings.camera_name)
    limit_memory(memory_limit_bytes(settings))
    # V4L2 blocks 10 s for a frame by default. OpenCV reads this variable on first use.
    timeout_s = max(1, round(settings.read_timeout_s))
    os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", str(timeout_s))
    try:
        VisionWorker(connection, start.body).run()
    except Exception as error:
        _exit_on_error("vision", error)
    os._exit(0)  # the camera is released and nothing is left to save; a regular exit unloads libraries for long


def _set_up_process() -> None:
    """Set signals, logging, limits and priority."""
    forbid_core_dumps()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the web process too, which then ends this one
    logs.configure()
    threading.excepthook = _exit_on_thread_error
    os.environ.update(THREAD_ENVIRONMENT)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(str(OOM_SCORE_ADJUSTMENT))


def _exit_on_thread_error(failure: threading.ExceptHookArgs) -> None:
    """End the process when a thread fails unexpectedly; the web process starts a new one."""
    _exit_on_error(failure.thread.name if failure.thread else "thread", failure.exc_value or failure.exc_type())


def _exit_on_error(name: str, error: BaseException) -> None:
    """Log the error and end the process with an exit code that tells a lack of memory from other failures."""
    log = logging.getLogger("vision")
    if is_out_of_memory(error):
        log.critical("%s: out of memory", name)
        os._exit(EXIT_OUT_OF_MEMORY)
    log.critical("%s failed", name, exc_info=error)
    os._exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
