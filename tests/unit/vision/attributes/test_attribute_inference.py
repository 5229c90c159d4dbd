from collections import Counter

import numpy as np
import pytest

from app.domain import Attributes, Box, Face, Track
from app.vision.attributes.attribute_inference import AttributeInference, AttributePrediction, merge
from app.vision.attributes.predictor import load_predictors

PICTURE = np.full((120, 160, 3), 128, np.uint8)


def track(id, seen=True):
    return Track(id, Face(Box(20 * id, 20, 20 * id + 30, 60), 0.9), is_detected=seen)


@pytest.fixture(scope="module")
def predictors(models_dir):
    return load_predictors(models_dir)


def test_the_first_time_every_model_reads_every_face(predictors):
    for reading in AttributeInference(predictors).run(PICTURE, [track(1), track(2)], 0.0):
        assert None not in (reading.attributes.emotion, reading.attributes.age_years, reading.attributes.p_female)
        assert 0 < reading.weight < 1


def test_then_only_what_may_have_changed_is_read(predictors):
    inference = AttributeInference(predictors)
    inference.run(PICTURE, [track(1)], 0.0)
    assert inference.run(PICTURE, [track(1)], 0.03) == [AttributePrediction()]
    (reading,) = inference.run(PICTURE, [track(1)], 0.1)
    assert reading.attributes.emotion is not None
    assert reading.attributes.age_years is None


def test_a_face_that_was_missed_is_not_read(predictors):
    assert AttributeInference(predictors).run(PICTURE, [track(1, seen=False)], 0.0) == [AttributePrediction()]


def test_a_new_source_is_read_afresh(predictors):
    inference = AttributeInference(predictors)
    inference.run(PICTURE, [track(1)], 50.0)
    inference.reset()
    assert inference.run(PICTURE, [track(1)], 0.0)[0].attributes.age_years is not None


def test_nobody_and_no_model_are_nothing_to_read(predictors):
    assert AttributeInference(predictors).run(PICTURE, [], 0.0) == []
    assert AttributeInference([]).run(PICTURE, [track(1)], 0.0) == [AttributePrediction()]


def test_masks_are_read_again_sooner_than_ages(predictors, mask_models):
    """All with a face that stays as it is, at 10 frames a second."""
    inference = AttributeInference([*predictors, *load_predictors(mask_models)])
    counts = Counter()
    for index in range(100):
        (reading,) = inference.run(PICTURE, [track(1)], index / 10)
        counts.update(name for name in ("emotion", "mask", "age_years") if getattr(reading.attributes, name))
    assert counts["emotion"] > 3 * counts["mask"]
    assert counts["mask"] > 2 * counts["age_years"]


def test_later_models_add_to_what_is_known():
    known = merge(Attributes(emotion={"happy": 1.0}), Attributes(age_years=30.0))
    more = Attributes(age_years=40.0, p_female=0.2, age_interval=(30.0, 50.0))
    assert merge(known, more) == Attributes({"happy": 1.0}, 40.0, 0.2, (30.0, 50.0))
