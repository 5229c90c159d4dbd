"""What the served models say of still and of changing faces, through the whole pipeline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from app.bench.expression_latency import measure_expression_latency
from app.bench.scenes.face_pictures import portrait_pictures
from app.bench.scenes.scene_renderer import SceneRenderer, assign_pictures
from app.bench.scenes.synthetic_scenes import expressions
from app.domain import Frame
from app.paths import PROJECT
from app.vision.attributes.predictor import Predictor, load_predictors
from app.vision.capture.demo import STILL_AT_S, DemoScene
from app.vision.detection.face_detector import FaceDetector
from app.vision.worker.pipeline import Pipeline

MODELS = PROJECT / "models"
SHOWN_WITHIN_S = 0.4


@pytest.fixture(scope="module")
def predictors() -> list[Predictor]:
    if not (MODELS / "emotion").is_dir():
        pytest.skip(f"no emotion model in {MODELS}: how steady its labels are is not tested here")
    return load_predictors(MODELS)


def labels_of(pictures: Iterable[np.ndarray], fps: float, pipeline: Pipeline) -> list[dict[int, str]]:
    """By picture, the emotion shown for each person."""
    frames = (Frame(image, index, index / fps, 0.0) for index, image in enumerate(pictures))
    return [{face.id: face.estimates["emotion"].label for face in pipeline.step(frame).faces} for frame in frames]


def with_noise(picture: np.ndarray, count: int, noise: float) -> Iterator[np.ndarray]:
    """The same picture again and again, each time with other noise of a sensor."""
    rng = np.random.default_rng(1)
    grains = [rng.normal(0, noise, picture.shape).astype(np.int16) for _ in range(5)]
    for index in range(count):
        grain = np.roll(grains[index % len(grains)], tuple(rng.integers(0, 300, 2)), (0, 1))
        yield np.clip(picture + grain, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("noise", "seconds"), [(0, 5), (6, 20)])
def test_labels_of_still_faces_stay(
    real_detector: FaceDetector, predictors: list[Predictor], noise: float, seconds: int
):
    """At most one switch, under ids that stay."""
    still, fps = DemoScene(640, 480).render(STILL_AT_S), 10
    shown = labels_of(with_noise(still, seconds * fps, noise), fps, Pipeline(real_detector, predictors))
    assert all(faces.keys() == {1, 2, 3} for faces in shown)
    for id in shown[0]:
        assert sum(one[id] != other[id] for one, other in zip(shown, shown[1:], strict=False)) <= 1


@pytest.mark.parametrize("fps", [10, 30])
def test_another_expression_shows_within_400_ms(real_detector: FaceDetector, predictors: list[Predictor], fps: float):
    """One portrait takes the other's place, so that one and the same person changes."""
    scene = replace(expressions(2), fps=fps)
    renderer, pipeline = (
        SceneRenderer(scene, assign_pictures(scene, portrait_pictures())),
        Pipeline(real_detector, predictors),
    )
    frames = (Frame(renderer.render(time_s), index, time_s, 0.0) for index, time_s in enumerate(scene.times_s))
    onset = measure_expression_latency(scene, [pipeline.step(frame) for frame in frames])
    assert onset is not None
    assert onset["shown"] == 2
    assert onset["slowest_s"] <= SHOWN_WITHIN_S
