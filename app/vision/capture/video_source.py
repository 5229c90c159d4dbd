"""Webcams, streams and video files, read through OpenCV."""

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

FALLBACK_FPS = 30.0


class Capture(Protocol):
    """The part of `cv2.VideoCapture` that is used here."""

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
        self._waiting: np.ndarray | None = self._first_picture()
        self._opened_at_s = clock()
        self._index, self._loop_start_s, self._time_s = 0, 0.0, 0.0

    @property
    def info(self) -> SourceInfo:
        live = self._kind != "file"
        height, width = self._waiting_shape
        shown = without_credentials(self._settings.source)
        return SourceInfo(self._kind, shown, self._name, width, height, self._fps, self._mirrored, live)

    @property
    def frame_count(self) -> int:
        """How many pictures a file says it has; 0 where it does not say."""
        return max(0, int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT)))

    def read(self) -> Frame | None:
        image = self._next_image()
        if image is None:
            self._check_not_lost()
            return None
        now = self._clock()
        frame = Frame(image, self._index, self._time_of_picture(now), now)
        self._index += 1
        return frame

    def skip(self) -> float | None:
        if self._waiting is not None or not self._grabs():
            frame = self.read()  # the first picture, or the end of a file
            return None if frame is None else frame.time_s
        self._position_s = self._told_position_s()
        time_s = self._time_of_picture(self._clock())
        self._index += 1
        return time_s

    def close(self) -> None:
        self._capture.release()

    def _open(self) -> Capture:
        if self._kind == "file" and _is_text(self._settings.source):
            raise CameraUnavailable(_why_not(self._settings, self._kind))
        target, backend, parameters = _how_to_open(self._settings, self._kind)
        capture = self._open_capture(target, backend, parameters)
        if not capture.isOpened():
            capture.release()
            raise CameraUnavailable(_why_not(self._settings, self._kind))
        return capture

    def _first_picture(self) -> np.ndarray:
        """Read one picture ahead: a device in use and a file that is no video open, but deliver nothing."""
        image = self._decoded()
        if image is None:
            self._capture.release()
            raise CameraUnavailable(_why_not(self._settings, self._kind))
        self._waiting_shape = image.shape[0], image.shape[1]
        told = self._capture.get(cv2.CAP_PROP_FPS)
        self._fps = float(told) if 0 < told <= 1000 else FALLBACK_FPS
        self._position_s = self._told_position_s()
        return image

    def _next_image(self) -> np.ndarray | None:
        if self._waiting is not None:
            image, self._waiting = self._waiting, None
            return image
        decode_cells = self._decoded()
        if decode_cells is None and self._kind == "file" and self._settings.loop:
            decode_cells = self._first_of_next_round()
        self._position_s = self._told_position_s()
        return decode_cells

    def _first_of_next_round(self) -> np.ndarray | None:
        self._capture.release()
        self._capture = self._open()
        self._loop_start_s = self._time_s + 1 / self._fps
        return self._decoded()

    def _decoded(self) -> np.ndarray | None:
        """The next picture as RGB, mirrored before anything is drawn on it."""
        try:
            arrived, image = self._capture.read()
        except cv2.error:  # a damaged file may claim sizes that no memory holds
            return None
        if not arrived or image is None:
            return None
        if self._mirrored:
            image = cv2.flip(image, 1)
        return cv2.cvtColor(image, cv2.COLOR_GRAY2RGB if image.ndim == 2 else cv2.COLOR_BGR2RGB)

    def _grabs(self) -> bool:
        """Take the next picture from the device or file without decoding or converting it; False at a file's end."""
        try:
            grabbed = self._capture.grab()
        except cv2.error:
            grabbed = False
        if not grabbed:
            self._check_not_lost()
        return grabbed

    def _check_not_lost(self) -> None:
        if self._kind != "file":
            raise CameraUnavailable(f"{self._name} stopped sending pictures; check its cable or network")

    def _told_position_s(self) -> float:
        return max(0.0, self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)

    def _time_of_picture(self, now: float) -> float:
        """Wall time of a live source, a file's own time otherwise; always later than the picture before."""
        if self._kind == "file":
            time_s = self._loop_start_s + self._position_s
            earliest = self._time_s + 0.5 / self._fps
        else:
            time_s, earliest = now - self._opened_at_s, self._time_s + 1e-4
        self._time_s = max(time_s, earliest) if self._index else max(0.0, time_s)
        return self._time_s


def _opencv_capture(target: str | int, backend: int, parameters: Sequence[int]) -> Capture:
    return cv2.VideoCapture(target, backend, parameters)


def _is_text(path: str) -> bool:
    """FFmpeg would show a text file as a film of a terminal."""
    try:
        with open(path, "rb") as file:
            start = file.read(1024)
        return bool(start) and b"\0" not in start and start.decode("utf-8", errors="ignore").encode() == start
    except OSError:
        return False


def _how_to_open(settings: Settings, kind: str) -> tuple[str | int, int, Sequence[int]]:
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
    """Sizes beyond 640x480 are asked for as MJPEG: raw pictures of that size fill a USB 2 line at a few a second."""
    parameters: list[int] = []
    if settings.width and settings.width > 640:
        parameters += [cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG")]
    if settings.width:
        parameters += [cv2.CAP_PROP_FRAME_WIDTH, settings.width]
    if settings.height:
        parameters += [cv2.CAP_PROP_FRAME_HEIGHT, settings.height]
    if settings.fps:
        parameters += [cv2.CAP_PROP_FPS, round(settings.fps)]
    return parameters


def _why_not(settings: Settings, kind: str) -> str:
    """One line that names the source, the likely cause and the remedy."""
    shown = without_credentials(settings.source)
    if kind == "webcam":
        return _why_no_webcam(shown)
    if kind == "stream":
        return (
            f"{shown} sends no pictures (waited up to {settings.open_timeout_s:g} s); "
            "check the address and that the camera is on"
        )
    if not os.path.exists(settings.source):
        return f"there is no file or folder {shown!r}; check the path, or choose the demo scene (CAMERA=demo)"
    return f"{shown!r} is no video that can be read; give a video file, a folder of pictures, or choose the demo scene"


def _why_no_webcam(index: str) -> str:
    if sys.platform.startswith("linux") and Path(f"/dev/video{index}").exists():
        return (
            f"webcam {index} is there but gives no pictures; close the program that uses it, "
            f"or allow this user to read /dev/video{index}"
        )
    return f"there is no webcam {index}, or it is in use; plug one in, or choose the demo scene (CAMERA=demo)"
