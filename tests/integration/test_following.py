"""People followed through composed scenes by a real detector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from app.domain import Frame
from app.vision.demo import PORTRAITS, DemoScene, Portrait, Pose
from app.vision.detect import FaceDetector
from app.vision.pipeline import Pipeline

FPS = 30.0
ASTRONAUT, HOPPER = PORTRAITS[:2]


def on_the_way(portrait: Portrait, *poses: Pose) -> Portrait:
    return replace(portrait, poses=(*poses, replace(poses[-1], at_s=60.0)))


def followed(portraits: Sequence[Portrait], seconds: float, detector: FaceDetector) -> list[dict[int, np.ndarray]]:
    """By picture, the centre of each face that is shown, by its id."""
    scene, pipeline, seen = DemoScene(640, 480, portraits), Pipeline(detector, []), []
    for index in range(round(seconds * FPS)):
        frame = Frame(scene.picture(index / FPS), index, index / FPS, 0.0)
        boxes = {face["id"]: face["box"] for face in pipeline.step(frame).faces}
        seen.append({id: np.array([x1 + x2, y1 + y2]) / 2 for id, (x1, y1, x2, y2) in boxes.items()})
    return seen


@pytest.mark.parametrize("seconds", [1.3, 2.2])
def test_two_portraits_that_cross_keep_their_ids(real_detector: FaceDetector, seconds: float):
    ann = on_the_way(ASTRONAUT, Pose(0, 0.25, 0.5, 0.6), Pose(0.2, 0.25, 0.5, 0.6), Pose(seconds, 0.75, 0.5, 0.6))
    ben = on_the_way(HOPPER, Pose(0, 0.75, 0.5, 0.6), Pose(0.2, 0.75, 0.5, 0.6), Pose(seconds, 0.25, 0.5, 0.6))
    seen = followed([ann, ben], seconds + 0.2, real_detector)
    (left, right) = sorted(seen[3], key=lambda id: seen[3][id][0])
    assert seen[-1].keys() == {left, right} == {id for faces in seen for id in faces}
    assert seen[-1][left][0] > seen[-1][right][0] + 200, "each is now where the other one was"


def test_somebody_hidden_for_a_second_keeps_the_id(real_detector: FaceDetector):
    """The astronaut waits; Hopper's portrait comes by, covers her for a while, and leaves."""
    ann = on_the_way(ASTRONAUT, Pose(0, 0.5, 0.5, 0.5), Pose(1, 0.5, 0.5, 0.5))
    ben = on_the_way(
        HOPPER, Pose(0, 1.3, 0.5, 0.6), Pose(0.2, 1.3, 0.5, 0.6), Pose(1.2, 0.5, 0.5, 0.6), Pose(1.7, 0.5, 0.5, 0.6),
        Pose(2.5, -0.3, 0.5, 0.6),
    )  # fmt: skip
    seen = followed([ann, ben], 2.6, real_detector)
    assert list(seen[5]) == list(seen[-1]) == [1]
    assert {id for faces in seen for id in faces} == {1, 2}
    np.testing.assert_allclose(seen[5][1], seen[-1][1], atol=15)
