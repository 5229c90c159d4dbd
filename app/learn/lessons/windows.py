"""Search windows, scale factor and neighbours; Haar's cascade beside the app's own detector."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np

from app.domain import Box, Face
from app.learn.base.lesson import Answer, Lesson, Values
from app.learn.base.parameters import Range
from app.learn.base.tools import Tools
from app.numerics import box_iou
from app.vision.detection.haar import BOX_HEIGHT_FACTOR, BOX_WIDTH_FACTOR, CASCADE_FILE

WINDOW_PX = 24
# A box of one detector that overlaps one of the other by this much is the same face.
SAME_FACE_IOU = 0.3
# OpenCV moves the window by two pixels in levels that are reduced by less than 2, else by one (cascadedetect.cpp).
FINE_STEP_FACTOR = 2.0
MAX_SHOWN = 300


def run(image: np.ndarray, values: Values, tools: Tools) -> Answer:
    """Search a picture with both detectors."""
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    cascade = cv2.CascadeClassifier(CASCADE_FILE)
    factor, neighbors, min_side = values["scale_factor"], values["neighbors"], values["min_size"]
    (squares, supports), haar_ms = _timed(
        lambda: cascade.detectMultiScale2(gray, factor, neighbors, minSize=(min_side, min_side))
    )
    own, own_ms = _timed(lambda: tools.detector.detect(image))
    boxes = [_face_box(square) for square in squares]
    matches = box_iou(_array(boxes), _array([face.box for face in own])) >= SAME_FACE_IOU
    levels = pyramid(gray.shape[1], gray.shape[0], factor, min_side)
    result = {
        "haar": [
            {"square": [int(side) for side in square], "support": int(support), "is_face": bool(match.any())}
            for square, support, match in zip(squares[:MAX_SHOWN], supports, matches, strict=False)
        ],
        "own": [_face_to_json(face) for face in own],
        "found": len(squares),
        "false_faces": int((~matches.any(1)).sum()),
        "missed_faces": int((~matches.any(0)).sum()),
        "levels": len(levels),
        "windows": sum(levels),
        "haar_ms": round(haar_ms, 1),
        "own_ms": round(own_ms, 1),
    }
    return Answer(result)


def pyramid(width: int, height: int, scale_factor: float, min_side: int) -> list[int]:
    """How many windows OpenCV looks at in each level of the pyramid of an image."""
    counts, factor = [], 1.0
    while WINDOW_PX * factor <= min(width, height):
        step = 1 if factor >= FINE_STEP_FACTOR else 2
        if round(WINDOW_PX * factor) >= min_side:
            positions = [max(0, round(side / factor) - WINDOW_PX) // step + 1 for side in (width, height)]
            counts.append(positions[0] * positions[1])
        factor *= scale_factor
    return counts


def _timed(function: Callable[[], Any]) -> tuple[Any, float]:
    """Result of a function, and the processor time that it took in milliseconds, whatever else the computer does."""
    started_s = time.process_time()
    result = function()
    return result, 1000 * (time.process_time() - started_s)


def _face_box(square: Sequence[int]) -> Box:
    """The face in Haar's square, with the proportions of the other detectors' boxes."""
    x, y, side = (float(value) for value in square[:3])
    half_width, half_height = BOX_WIDTH_FACTOR * side / 2, BOX_HEIGHT_FACTOR * side / 2
    center_x, center_y = x + side / 2, y + side / 2
    return Box(center_x - half_width, center_y - half_height, center_x + half_width, center_y + half_height)


def _array(boxes: Sequence[Box]) -> np.ndarray:
    return np.array([(box.x1, box.y1, box.x2, box.y2) for box in boxes], float).reshape(-1, 4)


def _face_to_json(face: Face) -> dict[str, Any]:
    box = face.box
    return {"box": [round(side, 1) for side in (box.x1, box.y1, box.x2, box.y2)], "score": round(face.score, 3)}


LESSON = Lesson(
    name="windows",
    parameters={
        "scale_factor": Range(1.03, 2.0, 1.1, 0.01),
        "neighbors": Range(0, 15, 5),
        "min_size": Range(WINDOW_PX, 200, WINDOW_PX),
    },
    run=run,
)
