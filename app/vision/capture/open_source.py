"""Open a frame source: webcam, stream, video file, image folder or demo."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from app.errors import CameraUnavailable, NoBrowserCamera
from app.settings import Settings
from app.vision.capture.demo import DemoSource
from app.vision.capture.frame_source import Clock, FrameSource, SourceInfo, source_kind
from app.vision.capture.image_file import IMAGE_SUFFIXES
from app.vision.capture.image_source import ImageSource
from app.vision.capture.video_capture import OpenCapture
from app.vision.capture.video_source import VideoSource
from app.vision.runtime.native_logging import silence_native_libraries

__all__ = ["FrameSource", "SourceInfo", "open_source", "source_kind"]

NO_WEBCAM_NOTICE = "No webcam found. Showing the demo; plug one in and choose it under Camera."


def open_source(
    settings: Settings, clock: Clock = time.monotonic, open_capture: OpenCapture | None = None
) -> FrameSource:
    """Open the source of `settings.source`; `auto` falls back to the demo if no webcam opens.

    Args:
        clock: Monotonic clock in seconds; tests inject their own.
        open_capture: Replaces `cv2.VideoCapture`; tests inject a fake camera.
    Raises:
        CameraUnavailable: the source cannot be opened.
    """
    silence_native_libraries()
    kind = source_kind(settings.source)
    if kind == "auto":
        return _webcam_or_demo(settings, clock, open_capture)
    if kind == "demo":
        return DemoSource(settings, clock)
    if kind == "browser":
        raise NoBrowserCamera("only a running server receives a browser's camera; start `run --source browser`")
    if kind == "folder" or (kind == "file" and Path(settings.source).suffix.lower() in IMAGE_SUFFIXES):
        return ImageSource(settings, clock)
    return VideoSource(settings, clock, open_capture)


def _webcam_or_demo(settings: Settings, clock: Clock, open_capture: OpenCapture | None) -> FrameSource:
    try:
        return VideoSource(replace(settings, source="0"), clock, open_capture)
    except CameraUnavailable:
        return DemoSource(replace(settings, source="demo"), clock, NO_WEBCAM_NOTICE)
