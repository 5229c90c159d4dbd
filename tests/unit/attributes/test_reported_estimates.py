"""What is reported of a face: thresholds, what hides an attribute, and the JSON of docs/api.md."""

import pytest

from app.attributes.attribute_set import AttributeSet
from app.attributes.estimate import UNSURE, ClassEstimate, NumberEstimate
from app.domain import Box, Face, FaceResult, Track
from app.face_json import FaceResults, face_result, face_to_json

ATTRIBUTES = AttributeSet()
FACE = Face(Box(1, 2, 3, 4), 0.5)


def sex(p_female, label=None):
    return ClassEstimate({"male": 1 - p_female, "female": p_female}, label)


def reported(**estimates):
    """JSON of a face with these estimates, by attribute."""
    track = Track(7, FACE, ATTRIBUTES.report(estimates))
    return face_to_json(face_result(track, ATTRIBUTES), ATTRIBUTES)


def label(name, estimate):
    return reported(**{name: estimate})[name]["label"]


def test_a_face_has_only_what_models_predicted():
    assert reported() == {"id": 7, "box": [1, 2, 3, 4], "score": 0.5}
    face = reported(
        emotion=ClassEstimate({"happy": 0.75, "sad": 0.25}), age=NumberEstimate(30.06, (21.04, 40)), sex=sex(0.3)
    )
    assert face["emotion"] == {"label": "happy", "second": None, "probabilities": {"happy": 0.75, "sad": 0.25}}
    assert face["age"] == {"years": 30.1, "interval": [21.0, 40]}
    assert face["sex"] == {"label": "male", "p_female": 0.3}


@pytest.mark.parametrize(
    ("name", "probabilities", "expected"),
    [
        ("emotion", {"happy": 0.39, "sad": 0.35, "fear": 0.26}, UNSURE),
        ("emotion", {"happy": 0.41, "sad": 0.35, "fear": 0.24}, "happy"),
        ("sex", {"male": 0.4, "female": 0.6}, UNSURE),
        ("sex", {"male": 0.66, "female": 0.34}, "male"),
        ("race", {"asian": 0.4, "white": 0.35, "other": 0.25}, UNSURE),
        ("race", {"asian": 0.7, "other": 0.3}, "asian"),
        ("mask", {"none": 0.55, "mask": 0.45}, UNSURE),
        ("mask", {"none": 0.9, "mask": 0.04, "wrong": 0.06}, "none"),
    ],
)
def test_a_label_needs_its_minimum_probability(name, probabilities, expected):
    assert label(name, ClassEstimate(probabilities)) == expected


def test_a_smoothed_label_is_kept_whatever_the_probabilities():
    assert label("emotion", ClassEstimate({"happy": 0.5, "sad": 0.5}, "sad")) == "sad"
    assert label("mask", ClassEstimate({"none": 0.55, "mask": 0.45}, "none")) == "none"
    assert label("sex", sex(0.9, UNSURE)) == UNSURE


FULL = {
    "emotion": ClassEstimate({"happy": 0.9, "sad": 0.1}, "happy", "sad"),
    "age": NumberEstimate(30.0, (21.0, 40.0)),
    "sex": sex(0.9, "female"),
    "race": ClassEstimate({"asian": 0.9, "other": 0.1}, "asian"),
}
WORN = ClassEstimate({"none": 0.1, "mask": 0.9})


def test_behind_a_mask_emotion_age_and_race_are_not_reported():
    face = reported(**FULL, mask=WORN)
    assert face["emotion"] == {"label": UNSURE, "second": None, "probabilities": None}
    assert face["age"] == {"years": None, "interval": None}
    assert face["race"] == {"label": UNSURE, "probabilities": None}
    assert face["sex"] == reported(**FULL)["sex"]


@pytest.mark.parametrize("worn", ["none", "wrong", UNSURE])
def test_only_a_mask_worn_correctly_hides_them(worn):
    face = reported(**FULL, mask=ClassEstimate(WORN.probabilities, worn))
    assert {name: face[name] for name in FULL} == {name: reported(**FULL)[name] for name in FULL}


@pytest.mark.parametrize(("years", "expected"), [(3.9, UNSURE), (4.0, "female"), (None, "female")])
def test_the_sex_of_small_children_is_not_reported(years, expected):
    face = reported(age=NumberEstimate(years), sex=sex(0.9, "female"))
    assert face["sex"] == {"label": expected, "p_female": 0.9}
    assert "sex" not in reported(age=NumberEstimate(years))


def test_an_attribute_of_a_model_that_came_later_is_left_out():
    """The vision process may be restarted with more models than the web process knows."""
    face = FaceResult(7, FACE.box, 0.5, {"glasses": NumberEstimate(1.0), "age": NumberEstimate(30.0)})
    assert set(face_to_json(face, ATTRIBUTES)) == {"id", "box", "score", "age"}


def test_results_follow_a_face_and_its_estimates_from_frame_to_frame():
    results, known = FaceResults(ATTRIBUTES), {"age": NumberEstimate(30.06)}
    (first,) = results.of([Track(7, FACE, known)])
    (moved,) = results.of([Track(7, Face(Box(2, 2, 4, 4), 0.6), known, neutral_face="measuring")])
    assert (moved.box.x1, moved.score, moved.neutral_face) == (2, 0.6, "measuring")
    assert moved.estimates is first.estimates, "rounded once"
    other, aged = results.of([Track(8, FACE, known), Track(7, FACE, {"age": NumberEstimate(31.04)})])
    assert (other.estimates["age"].value, aged.estimates["age"].value) == (30.1, 31.0)
