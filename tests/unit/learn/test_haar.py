"""Chapters 2 and 3: features and stages as OpenCV computes them, search windows, false faces."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from app.learn.base.tools import Tools
from app.learn.haar.cascade import Windows
from app.learn.haar.integral import integral_image, rectangle_sum
from app.learn.lessons import haar_features, windows
from app.learn.lessons.haar_features import KINDS, WINDOW_PX, placed_feature
from app.learn.registry import run_lesson
from app.vision.detection.haar import CASCADE_FILE


def test_four_numbers_give_the_sum_of_any_rectangle():
    gray = np.random.default_rng(1).integers(0, 256, (9, 7), np.uint8)
    sums = integral_image(gray)
    assert rectangle_sum(sums, 2, 3, 4, 5) == gray[3:8, 2:6].sum(dtype=int)


@pytest.mark.parametrize("width", [52, 64, 94, 112])
def test_the_cascade_accepts_the_windows_that_opencv_accepts(tools: Tools, grace_hopper: np.ndarray, width: int):
    height = width * len(grace_hopper) // grace_hopper.shape[1]
    gray = cv2.resize(cv2.cvtColor(grace_hopper, cv2.COLOR_RGB2GRAY), (width, height), interpolation=cv2.INTER_AREA)
    found = cv2.CascadeClassifier(CASCADE_FILE).detectMultiScale(
        gray, 1.1, 0, minSize=(WINDOW_PX, WINDOW_PX), maxSize=(WINDOW_PX, WINDOW_PX)
    )
    all_windows = Windows(gray, tools.cascade.size)
    accepted = all_windows.stages_passed(tools.cascade) == len(tools.cascade.stages)
    places = list(zip(all_windows.columns[accepted].tolist(), all_windows.rows[accepted].tolist(), strict=True))
    # OpenCV looks at every second pixel of a picture that is not reduced.
    assert sorted((int(x), int(y)) for x, y, *_ in found) == sorted(
        place for place in places if not (place[0] % 2 or place[1] % 2)
    )
    assert bool(places) == (width < 70)


@pytest.mark.parametrize("kind", KINDS)
def test_a_feature_is_zero_on_one_gray_level_and_stays_in_the_window(kind: str):
    feature = placed_feature(kind, 23, 23, 24, 2)
    flat = Windows(np.full((WINDOW_PX, WINDOW_PX), 77, np.uint8), WINDOW_PX)
    assert flat.feature_values(feature, np.array([0]))[0] == pytest.approx(0)
    for x, y, width, height in feature.rectangles:
        assert min(x, y) >= 0
        assert max(x + width, y + height) <= WINDOW_PX


def test_eyes_are_darker_than_cheeks(tools: Tools, astronaut: np.ndarray):
    choices = {"kind": "two_above", "x": 4, "y": 7, "width": 16, "height": 8, "stage": 25}
    result = run_lesson(haar_features.LESSON, astronaut, choices, tools).result
    white, black = result["feature"]["parts"]
    assert result["feature"]["value"] == white["sum"] - black["sum"] < 0
    integral = result["integral"]
    top_left, top_right, bottom_left, bottom_right = integral["corners"]
    assert integral["sum"] == bottom_right - top_right - bottom_left + top_left
    assert integral["sum"] == np.array(integral["pixels"])[1:3, 1:4].sum()


def test_stages_reject_windows_and_keep_the_face(tools: Tools, astronaut: np.ndarray):
    result = run_lesson(haar_features.LESSON, astronaut, {"stage": 25, "scale": 1.0}, tools).result
    left = result["cascade"]["left_after"]
    assert len(left) == 26
    assert left == sorted(left, reverse=True)
    assert 0 < left[-1] < left[0] / 500
    assert len(result["cascade"]["windows"]) == left[-1]
    x, y, side = result["square"]
    assert all(abs(wx - x) < side / 3 and abs(wy - y) < side / 3 for wx, wy in result["cascade"]["windows"])
    assert result["cascade"]["features_per_window"] < 100
    assert result["votes"]["passed"]
    assert result["votes"]["total"] >= result["votes"]["threshold"]


def test_without_neighbours_there_are_false_faces(tools: Tools, grace_hopper: np.ndarray):
    lenient = run_lesson(windows.LESSON, grace_hopper, {"neighbors": 0, "scale_factor": 1.05}, tools).result
    strict = run_lesson(windows.LESSON, grace_hopper, {"neighbors": 8, "scale_factor": 1.05}, tools).result
    assert lenient["false_faces"] > strict["false_faces"] == 0
    assert strict["found"] == 1
    assert any(one["is_face"] for one in strict["haar"])


def test_a_picture_without_faces_has_none(tools: Tools):
    result = run_lesson(windows.LESSON, np.full((100, 120, 3), 90, np.uint8), {}, tools).result
    assert (result["found"], result["own"], result["false_faces"], result["missed_faces"]) == (0, [], 0, 0)


def test_the_pyramid_has_fewer_windows_for_larger_faces():
    levels = windows.pyramid(240, 240, 2.0, 24)
    # 24, 48, 96 and 192 pixels: steps of 2, then of 1.
    assert levels == [109 * 109, 97 * 97, 37 * 37, 7 * 7]
    assert windows.pyramid(240, 240, 2.0, 60) == levels[2:]
    assert windows.pyramid(20, 20, 1.1, 24) == []
