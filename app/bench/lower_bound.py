"""Lower bound of the time per frame: only the unavoidable calls. `python -m app.bench.lower_bound SETTINGS`."""

from __future__ import annotations

import json
import statistics
import sys
import time
from dataclasses import replace
from typing import Any

import cv2

from app.attributes.attribute_set import load_attributes
from app.domain import Frame
from app.errors import AppError, UnreadableMedia
from app.settings import Settings
from app.vision.attributes.predictor import load_predictors
from app.vision.capture.frame_source import FrameSource
from app.vision.capture.open_source import open_source
from app.vision.detection.face_detector import build_detector
from app.vision.drawing.jpeg import encode_jpeg
from app.vision.landmarks.landmark_tracking import load_landmark_tracker
from app.vision.runtime.thread_limits import THREADS
from app.vision.worker.pipeline import Pipeline

# Frames measured and skipped, at 30 frames per second five seconds; and JPEG encodings, of which the median counts.
MEASURED_FRAMES = 150
WARM_UP_FRAMES = 10
ENCODINGS = 20


def lower_bound_ms(settings: Settings) -> dict[str, float]:
    """Milliseconds per frame for `capture`, `detect`, `landmarks`, `predict` and one `encode`, and their `sum`.

    Detection, landmarks and prediction count as often as the pipeline runs them on this source. Capture is 0 for live
    sources, which wait for the next frame.

    Raises:
        UnreadableMedia: the source ends too soon.
        AppError: the source, the detector or a model cannot be opened.
    """
    source = open_source(replace(settings, loop=True, disable_pacing=True))
    try:
        parts_s = _measure_parts(settings, source)
    finally:
        source.close()
    parts_s["sum"] = sum(parts_s.values())
    return {name: round(1000 * part_s, 2) for name, part_s in parts_s.items()}


def _measure_parts(settings: Settings, source: FrameSource) -> dict[str, float]:
    """Seconds per frame of each part."""
    capture = TimedProxy(source, "read")
    detector = TimedProxy(build_detector(settings), "detect")
    landmark_tracker = TimedProxy(load_landmark_tracker(settings.models), "confirm_detections", "track")
    attributes = load_attributes(settings.models, settings.enabled_attributes)
    loaded = load_predictors(settings.models, attributes.served)
    predictors = [TimedProxy(predictor, "predict") for predictor in loaded]
    pipeline = Pipeline(detector, predictors, attributes=attributes, landmark_tracker=landmark_tracker)
    for _ in range(WARM_UP_FRAMES):
        pipeline.step(_read(capture))
    for proxy in (capture, detector, landmark_tracker, *predictors):
        proxy.spent_s = 0.0
    for _ in range(MEASURED_FRAMES):
        pipeline.step(frame := _read(capture))
    return {
        "capture": 0.0 if source.info.live else capture.spent_s / MEASURED_FRAMES,
        "detect": detector.spent_s / MEASURED_FRAMES,
        "landmarks": landmark_tracker.spent_s / MEASURED_FRAMES,
        "predict": sum(proxy.spent_s for proxy in predictors) / MEASURED_FRAMES,
        "encode": _encode_s(frame),
    }


class TimedProxy:
    """Forwards everything to a part of the pipeline, and sums up in `spent_s` the duration of some methods."""

    def __init__(self, part: Any, *methods: str) -> None:
        self._part, self._methods, self.spent_s = part, methods, 0.0

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._part, name)
        if name not in self._methods:
            return value

        def timed(*arguments: Any) -> Any:
            started_s = time.perf_counter()
            try:
                return value(*arguments)
            finally:
                self.spent_s += time.perf_counter() - started_s

        return timed


def _read(source: FrameSource | TimedProxy) -> Frame:
    frame: Frame | None = source.read()
    if frame is None:
        raise UnreadableMedia("the source ended before it could be measured; give a longer one")
    return frame


def _encode_s(frame: Frame) -> float:
    times_s = []
    for _ in range(ENCODINGS):
        started_s = time.perf_counter()
        encode_jpeg(frame.image)
        times_s.append(time.perf_counter() - started_s)
    return statistics.median(times_s)


def main(settings: str) -> None:
    """Print the lower bound for settings given as JSON."""
    cv2.setNumThreads(THREADS)
    try:
        print(json.dumps(lower_bound_ms(Settings(**json.loads(settings)))))
    except AppError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(sys.argv[1])
