"""A browser's camera: JPEG frames that the web process receives and passes on, decoded here."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass

import cv2
import numpy as np

from app.domain import Frame
from app.errors import NoBrowserCamera
from app.settings import Settings
from app.vision.capture.frame_source import Clock, FrameSource, SourceInfo, fit_size, source_kind, source_name
from app.vision.capture.open_source import open_source

# Time that opening waits for a first frame before viewers are told to wait for a browser.
OPEN_WAIT_S = 0.5
# Frames come at any rate that the link allows. This is the lowest that counts as live: viewers wait for two intervals.
LOWEST_FPS = 0.5
FRAME_TIMEOUT_S = 2 / LOWEST_FPS
# An older frame is not shown: the camera was paused since.
MAX_FRAME_AGE_S = 2.0
# Longest delay of a link that time stamps make up for; a browser's clock may also jump.
MAX_DELAY_S = 1.0
# Time stamps increase by at least this much.
MIN_TIME_STEP_S = 1e-4
# Relative difference of two aspect ratios that comes from rounding to whole pixels.
ASPECT_TOLERANCE = 0.02


@dataclass(frozen=True, slots=True)
class BrowserFrame:
    """A frame as the web process received it.

    Attributes:
        jpeg: A JPEG file, whose header the web process has checked.
        received_at_s: `time.monotonic()` when it arrived; all processes of a computer share this clock.
        captured_at_s: When it was captured, on the clock of the browser.
    """

    jpeg: bytes
    received_at_s: float
    captured_at_s: float


class BrowserFrames:
    """Hands the newest frame from the thread that reads commands to the camera thread."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._newest: BrowserFrame | None = None
        self._has_gone = True
        self._clears = 0

    def put(self, frame: BrowserFrame) -> None:
        """Make a frame the newest one."""
        with self._changed:
            self._newest, self._has_gone = frame, False
            self._changed.notify_all()

    def clear(self) -> None:
        """Forget the newest frame and end `take`: the browser has gone, or its camera is not wanted."""
        with self._changed:
            self._newest, self._has_gone = None, True
            self._clears += 1
            self._changed.notify_all()

    def take(self, timeout_s: float, is_first: bool = False) -> BrowserFrame | None:
        """Wait for a frame and remove it; None after the time-out or `clear`.

        Args:
            is_first: Wait also if the last browser has gone.
        """
        with self._changed:
            clears = self._clears

            def has_ended() -> bool:
                return self._clears != clears or (self._has_gone and not is_first)

            self._changed.wait_for(lambda: self._has_fresh_frame() or has_ended(), timeout_s)
            frame, self._newest = self._newest if self._has_fresh_frame() else None, None
            return frame

    def _has_fresh_frame(self) -> bool:
        return self._newest is not None and self._clock() - self._newest.received_at_s <= MAX_FRAME_AGE_S


class BrowserSource:
    """The camera of whatever browser gives it; opens with the first frame.

    Raises:
        NoBrowserCamera: none does.
    """

    def __init__(self, settings: Settings, clock: Clock, frames: BrowserFrames) -> None:
        self._frames, self._max_side = frames, settings.max_side
        self._first: tuple[BrowserFrame, np.ndarray] | None = self._next_decoded(OPEN_WAIT_S, is_first=True)
        height, width = self._first[1].shape[:2]
        self._size, self._index = (width, height), 0
        self._time_stamps = TimeStamps(clock())

    @property
    def info(self) -> SourceInfo:
        """Properties of the source; the browser mirrors its frames itself."""
        width, height = self._size
        name = source_name("browser", "browser")
        return SourceInfo("browser", "browser", name, width, height, LOWEST_FPS, live=True)

    def read(self) -> Frame:
        """Decode the next frame; a smaller one is enlarged to the size of the first.

        Raises:
            NoBrowserCamera: none came in time, or it is larger or of another shape, since the device was turned;
                opened again, the source has the new size.
        """
        (frame, image), self._first = self._first or self._next_decoded(FRAME_TIMEOUT_S), None
        height, width = image.shape[:2]
        if (width, height) != self._size:  # a browser sends smaller frames over a slow link
            if width > self._size[0] or not _have_same_shape(self._size, (width, height)):
                raise NoBrowserCamera("the device was turned; its next frame opens the camera again")
            image = cv2.resize(image, self._size, interpolation=cv2.INTER_LINEAR)
        time_s = self._time_stamps.next(frame)
        self._index += 1
        return Frame(image, self._index - 1, time_s, frame.received_at_s)

    def skip(self) -> float:
        """Pass over the next frame without decoding it; return its time stamp.

        Raises:
            NoBrowserCamera: none came in time.
        """
        frame = self._first[0] if self._first is not None else self._next(FRAME_TIMEOUT_S)
        self._first = None
        self._index += 1
        return self._time_stamps.next(frame)

    def close(self) -> None:
        """Do nothing: the web process tells the browser what is wanted of it."""

    def _next(self, timeout_s: float, is_first: bool = False) -> BrowserFrame:
        frame = self._frames.take(timeout_s, is_first)
        if frame is None:
            raise NoBrowserCamera("no browser gives its camera; open the link of the live page in one")
        return frame

    def _next_decoded(self, timeout_s: float, is_first: bool = False) -> tuple[BrowserFrame, np.ndarray]:
        """The next frame that can be decoded, with its image; RGB uint8, shape (height, width, 3)."""
        while True:
            frame = self._next(timeout_s, is_first)
            image = decode_jpeg(frame.jpeg, self._max_side)
            if image is not None:
                return frame, image


def open_any_source(settings: Settings, frames: BrowserFrames, clock: Clock = time.monotonic) -> FrameSource:
    """Open the source of `settings.source`, also if it is a browser's camera, whose frames arrive in `frames`.

    Raises:
        CameraUnavailable: the source cannot be opened.
    """
    if source_kind(settings.source) == "browser":
        return BrowserSource(settings, clock, frames)
    return open_source(settings, clock)


class TimeStamps:
    """Time stamps by the clock of the browser, which counts from another moment: a delayed frame is not a late one.

    Args:
        opened_at_s: The time that becomes 0.
    """

    def __init__(self, opened_at_s: float) -> None:
        self._opened_at_s = opened_at_s
        self._least_offset_s, self._last_s = math.inf, 0.0

    def next(self, frame: BrowserFrame) -> float:
        """The time stamp of the next frame; always later than the last one."""
        offset_s = frame.received_at_s - frame.captured_at_s
        self._least_offset_s = min(self._least_offset_s, offset_s)
        delay_s = min(offset_s - self._least_offset_s, MAX_DELAY_S)
        self._last_s = max(frame.received_at_s - delay_s - self._opened_at_s, self._last_s + MIN_TIME_STEP_S)
        return self._last_s


def _have_same_shape(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two sizes (width, height) have the same aspect ratio."""
    return abs(one[0] * other[1] / (one[1] * other[0]) - 1) <= ASPECT_TOLERANCE


def decode_jpeg(jpeg: bytes, max_side: int) -> np.ndarray | None:
    """The image of a JPEG file, reduced to `max_side`: RGB uint8, shape (height, width, 3); None if it is damaged."""
    try:
        image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error:
        return None
    if image is None:
        return None
    height, width = image.shape[:2]
    size = fit_size(width, height, max_side)
    return image if size == (width, height) else cv2.resize(image, size, interpolation=cv2.INTER_AREA)
