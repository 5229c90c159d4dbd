import itertools

import numpy as np
import pytest

from app.attributes.face_geometry import (
    MEAN_FACE_MM,
    POINT_NAMES,
    HeadRotation,
    angles,
    camera_matrix,
    head_rotation,
    rotation_matrix,
)
from app.vision.attributes.pnp_solver import solve_pnp
from app.vision.inference.face_pose import FIVE_POINTS
from training.evaluation.derived.mean_face_68 import app_points, mean_face_68
from training.samples.landmark_points import LANDMARK_NAMES, MIRRORED_ORDER

SIZE = (640, 480)
NOSE = POINT_NAMES.index("nose_tip")
EYES = [POINT_NAMES.index("right_eye_center"), POINT_NAMES.index("left_eye_center")]


def photograph(rotation, position_mm=(0.0, 0.0, 700.0), size=SIZE):
    """Pixels of the mean face, turned by a matrix and put at a position before the camera."""
    placed = np.array(MEAN_FACE_MM) @ rotation.T + position_mm
    projected = placed @ camera_matrix(size).T
    return (projected[:, :2] / projected[:, 2:]).astype(np.float32)


def mirrored(points, size=SIZE):
    """The points of the mirror image, each under the name that it has there."""
    swap = [POINT_NAMES.index(LANDMARK_NAMES[MIRRORED_ORDER[LANDMARK_NAMES.index(name)]]) for name in POINT_NAMES]
    return (points * (-1, 1) + (size[0] - 1, 0))[swap]


def solve(points, size=SIZE):
    found = head_rotation(points, size, solve_pnp)
    return found.yaw, found.pitch, found.roll


@pytest.mark.parametrize("head", list(itertools.product((-70, -20, 0, 45), (-35, 0, 25), (-50, 0, 30))))
def test_known_rotations_are_recovered_within_a_degree(head):
    assert solve(photograph(rotation_matrix(HeadRotation(*head)))) == pytest.approx(head, abs=1)


@pytest.mark.parametrize("size", [(640, 480), (480, 640), (1920, 1080)])
def test_the_size_of_the_picture_gives_the_camera(size):
    points = photograph(rotation_matrix(HeadRotation(25, -10, 5)), size=size)
    assert solve(points, size) == pytest.approx((25, -10, 5), abs=1)


def test_the_mirror_image_changes_the_sign_of_yaw_and_roll():
    points = photograph(rotation_matrix(HeadRotation(30, 12, -20)), (60.0, 20.0, 800.0))
    yaw, pitch, roll = solve(points)
    assert solve(mirrored(points)) == pytest.approx((-yaw, pitch, -roll), abs=0.01)


def test_the_signs_are_those_of_the_viewer():
    def nose_shift(**head):
        points = photograph(rotation_matrix(HeadRotation(**{"yaw": 0, "pitch": 0, "roll": 0} | head)))
        return points[NOSE] - photograph(np.eye(3))[NOSE]

    assert nose_shift(yaw=20)[0] > 5, "to the right of the picture"
    assert nose_shift(pitch=20)[1] < -5, "up"
    eyes = photograph(rotation_matrix(HeadRotation(0, 0, 20)))[EYES]
    assert eyes[1, 1] > eyes[0, 1] + 5, "the eye on the right lies lower if the top leans to the right"


@pytest.mark.parametrize("position_mm", [(-250.0, 0.0, 700.0), (250.0, 150.0, 700.0), (0.0, -200.0, 700.0)])
def test_a_face_that_looks_into_the_camera_has_no_angle_anywhere_in_the_picture(position_mm):
    forward = -np.array(position_mm) / np.linalg.norm(position_mm)
    toward = HeadRotation(np.degrees(np.arctan2(forward[0], -forward[2])), np.degrees(np.arcsin(-forward[1])), 0)
    points = photograph(rotation_matrix(toward), position_mm)
    assert solve(points) == pytest.approx((0, 0, 0), abs=1)
    assert head_rotation(points, SIZE, solve_pnp).angle_to_camera < 1


def test_angles_invert_the_rotation_matrix():
    for head in itertools.product((-170, -30, 0, 100), (-80, 0, 40), (-175, 0, 60)):
        found = angles(rotation_matrix(HeadRotation(*head)))
        assert (found.yaw, found.pitch, found.roll) == pytest.approx(head)


def test_the_angle_to_the_camera_combines_yaw_and_pitch():
    assert HeadRotation(20, 0, 70).angle_to_camera == pytest.approx(20)
    assert HeadRotation(0, -15, 0).angle_to_camera == pytest.approx(15)
    assert HeadRotation(90, 50, 0).angle_to_camera == pytest.approx(90)
    assert HeadRotation(0, 0, 0).angle_to_camera == 0


def test_without_a_solution_there_is_no_rotation():
    assert head_rotation(photograph(np.eye(3)), SIZE, lambda *_: None) is None


def test_the_mean_face_is_symmetric_and_derived_from_the_one_of_68_points():
    points = np.array(MEAN_FACE_MM)
    assert points == pytest.approx(app_points(mean_face_68()), abs=0.051)
    order = [POINT_NAMES.index(LANDMARK_NAMES[MIRRORED_ORDER[LANDMARK_NAMES.index(name)]]) for name in POINT_NAMES]
    assert points[order] * (-1, 1, 1) == pytest.approx(points)


def test_the_points_are_named_as_the_landmark_network_orders_them():
    assert (*FIVE_POINTS, *(name for name in LANDMARK_NAMES if name not in FIVE_POINTS)) == POINT_NAMES
