"""Read frames from an OpenCV capture, reduced to the size at which they are analysed and shown."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from app.vision.capture.frame_source import fit_size
from app.vision.capture.video_capture import Capture

# Reductions that OpenCV can apply while it decodes a JPEG, largest first.
JPEG_REDUCTIONS = (
    (8, cv2.IMREAD_REDUCED_COLOR_8),
    (4, cv2.IMREAD_REDUCED_COLOR_4),
    (2, cv2.IMREAD_REDUCED_COLOR_2),
)
# Damaged JPEGs in a row that are passed over; as many as OpenCV's own decoding does.
MAX_DAMAGED_FRAMES = 64
# `cv2.CAP_PROP_FORMAT`: deliver frames as they arrive, without decoding them.
UNDECODED = -1
MJPG = cv2.VideoWriter.fourcc(*"MJPG")


class FrameReader:
    """Reads frames whose longer side has at most `max_side` pixels.

    Args:
        is_stream: Whether the capture is a network stream. One of larger JPEGs is then reduced while it is decoded,
            which takes half the time.
    """

    def __init__(self, capture: Capture, max_side: int, is_stream: bool) -> None:
        self._capture, self._max_side = capture, max_side
        self._jpeg_flags = self._request_jpegs() if is_stream else None

    def read(self) -> np.ndarray | None:
        """The next frame, RGB uint8, shape (height, width, 3); None at the end."""
        try:
            image = self._read_decoded() if self._jpeg_flags is None else self._read_jpeg(self._jpeg_flags)
        except cv2.error:  # a damaged file may declare a size that exceeds the memory
            return None
        if image is None:
            return None
        height, width = image.shape[:2]
        size = fit_size(width, height, self._max_side)
        if size != (width, height):
            image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        return cv2.cvtColor(image, cv2.COLOR_GRAY2RGB if image.ndim == 2 else cv2.COLOR_BGR2RGB)

    def grab(self) -> bool:
        """Pass over the next frame without decoding it; False at the end."""
        try:
            return self._capture.grab()
        except cv2.error:
            return False

    def _request_jpegs(self) -> int | None:
        """Let a stream of large JPEGs deliver them undecoded; returns the flags to decode them with, else None."""
        get = self._capture.get
        factor = max(get(cv2.CAP_PROP_FRAME_WIDTH), get(cv2.CAP_PROP_FRAME_HEIGHT)) / self._max_side
        flags = next((flags for reduction, flags in JPEG_REDUCTIONS if reduction <= factor), None)
        if flags is None or int(get(cv2.CAP_PROP_FOURCC)) != MJPG:
            return None
        # A network camera turns its frames itself; FFmpeg does not read Exif either.
        return flags | cv2.IMREAD_IGNORE_ORIENTATION if self._capture.set(cv2.CAP_PROP_FORMAT, UNDECODED) else None

    def _read_decoded(self) -> Any:
        success, image = self._capture.read()
        return image if success else None

    def _read_jpeg(self, flags: int) -> Any:
        for _ in range(MAX_DAMAGED_FRAMES):
            success, jpeg = self._capture.read()
            if not success or jpeg is None:
                return None
            image = cv2.imdecode(jpeg, flags)
            if image is not None:
                return image
        return None
