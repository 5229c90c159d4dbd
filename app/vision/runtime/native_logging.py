"""Silence the log output of native libraries, which would hide the app's own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import cv2

STDERR_DESCRIPTOR = 2


def silence_native_libraries() -> None:
    """Silence OpenCV and its FFmpeg; call once per process."""
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # AV_LOG_QUIET
    os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


@contextmanager
def mute_native_stderr() -> Iterator[None]:
    """Discard what native code writes to standard error, for calls without a log level."""
    with suppress(OSError):
        original = os.dup(STDERR_DESCRIPTOR)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, STDERR_DESCRIPTOR)
        os.close(null)
        try:
            yield
        finally:
            os.dup2(original, STDERR_DESCRIPTOR)
            os.close(original)
