"""The vision process: `python -m app.vision.worker FD`, started by `VisionProcessLink`."""

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
from app.vision.runtime.thread_limits import ENVIRONMENT, THREADS


def main(descriptor: int) -> None:
    """Serve the connection with this file descriptor."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the web process, which then ends this one
    logs.configure()
    threading.excepthook = _end_with
    os.environ.update(ENVIRONMENT)
    if hasattr(os, "nice"):
        os.nice(5)  # the page answers at once even while every core is computing
    with suppress(OSError):  # where memory runs out, Linux ends this process, which is started again, and no other
        Path("/proc/self/oom_score_adj").write_text("500")
    connection = socket.socket(fileno=descriptor)
    connection.setblocking(True)  # a green socket of the web process hands its end over non-blocking

    from app.wire import read

    start = read(connection)
    if start is None:
        return
    logs.configure(start.body["settings"]["log_level"], start.body["settings"]["log_json"])
    # V4L2 waits 10 s for a picture unless this says otherwise; OpenCV reads it when it is first used.
    timeout_s = max(1, round(start.body["settings"]["read_timeout_s"]))
    os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", str(timeout_s))

    import cv2

    from app.vision.runtime.native_logging import silence_native_libraries
    from app.vision.worker.worker import VisionWorker

    silence_native_libraries()
    cv2.setNumThreads(THREADS)
    VisionWorker(connection, start.body).run()
    os._exit(0)  # the camera is released and nothing is left to save; taking the libraries apart takes long


def _end_with(failure: threading.ExceptHookArgs) -> None:
    """A thread that fails unexpectedly ends the process: the web process starts a fresh one."""
    error = (failure.exc_type, failure.exc_value or failure.exc_type(), failure.exc_traceback)
    logging.getLogger("vision").critical("%s failed", failure.thread and failure.thread.name, exc_info=error)
    os._exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
