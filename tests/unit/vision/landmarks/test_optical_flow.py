"""Landmarks are followed by optical flow where that is reliable, and only there."""

import cv2
import numpy as np
import pytest

from app.domain import LandmarkTemplate
from app.vision.landmarks.optical_flow import MAX_DEVIATION_PX, follow_landmarks

SIZE = 96
POINTS = np.array([(x, y) for y in (28, 48, 68) for x in (24, 36, 48, 60, 72)], np.float32)


def textured_patch():
    noise = np.random.default_rng(2).integers(0, 256, (SIZE, SIZE), np.uint8)
    return cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 2), None, 0, 255, cv2.NORM_MINMAX)[..., None]


def moved_by(patch, x, y):
    return cv2.warpAffine(patch, np.float32([[1, 0, x], [0, 1, y]]), (SIZE, SIZE), borderMode=cv2.BORDER_REFLECT)[
        ..., None
    ]


@pytest.mark.parametrize("shift", [(0, 0), (3.5, -2.25), (-1.5, 3)])
def test_landmarks_move_with_the_face(shift):
    patch = textured_patch()
    followed = follow_landmarks(LandmarkTemplate(patch, POINTS), moved_by(patch, *shift))
    assert followed == pytest.approx(POINTS + np.float32(shift), abs=0.2)


def test_a_covered_landmark_stays_near_where_the_others_go():
    patch = textured_patch()
    after = moved_by(patch, 3, 1)
    after[20:36, 16:32] = 128
    followed = follow_landmarks(LandmarkTemplate(patch, POINTS), after)
    assert followed[0] == pytest.approx(POINTS[0] + np.float32((3, 1)), abs=MAX_DEVIATION_PX)
    assert followed[2:] == pytest.approx(POINTS[2:] + np.float32((3, 1)), abs=0.2)


def test_a_face_that_is_half_covered_or_gone_is_left_to_the_network():
    patch = textured_patch()
    half = patch.copy()
    half[:, : SIZE // 2] = 128
    assert follow_landmarks(LandmarkTemplate(patch, POINTS), half) is None
    assert follow_landmarks(LandmarkTemplate(patch, POINTS), np.full_like(patch, 128)) is None
    assert follow_landmarks(LandmarkTemplate(patch, POINTS), patch[::-1].copy()) is None
