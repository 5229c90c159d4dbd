"""Lower bound of the time a frame costs: each stage timed alone. `python -m app.bench.lower_bound SETTINGS`."""

from __future__ import annotations

import json
import statistics
import sys
import time
from dataclasses import replace
from typing import Any

import cv2

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

PICTURES, WARM_UP = 150, 10
ENCODED = 20


def floor_ms(settings: Settings) -> dict[str, float]:
    """Milliseconds a picture: `capture`, the shares of `detect`, `landmarks` and `predict`, one `encode`, their `sum`.

    The shares follow how often the pipeline looks for faces, follows and reads them in this source. Capture is 0 where
    pictures come by themselves.

    Raises:
        UnreadableMedia: the source ends too soon.
        AppError: it, the detector or a model cannot be opened.
    """
    source = open_source(replace(settings, loop=True, disable_pacing=True))
    detector = Clocked(build_detector(settings), "detect")
    predictors = [Clocked(one, "predict") for one in load_predictors(settings.models, race=settings.race)]
    landmark_tracker, capture = (
        Clocked(load_landmark_tracker(settings.models), "confirm_detections", "track"),
        Clocked(source, "read"),
    )
    pipeline = Pipeline(detector, predictors, landmark_tracker=landmark_tracker)
    try:
        for _ in range(WARM_UP):
            pipeline.step(_picture(capture))
        for one in (capture, detector, landmark_tracker, *predictors):
            one.spent_s = 0.0
        for _ in range(PICTURES):
            pipeline.step(frame := _picture(capture))
        parts_s = {
            "capture": 0.0 if source.info.live else capture.spent_s / PICTURES,
            "detect": detector.spent_s / PICTURES,
            "landmarks": landmark_tracker.spent_s / PICTURES,
            "predict": sum(one.spent_s for one in predictors) / PICTURES,
            "encode": _encode_s(frame),
        }
    finally:
        source.close()
    parts_s["sum"] = sum(parts_s.values())
    return {name: round(1000 * part_s, 2) for name, part_s in parts_s.items()}


class Clocked:
    """Passes everything on to a part of the engine, and adds up in `spent_s` how long some of its methods take."""

    def __init__(self, part: Any, *methods: str) -> None:
        self._part, self._methods, self.spent_s = part, methods, 0.0

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._part, name)
        if name not in self._methods:
            return value

        def clocked(*arguments: Any) -> Any:
            started_s = time.perf_counter()
            try:
                return value(*arguments)
            finally:
                self.spent_s += time.perf_counter() - started_s

        return clocked


def _picture(source: FrameSource | Clocked) -> Frame:
    frame: Frame | None = source.read()
    if frame is None:
        raise UnreadableMedia("the source ended before it could be measured; give a longer one")
    return frame


def _encode_s(frame: Frame) -> float:
    times_s = []
    for _ in range(ENCODED):
        started_s = time.perf_counter()
        encode_jpeg(frame.image)
        times_s.append(time.perf_counter() - started_s)
    return statistics.median(times_s)


def main(settings: str) -> None:
    """Print the figures of settings given as JSON."""
    cv2.setNumThreads(THREADS)
    try:
        print(json.dumps(floor_ms(Settings(**json.loads(settings)))))
    except AppError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(sys.argv[1])
