"""Found faces are matched to those known, and a still face rests."""

from dataclasses import replace

import numpy as np

from app.domain import Box, Face
from app.vision.tracking.association import FaceAssociator, hold_if_still

STEP_S = 1 / 30


def face_at(x):
    return Face(Box(x, 10, x + 40, 50), 0.9)


def test_who_is_missing_does_not_take_anothers_face_for_want_of_a_sure_one():
    """Somebody comes out from behind somebody else, and the part that shows first is a bad face."""
    matcher = FaceAssociator()
    front, back = matcher.associate([face_at(10), face_at(20)], 0.0)
    assert matcher.associate([face_at(10)], STEP_S) == [front]
    assert matcher.associate([face_at(12), replace(face_at(30), score=0.5)], 2 * STEP_S) == [front, None]
    assert matcher.associate([face_at(12), face_at(30)], 3 * STEP_S) == [front, back]


def test_landmarks_that_wander_on_a_still_face_lie_still_and_those_that_move_do_not():
    points = np.random.default_rng(0).uniform(10, 90, (15, 2)).astype(np.float32)
    before = Face(Box(0, 0, 100, 100), 0.9, points)
    wandered = Face(Box(0.1, 0, 100.1, 100), 0.8, points + 0.2)
    assert hold_if_still(before, wandered).box == before.box
    assert hold_if_still(before, wandered).points is points
    assert hold_if_still(before, wandered).score == 0.8
    moved = Face(Box(1, 0, 101, 100), 0.9, points + 0.5)
    assert hold_if_still(before, moved) is moved
    assert hold_if_still(replace(before, points=points[:5]), wandered) is wandered, "a detector's points are too rough"
