"""What the parts of the engine take at least: each timed alone, one after the other, with nothing beside."""

from __future__ import annotations

import statistics
import time
from dataclasses import replace
from typing import Any

from app.domain import Frame
from app.settings import Settings
from app.vision.capture import open_source
from app.vision.detect import build_detector
from app.vision.encode import encode_jpeg
from app.vision.pipeline import Pipeline
from app.vision.predict import load_predictors

PICTURES, WARM_UP = 150, 10
ENCODED = 20


def floor_ms(settings: Settings) -> dict[str, float]:
    """Milliseconds a picture: `capture`, the shares of `detect` and `predict`, one `encode`, and their `sum`.

    The shares follow how often the pipeline looks for faces and reads them in this source.
    """
    source = open_source(replace(settings, loop=True, flat_out=True))
    detector = Clocked(build_detector(settings), "detect")
    predictors = [Clocked(one, "predict") for one in load_predictors(settings.models)]
    pipeline = Pipeline(detector, predictors)
    clocked = [Clocked(source, "read"), detector, *predictors]
    try:
        for index in range(WARM_UP + PICTURES):
            if index == WARM_UP:
                for one in clocked:
                    one.spent_s = 0.0
            frame = clocked[0].read()
            pipeline.step(frame)
    finally:
        source.close()
    shares = {
        "capture": clocked[0].spent_s,
        "detect": detector.spent_s,
        "predict": sum(one.spent_s for one in predictors),
    }
    floor = {name: 1000 * spent_s / PICTURES for name, spent_s in shares.items()} | {"encode": _encode_ms(frame)}
    return {name: round(ms, 2) for name, ms in (floor | {"sum": sum(floor.values())}).items()}


class Clocked:
    """Passes everything on to a part of the engine, and adds up in `spent_s` how long one of its methods takes."""

    def __init__(self, part: Any, method: str) -> None:
        self._part, self._method, self.spent_s = part, method, 0.0

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._part, name)
        if name != self._method:
            return value

        def clocked(*arguments: Any) -> Any:
            started_s = time.perf_counter()
            try:
                return value(*arguments)
            finally:
                self.spent_s += time.perf_counter() - started_s

        return clocked


def _encode_ms(frame: Frame) -> float:
    times_s = []
    for _ in range(ENCODED):
        started_s = time.perf_counter()
        encode_jpeg(frame.image)
        times_s.append(time.perf_counter() - started_s)
    return 1000 * statistics.median(times_s)
