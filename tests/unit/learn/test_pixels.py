"""Chapter 1: fewer pixels, fewer gray levels, equalisation."""

from __future__ import annotations

import numpy as np
import pytest

from app.learn.base.tools import Tools
from app.learn.lessons.pixels import GRID_SIDE, LESSON, histogram, quantize
from app.learn.registry import run_lesson


@pytest.mark.parametrize("levels", [2, 3, 16, 256])
def test_gray_levels_are_evenly_spaced(levels: int):
    found = np.unique(quantize(np.arange(256, dtype=np.uint8), levels))
    assert found.tolist() == np.rint(np.linspace(0, 255, levels)).astype(int).tolist()


def test_a_histogram_counts_every_pixel():
    assert histogram(np.array([[0, 7, 8, 255]], np.uint8)) == [0.5, 0.25, *[0.0] * 29, 0.25]


def test_equalisation_raises_the_contrast_of_a_pale_picture(tools: Tools, astronaut: np.ndarray):
    pale = (100 + astronaut // 8).astype(np.uint8)
    answer = run_lesson(LESSON, pale, {"equalize": True}, tools)
    contrast = answer.result["contrast"]
    assert contrast["shown"] > 4 * contrast["gray"]
    assert answer.images["shown"].max() == 255


def test_the_point_names_its_pixel(tools: Tools, astronaut: np.ndarray):
    answer = run_lesson(LESSON, astronaut, {"pixels": 64, "x": 1.0, "y": 0.0}, tools)
    result = answer.result
    assert (result["column"], result["row"], result["width"], result["height"]) == (63, 0, 64, 64)
    weighted = sum(w * v for w, v in zip(result["gray_weights"], result["rgb"], strict=True))
    assert abs(weighted - result["gray"]) <= 1
    grid = result["grid"]
    assert (grid["left"], grid["top"]) == (64 - GRID_SIDE, 0)
    assert grid["numbers"][0][-1] == result["shown"] == answer.images["shown"][0, 63]


def test_a_tiny_picture_is_not_enlarged(tools: Tools):
    answer = run_lesson(LESSON, np.zeros((4, 5, 3), np.uint8), {"pixels": 240}, tools)
    assert answer.images["gray"].shape == (4, 5)
    assert np.array(answer.result["grid"]["numbers"]).shape == (4, 5)
