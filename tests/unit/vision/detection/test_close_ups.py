"""Large faces rule out boxes on the same person that a finer search finds; small faces elsewhere stay."""

import cv2
import numpy as np
import pytest

from app.domain import Box, Face
from app.paths import ASSETS
from app.vision.capture.image_file import read_image
from app.vision.detection.anchor_free_detector import AnchorFreeDetector
from app.vision.detection.close_ups import may_be_close_up, merge_scales


def face_at(x, y, side, score=0.9):
    return Face(Box(x - side / 2, y - side / 2, x + side / 2, y + side / 2), score)


@pytest.mark.parametrize(
    ("faces", "expected"), [([], True), ([face_at(500, 500, 300)], True), ([face_at(500, 500, 100)] * 9, False)]
)
def test_an_image_with_a_large_face_or_none_may_be_a_close_up(faces, expected):
    assert may_be_close_up(faces, 1280) is expected


LARGE = face_at(600, 500, 400, 0.95)


@pytest.mark.parametrize(("x", "y", "side"), [(600, 520, 80), (420, 480, 60), (800, 900, 150), (640, 540, 390)])
def test_boxes_on_the_person_of_a_large_face_are_dropped(x, y, side):
    assert merge_scales([LARGE], [face_at(x, y, side)], 1280) == [LARGE]


def test_to_be_hidden_boxes_on_a_person_stay_unless_they_are_the_face_itself():
    ear, again = face_at(850, 480, 60), face_at(640, 540, 200)
    assert merge_scales([LARGE], [ear, again], 1280, drops_parts=False) == [LARGE, ear]


def test_a_small_face_elsewhere_stays_and_the_large_one_is_of_the_usual_search():
    small, seen_large = face_at(1250, 100, 60, 0.7), face_at(590, 500, 330, 0.99)
    assert merge_scales([LARGE], [seen_large, small], 1280) == [LARGE, small]


def test_without_a_large_face_the_finer_search_counts():
    small = [face_at(100, 100, 60), face_at(600, 300, 80)]
    assert merge_scales([face_at(102, 99, 70)], small, 1280) == small


def shown_at(portrait, side_px):
    """A portrait on an even ground of 1,280 x 1,280 pixels."""
    ground = np.full((1280, 1280, 3), 118, np.uint8)
    factor = side_px / max(portrait.shape[:2])
    resized = cv2.resize(portrait, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    height, width = resized.shape[:2]
    top, left = (1280 - height) // 2, (1280 - width) // 2
    ground[top : top + height, left : left + width] = resized
    return ground


@pytest.mark.parametrize("side_px", [500, 900, 1280])
def test_close_ups_of_the_portraits_have_one_face_each(real_detector, side_px):
    if not isinstance(real_detector, AnchorFreeDetector):
        pytest.skip("there is no detector of this project: its close-ups are not tested here")
    for name in ("eileen_collins.png", "grace_hopper.jpg"):
        assert len(real_detector.detect(shown_at(read_image(ASSETS / "portraits" / name), side_px))) == 1
