"""Keep the chatter of native libraries off the terminal, so that our own lines can be read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import cv2


def silence_native_libraries() -> None:
    """Silence OpenCV and its FFmpeg; called once by whoever owns the process."""
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


@contextmanager
def mute_native_stderr() -> Iterator[None]:
    """Send what native code writes to file descriptor 2 nowhere, for calls that offer no switch of their own."""
    with suppress(OSError):
        kept = os.dup(2)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
