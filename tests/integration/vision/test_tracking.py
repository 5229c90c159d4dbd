"""People followed through synthetic scenes by a real detector."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.bench.identity_metrics import IdentityMetrics, measure_identities
from app.bench.scenes.face_pictures import portrait_pictures
from app.bench.scenes.scene_renderer import SceneRenderer, assign_pictures
from app.bench.scenes.synthetic_scenes import Person, Scene, crossings, occlusions, piecewise_trajectory
from app.domain import Frame
from app.vision.detection.face_detector import FaceDetector
from app.vision.worker.pipeline import Pipeline


def followed(scene: Scene, detector: FaceDetector) -> IdentityMetrics:
    renderer, pipeline = SceneRenderer(scene, assign_pictures(scene, portrait_pictures())), Pipeline(detector, [])
    frames = (Frame(renderer.render(time_s), index, time_s, 0.0) for index, time_s in enumerate(scene.times_s))
    return measure_identities(scene, map(pipeline.step, frames))


@pytest.mark.parametrize("seconds", [1.8, 2.5])
def test_two_portraits_that_cross_keep_their_ids(real_detector: FaceDetector, seconds: float):
    scene = replace(crossings(seconds=4 * seconds), seconds=seconds)
    count = followed(scene, real_detector)
    assert [len(ids) for ids in count.ids.values()] == [1, 1]
    assert count.false_boxes == 0
    # Detectors differ in how wide a face is to them; ours draws wider boxes than the scene.
    assert np.mean(count.ious) > 0.65


def test_somebody_behind_a_board_for_a_second_keeps_the_id(real_detector: FaceDetector):
    scene = occlusions()
    count = followed(replace(scene, persons={"waiting": scene.persons["waiting"]}, seconds=4.0), real_detector)
    assert count.ids == {"waiting": [1]}


def test_somebody_hidden_by_another_one_keeps_the_id(real_detector: FaceDetector):
    """One waits; another one comes by, hides her for a while, and leaves."""
    ann = Person(piecewise_trajectory((0, 320, 240, 76)), depth=1)
    ben = Person(
        piecewise_trajectory((0.2, 840, 240, 108), (1.2, 330, 240, 108), (1.7, 310, 240, 108), (2.5, -200, 240, 108))
    )
    count = followed(Scene({"Ann": ann, "Ben": ben}, 2.7), real_detector)
    assert count.ids == {"Ann": [1], "Ben": [2]}
