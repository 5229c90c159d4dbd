from collections import Counter

import numpy as np
import pytest

from app.attributes.attribute_set import AttributeSet
from app.domain import Box, Face, Track
from app.vision.attributes.attribute_inference import AttributeInference, AttributePrediction
from app.vision.attributes.predictor import load_predictors

PICTURE = np.full((120, 160, 3), 128, np.uint8)


def inference_of(predictors):
    return AttributeInference(predictors, AttributeSet())


def track(id, seen=True):
    return Track(id, Face(Box(20 * id, 20, 20 * id + 30, 60), 0.9), is_detected=seen)


@pytest.fixture(scope="module")
def predictors(models_dir):
    return load_predictors(models_dir, ("emotion", "age", "sex"))


def test_the_first_time_every_model_reads_every_face(predictors):
    for reading in inference_of(predictors).run(PICTURE, [track(1), track(2)], 0.0):
        assert set(reading.estimates) == {"emotion", "age", "sex"}
        assert 0 < reading.weight < 1


def test_then_only_what_may_have_changed_is_read(predictors):
    inference = inference_of(predictors)
    inference.run(PICTURE, [track(1)], 0.0)
    assert inference.run(PICTURE, [track(1)], 0.03) == [AttributePrediction()]
    (reading,) = inference.run(PICTURE, [track(1)], 0.1)
    assert set(reading.estimates) == {"emotion"}


def test_a_face_that_was_missed_is_not_read(predictors):
    assert inference_of(predictors).run(PICTURE, [track(1, seen=False)], 0.0) == [AttributePrediction()]


def test_a_new_source_is_read_afresh(predictors):
    inference = inference_of(predictors)
    inference.run(PICTURE, [track(1)], 50.0)
    inference.reset()
    assert "age" in inference.run(PICTURE, [track(1)], 0.0)[0].estimates


def test_nobody_and_no_model_are_nothing_to_read(predictors):
    assert inference_of(predictors).run(PICTURE, [], 0.0) == []
    assert inference_of([]).run(PICTURE, [track(1)], 0.0) == [AttributePrediction()]


def test_masks_are_read_again_sooner_than_ages(predictors, mask_models):
    """All with a face that stays as it is, at 10 frames a second."""
    inference = inference_of([*predictors, *load_predictors(mask_models)])
    counts = Counter()
    for index in range(100):
        (reading,) = inference.run(PICTURE, [track(1)], index / 10)
        counts.update(reading.estimates.keys())
    assert counts["emotion"] > 3 * counts["mask"]
    assert counts["mask"] > 2 * counts["age"]
