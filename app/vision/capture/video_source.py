"""Webcams, streams and video files, read with OpenCV."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np

from app.domain import Frame
from app.errors import CameraUnavailable
from app.settings import Settings, without_credentials
from app.vision.capture.frame_source import Clock, SourceInfo, source_kind, source_name

# Frame rate if the source does not report a plausible one.
FALLBACK_FPS = 30.0
MAX_PLAUSIBLE_FPS = 1000
# Raw frames above this width exceed USB 2 at more than a few frames per second; they are requested as MJPEG.
MAX_RAW_WIDTH_PX = 640
# Live time stamps increase by at least this much.
MIN_TIME_STEP_S = 1e-4
# Bytes inspected to recognize a text file.
TEXT_SAMPLE_BYTES = 1024


class Capture(Protocol):
    """Part of `cv2.VideoCapture` used here."""

    def isOpened(self) -> bool: ...  # noqa: N802 - OpenCV's name
    def read(self) -> tuple[bool, Any]: ...
    def grab(self) -> bool: ...
    def get(self, property_id: int, /) -> float: ...
    def release(self) -> None: ...


OpenCapture = Callable[[str | int, int, Sequence[int]], Capture]


class VideoSource:
    """A webcam, stream or video file."""

    def __init__(self, settings: Settings, clock: Clock, open_capture: OpenCapture | None = None) -> None:
        self._settings, self._clock, self._open_capture = settings, clock, open_capture or _opencv_capture
        self._kind = source_kind(settings.source)
        self._name = source_name(settings.source, self._kind)
        self._mirrored = self._kind == "webcam" and settings.mirror
        self._capture = self._open()
        self._first_image: np.ndarray | None = self._read_first()
        self._opened_at_s = clock()
        self._index, self._loop_start_s, self._time_s = 0, 0.0, 0.0

    @property
    def info(self) -> SourceInfo:
        """Properties of the source."""
        live = self._kind != "file"
        height, width = self._first_shape
        shown = without_credentials(self._settings.source)
        return SourceInfo(self._kind, shown, self._name, width, height, self._fps, self._mirrored, live)

    @property
    def frame_count(self) -> int:
        """Number of frames that a file reports; 0 if unknown."""
        return max(0, int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT)))

    def read(self) -> Frame | None:
        """Decode the next frame; None at the end of a file."""
        image = self._next_image()
        if image is None:
            self._check_not_lost()
            return None
        now_s = self._clock()
        frame = Frame(image, self._index, self._time_stamp(now_s), now_s)
        self._index += 1
        return frame

    def skip(self) -> float | None:
        """Grab the next frame without decoding it; return its time stamp, or None at the end of a file."""
        if self._first_image is not None or not self._grab():
            frame = self.read()  # the first frame, or the end of a file
            return None if frame is None else frame.time_s
        self._position_s = self._reported_position_s()
        time_s = self._time_stamp(self._clock())
        self._index += 1
        return time_s

    def close(self) -> None:
        """Release the device or file."""
        self._capture.release()

    def _open(self) -> Capture:
        if self._kind == "file" and _is_text(self._settings.source):
            raise CameraUnavailable(_open_error(self._settings, self._kind))
        target, backend, parameters = _open_arguments(self._settings, self._kind)
        capture = self._open_capture(target, backend, parameters)
        if not capture.isOpened():
            capture.release()
            raise CameraUnavailable(_open_error(self._settings, self._kind))
        return capture

    def _read_first(self) -> np.ndarray:
        """Read one frame ahead: a device in use or a file without video opens, but delivers nothing."""
        image = self._decode()
        if image is None:
            self._capture.release()
            raise CameraUnavailable(_open_error(self._settings, self._kind))
        self._first_shape = image.shape[0], image.shape[1]
        fps = self._capture.get(cv2.CAP_PROP_FPS)
        self._fps = float(fps) if 0 < fps <= MAX_PLAUSIBLE_FPS else FALLBACK_FPS
        self._position_s = self._reported_position_s()
        return image

    def _next_image(self) -> np.ndarray | None:
        if self._first_image is not None:
            first, self._first_image = self._first_image, None
            return first
        image = self._decode()
        if image is None and self._kind == "file" and self._settings.loop:
            image = self._restart()
        self._position_s = self._reported_position_s()
        return image

    def _restart(self) -> np.ndarray | None:
        self._capture.release()
        self._capture = self._open()
        self._loop_start_s = self._time_s + 1 / self._fps
        return self._decode()

    def _decode(self) -> np.ndarray | None:
        """Next frame as RGB, flipped if it is mirrored."""
        try:
            success, image = self._capture.read()
        except cv2.error:  # a damaged file may declare a size that exceeds the memory
            return None
        if not success or image is None:
            return None
        if self._mirrored:
            image = cv2.flip(image, 1)
        return cv2.cvtColor(image, cv2.COLOR_GRAY2RGB if image.ndim == 2 else cv2.COLOR_BGR2RGB)

    def _grab(self) -> bool:
        """Take the next frame without decoding it; False at the end of a file."""
        try:
            grabbed = self._capture.grab()
        except cv2.error:
            grabbed = False
        if not grabbed:
            self._check_not_lost()
        return grabbed

    def _check_not_lost(self) -> None:
        if self._kind != "file":
            raise CameraUnavailable(f"{self._name} stopped sending frames; check its cable or network")

    def _reported_position_s(self) -> float:
        return max(0.0, self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)

    def _time_stamp(self, now_s: float) -> float:
        """Elapsed time for a live source, else the file's own time; always later than the last one."""
        if self._kind == "file":
            time_s = self._loop_start_s + self._position_s
            earliest = self._time_s + 0.5 / self._fps
        else:
            time_s, earliest = now_s - self._opened_at_s, self._time_s + MIN_TIME_STEP_S
        self._time_s = max(time_s, earliest) if self._index else max(0.0, time_s)
        return self._time_s


def _opencv_capture(target: str | int, backend: int, parameters: Sequence[int]) -> Capture:
    return cv2.VideoCapture(target, backend, parameters)


def _is_text(path: str) -> bool:
    """Whether a file is plain text, which FFmpeg would render as a video of a terminal."""
    try:
        with open(path, "rb") as file:
            start = file.read(TEXT_SAMPLE_BYTES)
        return bool(start) and b"\0" not in start and start.decode("utf-8", errors="ignore").encode() == start
    except OSError:
        return False


def _open_arguments(settings: Settings, kind: str) -> tuple[str | int, int, Sequence[int]]:
    if kind == "webcam":
        backend = cv2.CAP_V4L2 if sys.platform.startswith("linux") else cv2.CAP_ANY
        return int(settings.source), backend, _webcam_parameters(settings)
    if kind == "stream":
        limits = [
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
            round(settings.open_timeout_s * 1000),
            cv2.CAP_PROP_READ_TIMEOUT_MSEC,
            round(settings.read_timeout_s * 1000),
        ]
        return settings.source, cv2.CAP_FFMPEG, limits
    return settings.source, cv2.CAP_FFMPEG, []


def _webcam_parameters(settings: Settings) -> list[int]:
    """OpenCV parameters for size, rate and pixel format."""
    parameters: list[int] = []
    if settings.width and settings.width > MAX_RAW_WIDTH_PX:
        parameters += [cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG")]
    if settings.width:
        parameters += [cv2.CAP_PROP_FRAME_WIDTH, settings.width]
    if settings.height:
        parameters += [cv2.CAP_PROP_FRAME_HEIGHT, settings.height]
    if settings.fps:
        parameters += [cv2.CAP_PROP_FPS, round(settings.fps)]
    return parameters


def _open_error(settings: Settings, kind: str) -> str:
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
