"""Patches: the face stands upright in its square, whatever its place, size and turn."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from app.domain import Box, Face
from app.vision.inference.face_crop import PatchSpec, crop_face, patch_matrix, transform_points, whole_image_pose
from app.vision.inference.face_pose import BOX_HEIGHT_UNITS, BOX_WIDTH_UNITS, FacePose

SPEC = PatchSpec(96, "rgb", 1.3, 0.05)
# Eyes, nose and mouth corners of an upright face: eyes 20 apart, the mouth 20 below.
UPRIGHT = np.array([(90, 90), (110, 90), (100, 100), (92, 110), (108, 110)], np.float32)


def turned(points: np.ndarray, degrees: float, scale: float = 1.0) -> np.ndarray:
    """Points turned clockwise, as seen, around (100, 100)."""
    matrix = cv2.getRotationMatrix2D((100, 100), -degrees, scale)
    return transform_points(matrix, points)


def test_a_frame_has_the_turn_and_size_of_its_points():
    for degrees in (-170, -30, 0, 20, 95):
        frame = FacePose.from_points(turned(UPRIGHT, degrees, 1.5))
        assert math.degrees(frame.roll_rad) == pytest.approx(degrees)
        assert frame.side == pytest.approx(30 * (BOX_WIDTH_UNITS + BOX_HEIGHT_UNITS) / 2)
        assert math.hypot(frame.x - 100.5, frame.y - 100.5) == pytest.approx(0.12 * 30)


def test_a_face_that_looks_aside_keeps_its_turn():
    aside = UPRIGHT.copy()
    aside[[0, 3], 0] += (12, 9)
    assert abs(math.degrees(FacePose.from_points(turned(aside, 15)).roll_rad) - 15) < 4


def test_a_frame_by_its_box_is_the_box():
    frame = FacePose.from_box(Box(10, 20, 54, 75.2))
    assert (frame.x, frame.y, frame.roll_rad) == pytest.approx((32, 47.6, 0))
    box = frame.box
    assert (box.x1, box.y1, box.x2, box.y2) == pytest.approx((10, 20, 54, 75.2), abs=0.1)


def test_landmarks_lead_where_they_are_known():
    box = Box(0, 0, 40, 50)
    assert FacePose.from_face(Face(box, 1.0, UPRIGHT)).roll_rad == 0
    assert FacePose.from_face(Face(box, 1.0, UPRIGHT)) == FacePose.from_box(box)
    marked = Face(box, 1.0, np.concatenate([turned(UPRIGHT, 20), np.zeros((10, 2))]))
    assert math.degrees(FacePose.from_face(marked).roll_rad) == pytest.approx(20)


@pytest.mark.parametrize("scale", [0.3, 1.0, 4.0])
def test_a_turned_face_gives_the_patch_of_the_upright_one(scale):
    face = cv2.GaussianBlur(np.random.default_rng(3).integers(0, 256, (200, 200, 3), np.uint8), (0, 0), 5)
    face = cv2.normalize(face, None, 0, 255, cv2.NORM_MINMAX)
    picture = cv2.resize(face, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    middle = 100 * scale - 0.5
    matrix = cv2.getRotationMatrix2D((middle, middle), -25, 1)
    leaning = cv2.warpAffine(picture, matrix, picture.shape[1::-1], flags=cv2.INTER_CUBIC)
    points = (UPRIGHT + 0.5) * scale - 0.5
    upright = crop_face(picture, FacePose.from_points(points), SPEC)
    lean = crop_face(leaning, FacePose.from_points(transform_points(matrix, points)), SPEC)
    assert np.abs(upright.astype(int) - lean).mean() < 3
    assert np.abs(upright.astype(int) - crop_face(leaning, FacePose.from_points(points), SPEC)).mean() > 10


def test_a_point_is_where_the_matrix_says():
    picture = np.zeros((200, 200, 3), np.uint8)
    cv2.circle(picture, (110, 90), 2, (255, 255, 255), -1)
    frame = FacePose(104, 96, 60, 0.4)
    rows, columns = np.nonzero(crop_face(picture, frame, SPEC)[..., 0] > 127)
    expected = transform_points(patch_matrix(frame, SPEC), np.array([110, 90]))
    assert (columns.mean(), rows.mean()) == pytest.approx(tuple(expected), abs=0.6)


@pytest.mark.parametrize(("side", "size"), [(48, 48), (112, 96), (48, 96)])
def test_the_patch_of_a_whole_picture_is_the_picture(side, size):
    spec = PatchSpec(size, "rgb", 1.14, 0.08)
    picture = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
    method = cv2.INTER_AREA if size < side else cv2.INTER_LINEAR
    expected = cv2.resize(picture, (size, size), interpolation=method)
    found = crop_face(picture, whole_image_pose(side, side, spec), spec)
    assert np.abs(found.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("frame", [FacePose(-500, 30, 40), FacePose(900, 900, 400, 1), FacePose(50, 50, 0.1)])
def test_a_face_beyond_the_edge_shows_the_edge(frame):
    picture = np.full((100, 120, 3), 77, np.uint8)
    assert (crop_face(picture, frame, SPEC) == 77).all()


def test_gray_patches_have_one_channel():
    assert crop_face(np.zeros((50, 50, 3), np.uint8), FacePose(25, 25, 20), PatchSpec(24, "gray", 1.2)).shape == (
        24,
        24,
        1,
    )
