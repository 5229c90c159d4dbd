"""Open videos, streams and webcams with OpenCV, and say why that failed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import cv2

from app.errors import CameraUnavailable
from app.settings import Settings
from app.source_names import without_credentials
from app.vision.capture.frame_source import fit_size
from app.vision.capture.image_file import open_regular_file

# Raw frames above this width exceed USB 2 at more than a few frames per second; they are requested as MJPEG.
MAX_RAW_WIDTH_PX = 640
# Bytes inspected to recognize a text file.
TEXT_SAMPLE_BYTES = 1024


class Capture(Protocol):
    """Part of `cv2.VideoCapture` used here."""

    def isOpened(self) -> bool: ...  # noqa: N802 - OpenCV's name
    def read(self) -> tuple[bool, Any]: ...
    def grab(self) -> bool: ...
    def get(self, property_id: int, /) -> float: ...
    def set(self, property_id: int, value: float, /) -> bool: ...
    def release(self) -> None: ...


OpenCapture = Callable[[str | int, int, Sequence[int]], Capture]


def open_capture(settings: Settings, kind: str, open_with: OpenCapture | None = None) -> Capture:
    """Open the source of `settings.source`.

    Args:
        open_with: Replaces `cv2.VideoCapture`; tests inject a fake camera.
    Raises:
        CameraUnavailable: it cannot be opened.
    """
    if kind == "file":
        try:
            check_video_file(settings.source)
        except (OSError, ValueError):
            raise CameraUnavailable(open_error(settings, kind)) from None
    target, backend, parameters = _open_arguments(settings, kind)
    capture = (open_with or _opencv_capture)(target, backend, parameters)
    if not capture.isOpened():
        capture.release()
        raise CameraUnavailable(open_error(settings, kind))
    return capture


def _opencv_capture(target: str | int, backend: int, parameters: Sequence[int]) -> Capture:
    return cv2.VideoCapture(target, backend, parameters)


def check_video_file(path: str | Path) -> None:
    """Refuse what FFmpeg would wait for, such as a named pipe, and plain text, which it would render as a video.

    Raises:
        OSError: the file cannot be opened.
        ValueError: it is not a regular file, or is plain text.
    """
    with open_regular_file(path) as file:
        start = file.read(TEXT_SAMPLE_BYTES)
    if start and b"\0" not in start and start.decode("utf-8", errors="ignore").encode() == start:
        raise ValueError("plain text")


def _open_arguments(settings: Settings, kind: str) -> tuple[str | int, int, Sequence[int]]:
    if kind == "webcam":
        backend = cv2.CAP_V4L2 if sys.platform.startswith("linux") else cv2.CAP_ANY
        return int(settings.source), backend, _webcam_parameters(settings)
    # For files too: in one that is damaged FFmpeg may search for the next frame for minutes.
    timeouts = [
        cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
        round(settings.open_timeout_s * 1000),
        cv2.CAP_PROP_READ_TIMEOUT_MSEC,
        round(settings.read_timeout_s * 1000),
    ]
    return settings.source, cv2.CAP_FFMPEG, timeouts


def _webcam_parameters(settings: Settings) -> list[int]:
    """OpenCV parameters for size, rate and pixel format."""
    parameters: list[int] = []
    width, height = settings.width, settings.height
    if width and height:
        width, height = fit_size(width, height, settings.max_side)
    if width and width > MAX_RAW_WIDTH_PX:
        parameters += [cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG")]
    if width:
        parameters += [cv2.CAP_PROP_FRAME_WIDTH, width]
    if height:
        parameters += [cv2.CAP_PROP_FRAME_HEIGHT, height]
    if settings.fps:
        parameters += [cv2.CAP_PROP_FPS, round(settings.fps)]
    return parameters


def open_error(settings: Settings, kind: str) -> str:
    """One line with the source, the likely cause and the remedy."""
    shown = without_credentials(settings.source)
    if kind == "webcam":
        return _webcam_error(shown)
    if kind == "stream":
        return (
            f"{shown} sends no frames (waited up to {settings.open_timeout_s:g} s); "
            "check the address and that the camera is on"
        )
    if not os.path.exists(settings.source):
        return f"there is no file or folder {shown!r}; check the path, or choose the demo scene (CAMERA=demo)"
    return f"{shown!r} is not a readable video; give a video file, a folder of images, or choose the demo scene"


def _webcam_error(index: str) -> str:
    if sys.platform.startswith("linux") and Path(f"/dev/video{index}").exists():
        return (
            f"webcam {index} exists but delivers no frames; close the program that uses it, "
            f"or allow this user to read /dev/video{index}"
        )
    return f"there is no webcam {index}, or it is in use; plug one in, or choose the demo scene (CAMERA=demo)"
