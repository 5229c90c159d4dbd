import json

import numpy as np
import pytest

from app.attributes.estimate import ClassEstimate, NumberEstimate
from app.domain import Box, Face, Track
from app.paths import resource
from app.vision.attributes.attribute_inference import AttributePrediction
from app.vision.attributes.neutral_face import (
    APPLIED,
    FORGET_AFTER_S,
    MEASURING,
    MEASURING_S,
    MIN_READINGS,
    USUAL_NEUTRAL_LOGITS,
    NeutralFaces,
    excess_logits,
    lower_excess,
)
from app.vision.inference.model_card import read_card

FACE = Face(Box(0, 0, 10, 10), 0.9)
USUAL = {"happy": np.log(0.05), "neutral": np.log(0.8), "sad": np.log(0.15)}
SAD_LOOKING = {"happy": 0.05, "neutral": 0.4, "sad": 0.55}


def prediction(probabilities):
    return AttributePrediction({"emotion": ClassEstimate(probabilities), "age": NumberEstimate(30.0)}, 0.7)


def read(faces, probabilities, now_s, person=1):
    """What becomes of the reading of one person."""
    (corrected,) = faces.correct([Track(person, FACE)], [prediction(probabilities)], now_s)
    return corrected


def measured(person=1, probabilities=SAD_LOOKING, step_s=0.1):
    faces = NeutralFaces(USUAL)
    faces.measure(person)
    for number in range(round(MEASURING_S / step_s) + 1):
        read(faces, probabilities, number * step_s, person)
    return faces


def label_of(corrected):
    probabilities = corrected.estimates["emotion"].probabilities
    return max(probabilities, key=probabilities.get)


def test_half_of_what_lies_above_a_usual_neutral_face_is_taken_off():
    usual = np.log([0.05, 0.8, 0.15])
    excess = excess_logits(np.log([0.05, 0.4, 0.55]), usual)
    assert excess == pytest.approx([0, 0, np.log(0.55 / 0.15)])
    reading = np.array([0.3, 0.3, 0.4])
    lowered = lower_excess(reading, excess)
    assert lowered[0] == pytest.approx(lowered[1])
    assert lowered[2] / lowered[0] == pytest.approx(0.4 / 0.3 * (0.15 / 0.55) ** 0.5)
    assert lower_excess(reading, np.zeros(3)) == pytest.approx(reading)


def test_a_sad_looking_neutral_face_is_read_as_neutral_after_three_seconds():
    faces = NeutralFaces(USUAL)
    assert faces.state(1) is None
    faces.measure(1)
    for number in range(30):
        assert label_of(read(faces, SAD_LOOKING, number / 10)) == "sad"
        assert faces.state(1) == MEASURING
    corrected = read(faces, SAD_LOOKING, MEASURING_S)
    assert label_of(corrected) == "neutral"
    assert faces.state(1) == APPLIED
    assert corrected.weight == 0.7
    assert corrected.estimates["age"].value == 30


def test_clearly_sad_faces_stay_sad():
    assert label_of(read(measured(), {"happy": 0.02, "neutral": 0.08, "sad": 0.9}, 4.0)) == "sad"


def test_others_are_read_as_before():
    assert read(measured(), SAD_LOOKING, 4.0, person=2) == prediction(SAD_LOOKING)


def test_frames_without_a_reading_count_for_nothing():
    faces = NeutralFaces(USUAL)
    faces.measure(1)
    read(faces, SAD_LOOKING, 0.0)
    for number in range(1, 60):
        faces.correct([Track(1, FACE)], [AttributePrediction()], number / 10)
    assert faces.state(1) == MEASURING
    for number in range(MIN_READINGS - 1):
        read(faces, SAD_LOOKING, 6 + number / 10)
    assert faces.state(1) == APPLIED


def test_the_neutral_face_is_forgotten_when_the_person_leaves_on_request_and_with_the_source():
    faces = measured()
    faces.correct([], [], MEASURING_S + FORGET_AFTER_S - 0.1)
    assert faces.state(1) == APPLIED, "hidden for a moment"
    faces.correct([], [], MEASURING_S + FORGET_AFTER_S + 0.1)
    assert faces.state(1) is None
    faces = measured()
    faces.forget(1)
    assert label_of(read(faces, SAD_LOOKING, 4.0)) == "sad"
    assert faces.state(1) is None
    faces = measured()
    faces.reset()
    assert faces.state(1) is None


def test_measuring_again_replaces_the_measurement():
    faces = measured()
    faces.measure(1)
    read(faces, SAD_LOOKING, 4.0)
    assert faces.state(1) == MEASURING


def test_a_network_with_other_labels_is_not_corrected():
    faces = NeutralFaces(USUAL)
    faces.measure(1)
    other = {"calm": 0.4, "tense": 0.6}
    for number in range(40):
        assert read(faces, other, number / 10) == prediction(other)
    assert faces.state(1) is None


def test_the_usual_neutral_face_is_that_of_the_served_network():
    folder = resource("models") / "emotion"
    card = read_card(folder)
    assert set(USUAL_NEUTRAL_LOGITS) == set(card.class_labels)
    found = json.loads((folder / "card.json").read_text())["figures"]["correction by a neutral face"]
    usual = {label: found[f"one_usual_logit_{label}"] for label in USUAL_NEUTRAL_LOGITS}
    assert usual == pytest.approx(USUAL_NEUTRAL_LOGITS, abs=0.01)
    assert found["one_lower_excess_gain"] > 0, "the app has it only because it helps"


def test_tracks_tell_the_state():
    marked = measured().mark([Track(1, FACE), Track(2, FACE)])
    assert [track.neutral_face for track in marked] == [APPLIED, None]
