"""Webcams, streams and video files, read with OpenCV."""

from __future__ import annotations

import math

import cv2
import numpy as np

from app.domain import Frame
from app.errors import CameraUnavailable
from app.settings import Settings
from app.source_names import without_credentials
from app.vision.capture.frame_reader import FrameReader
from app.vision.capture.frame_source import Clock, SourceInfo, source_kind, source_name
from app.vision.capture.video_capture import OpenCapture, open_capture, open_error

# Frame rate if the source does not report a plausible one.
FALLBACK_FPS = 30.0
MIN_PLAUSIBLE_FPS = 0.5
MAX_PLAUSIBLE_FPS = 1000
# Live time stamps increase by at least this much.
MIN_TIME_STEP_S = 1e-4


class VideoSource:
    """A webcam, stream or video file."""

    def __init__(self, settings: Settings, clock: Clock, open_with: OpenCapture | None = None) -> None:
        self._settings, self._clock, self._open_with = settings, clock, open_with
        self._kind = source_kind(settings.source)
        self._name = source_name(settings.source, self._kind)
        self._mirrored = self._kind == "webcam" and settings.mirror
        self._open()
        self._first_image: np.ndarray | None = self._read_first()
        self._opened_at_s = clock()
        self._index, self._loop_start_s, self._time_s = 0, 0.0, 0.0

    @property
    def info(self) -> SourceInfo:
        """Properties of the source."""
        live = self._kind != "file"
        height, width = self._first_shape
        shown = without_credentials(self._settings.source)
        return SourceInfo(
            self._kind,
            shown,
            self._name,
            width,
            height,
            self._fps,
            self._mirrored,
            live,
            duration_s=self._duration_s,
        )

    @property
    def position_s(self) -> float | None:
        """Position of the last frame read or skipped, in seconds; None unless the source is a file."""
        return self._position_s if self._kind == "file" else None

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

    def seek(self, position_s: float) -> None:
        """Continue a file with the frame at this position. Call it before the first frame is read."""
        self._capture.set(cv2.CAP_PROP_POS_MSEC, 1000 * position_s)
        self._first_image = self._decode()
        self._position_s = self._reported_position_s()

    def close(self) -> None:
        """Release the device or file."""
        self._capture.release()

    def _open(self) -> None:
        self._capture = open_capture(self._settings, self._kind, self._open_with)
        self._reader = FrameReader(self._capture, self._settings.max_side, self._kind == "stream")

    def _read_first(self) -> np.ndarray:
        """Read one frame ahead: a device in use or a file without video opens, but delivers nothing."""
        image = self._decode()
        if image is None:
            self._capture.release()
            raise CameraUnavailable(open_error(self._settings, self._kind))
        self._first_shape = image.shape[0], image.shape[1]
        fps = self._capture.get(cv2.CAP_PROP_FPS)
        self._fps = max(MIN_PLAUSIBLE_FPS, fps) if 0 < fps <= MAX_PLAUSIBLE_FPS else FALLBACK_FPS
        self._position_s = self._reported_position_s()
        has_length = self._kind == "file" and self.frame_count > 0
        self._duration_s = self.frame_count / self._fps if has_length else None
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
        self._open()
        self._loop_start_s = self._time_s + 1 / self._fps
        return self._decode()

    def _decode(self) -> np.ndarray | None:
        """Next frame as RGB, flipped if it is mirrored; None at the end of a file.

        Raises:
            CameraUnavailable: a file holds no frame within the time-out.
        """
        started_s = self._clock()
        image = self._reader.read()
        if image is None and self._kind == "file" and self._clock() - started_s >= self._settings.read_timeout_s:
            limit_s = self._settings.read_timeout_s
            raise CameraUnavailable(f"{self._name} is damaged: it has no frame for {limit_s:g} s; choose another file")
        return cv2.flip(image, 1) if image is not None and self._mirrored else image

    def _grab(self) -> bool:
        """Take the next frame without decoding it; False at the end of a file."""
        grabbed = self._reader.grab()
        if not grabbed:
            self._check_not_lost()
        return grabbed

    def _check_not_lost(self) -> None:
        if self._kind != "file":
            raise CameraUnavailable(f"{self._name} stopped sending frames; check its cable or network")

    def _reported_position_s(self) -> float:
        position_s = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        return position_s if math.isfinite(position_s) and position_s > 0 else 0.0

    def _time_stamp(self, now_s: float) -> float:
        """Elapsed time for a live source, else the file's own time; always later than the last one."""
        if self._kind == "file":
            time_s = self._loop_start_s + self._position_s
            earliest = self._time_s + 0.5 / max(self._fps, FALLBACK_FPS)  # the header may claim too low a rate
        else:
            time_s, earliest = now_s - self._opened_at_s, self._time_s + MIN_TIME_STEP_S
        self._time_s = max(time_s, earliest) if self._index else max(0.0, time_s)
        return self._time_s
