"""Haar features, the integral image, boosting, and the stages of the cascade."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import cv2
import numpy as np

from app.learn.base.face import largest_face, square_around
from app.learn.base.lesson import Answer, Lesson, Values
from app.learn.base.parameters import Choice, Range
from app.learn.base.tools import Tools
from app.learn.haar.cascade import THRESHOLD_MARGIN, Cascade, Feature, Stage, Windows
from app.learn.haar.integral import integral_image, rectangle_sum
from app.vision.detection.haar import BOX_HEIGHT_FACTOR, BOX_WIDTH_FACTOR

# Side of the cascade's window in pixels.
WINDOW_PX = 24
STAGES = 25
# Side of Haar's square around a face, in sides of the face.
SQUARE_MARGIN = 2 / (BOX_WIDTH_FACTOR + BOX_HEIGHT_FACTOR)
# Side of the block of pixels whose integral image is worked out, and the rectangle in it that is summed up.
BLOCK_SIDE = 5
BLOCK_RECTANGLE = (1, 1, 3, 2)
# More windows than these are looked at only every second pixel, every third, and so on.
MAX_WINDOWS = 10_000
# Of the windows that are left, so many are shown; of the votes of a stage likewise.
MAX_SHOWN_WINDOWS = 1200
MAX_SHOWN_VOTES = 12

# White and black parts of a feature of a width and height, as in Viola and Jones 2001, with their weights: the white
# ones count 1, and the black ones so much more as their area is smaller.
KINDS = ("two_above", "two_beside", "three_beside", "four")


def run(image: np.ndarray, values: Values, tools: Tools) -> Answer:
    """Place a feature on the face of a picture, let a stage vote, and let the cascade reject windows."""
    face = largest_face(image, tools)
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    left, top, side = square_around(image, face, SQUARE_MARGIN)
    window = cv2.resize(
        gray[top : top + side, left : left + side], (WINDOW_PX, WINDOW_PX), interpolation=cv2.INTER_AREA
    )
    cascade = tools.cascade
    stage = cascade.stages[values["stage"] - 1]
    wanted = min(values["scale"] * side, *gray.shape)
    result = {
        "square": [left, top, side],
        "feature": _feature_on_window(window, values),
        "integral": _integral_of_block(window, values),
        "votes": _votes(window, stage),
        "cascade": _cascade_on_picture(gray, wanted, cascade, values["stage"]),
    }
    return Answer(result, {"window": window})


def placed_feature(kind: str, x: int, y: int, width: int, height: int) -> Feature:
    """A feature of a kind in a rectangle of the window; the rectangle is cut to what fits."""
    columns, rows = {"two_above": (1, 2), "two_beside": (2, 1), "three_beside": (3, 1), "four": (2, 2)}[kind]
    part_width, part_height = (max(1, side // parts) for side, parts in ((width, columns), (height, rows)))
    x, y = min(x, WINDOW_PX - columns * part_width), min(y, WINDOW_PX - rows * part_height)
    parts = [
        ((x + column * part_width, y + row * part_height, part_width, part_height), (row + column) % 2 == 0)
        for row in range(rows)
        for column in range(columns)
    ]
    white = sum(is_white for _, is_white in parts)
    black_weight = -white / (len(parts) - white)
    weights = tuple(1.0 if is_white else black_weight for _, is_white in parts)
    return Feature(tuple(rectangle for rectangle, _ in parts), weights)


@dataclass(frozen=True, slots=True)
class _Part:
    """One rectangle of a feature, its weight and the sum of its pixels."""

    rectangle: tuple[int, int, int, int]
    weight: float
    sum: int

    def to_json(self) -> dict[str, Any]:
        return {"rectangle": self.rectangle, "weight": self.weight, "sum": self.sum}


def _feature_on_window(window: np.ndarray, values: Values) -> dict[str, Any]:
    feature = placed_feature(values["kind"], values["x"], values["y"], values["width"], values["height"])
    sums = integral_image(window)
    parts = [
        _Part(rectangle, weight, rectangle_sum(sums, *rectangle))
        for rectangle, weight in zip(feature.rectangles, feature.weights, strict=True)
    ]
    relative = Windows(window, WINDOW_PX).feature_values(feature, np.array([0]))[0]
    return {
        "parts": [part.to_json() for part in parts],
        "value": round(sum(part.weight * part.sum for part in parts)),
        "relative": round(float(relative), 4),
    }


def _integral_of_block(window: np.ndarray, values: Values) -> dict[str, Any]:
    """A block of pixels in numbers, its integral image, and the four numbers that give the sum of a rectangle."""
    left, top = (min(values[name], WINDOW_PX - BLOCK_SIDE) for name in ("x", "y"))
    block = window[top : top + BLOCK_SIDE, left : left + BLOCK_SIDE]
    sums = integral_image(block)
    x, y, width, height = BLOCK_RECTANGLE
    return {
        "left": left,
        "top": top,
        "pixels": block.tolist(),
        "sums": sums.tolist(),
        "rectangle": BLOCK_RECTANGLE,
        "corners": [int(sums[row, column]) for row in (y, y + height) for column in (x, x + width)],
        "sum": rectangle_sum(sums, *BLOCK_RECTANGLE),
    }


def _votes(window: np.ndarray, stage: Stage) -> dict[str, Any]:
    """How the weak classifiers of a stage vote on the window of the face."""
    only = Windows(window, WINDOW_PX)
    measure = partial(only.feature_values, chosen=np.array([0]))
    votes = []
    for stump in stage.stumps[:MAX_SHOWN_VOTES]:
        value = float(measure(stump.feature)[0])
        votes.append(
            {
                "rectangles": stump.feature.rectangles,
                "weights": stump.feature.weights,
                "value": round(value, 4),
                "threshold": round(stump.threshold, 4),
                "vote": round(stump.below if value < stump.threshold else stump.above, 4),
            }
        )
    total = float(only.votes(stage, np.array([0]))[0])
    return {
        "stumps": len(stage.stumps),
        "shown": votes,
        "total": round(total, 4),
        "threshold": round(stage.threshold, 4),
        "passed": total >= stage.threshold - THRESHOLD_MARGIN,
    }


def _cascade_on_picture(gray: np.ndarray, wanted: float, cascade: Cascade, stage: int) -> Mapping[str, Any]:
    """What is left of all windows of one size after each stage, in pixels of the picture."""
    factor = wanted / cascade.size
    size = [max(cascade.size, round(side / factor)) for side in gray.shape[::-1]]
    small = cv2.resize(gray, size, interpolation=cv2.INTER_AREA if factor > 1 else cv2.INTER_LINEAR)
    positions = np.prod([side - cascade.size + 1 for side in size])
    windows = Windows(small, cascade.size, step=int(np.ceil(np.sqrt(positions / MAX_WINDOWS))))
    passed = windows.stages_passed(cascade)
    left = np.flatnonzero(passed >= stage)
    shown = left[np.linspace(0, len(left) - 1, min(len(left), MAX_SHOWN_WINDOWS)).astype(int)] if len(left) else left
    return {
        "side": round(wanted, 1),
        "left_after": [int((passed >= number).sum()) for number in range(len(cascade.stages) + 1)],
        "features": [len(one.stumps) for one in cascade.stages],
        "features_per_window": round(_features_per_window(passed, cascade), 1),
        "windows": [
            [round(float(windows.columns[one]) * factor, 1), round(float(windows.rows[one]) * factor, 1)]
            for one in shown
        ],
    }


def _features_per_window(passed: np.ndarray, cascade: Cascade) -> float:
    """How many features a window costs on average."""
    costs = np.cumsum([len(stage.stumps) for stage in cascade.stages])
    return float(costs[np.minimum(passed, len(costs) - 1)].mean())


LESSON = Lesson(
    name="haar",
    parameters={
        "kind": Choice(KINDS),
        "x": Range(0, WINDOW_PX - 1, 3),
        "y": Range(0, WINDOW_PX - 1, 6),
        "width": Range(2, WINDOW_PX, 18),
        "height": Range(2, WINDOW_PX, 8),
        "stage": Range(1, STAGES, 1),
        "scale": Range(0.6, 1.6, 1.0, 0.05),
    },
    run=run,
)
