import numpy as np
import pytest

from app.attributes.attribute import DerivedInputs
from app.attributes.circumplex import COORDINATES
from app.attributes.derived import arousal, compound, facing, head_pose, valence
from app.attributes.emotion_pair import MIN_PAIR_PROBABILITY, second_emotion
from app.attributes.estimate import ClassEstimate, NumberEstimate, VectorEstimate
from app.attributes.face_geometry import MEAN_FACE_MM, HeadRotation, camera_matrix, rotation_matrix
from app.vision.attributes.pnp_solver import solve_pnp

SIZE = (640, 480)


def inputs(points=None, **estimates):
    return DerivedInputs(estimates, points, SIZE, solve_pnp)


def points_of(yaw, pitch, roll):
    placed = np.array(MEAN_FACE_MM) @ rotation_matrix(HeadRotation(yaw, pitch, roll)).T + (0, 0, 700)
    projected = placed @ camera_matrix(SIZE).T
    return (projected[:, :2] / projected[:, 2:]).astype(np.float32)


def emotion(**probabilities):
    return ClassEstimate(dict.fromkeys(COORDINATES, 0.0) | probabilities, max(probabilities, key=probabilities.get))


def test_the_head_pose_comes_from_the_landmarks():
    found = head_pose.derive(inputs(points_of(-25, 10, 15)))
    assert found.values == pytest.approx({"yaw": -25, "pitch": 10, "roll": 15}, abs=1)


def test_without_the_landmark_network_there_is_no_head_pose():
    assert head_pose.derive(inputs()) is None
    assert head_pose.derive(inputs(points_of(0, 0, 0)[:5])) is None, "the five points of a detector"


@pytest.mark.parametrize(
    ("pose", "label"),
    [
        ((0, 0, 0), "facing"),
        ((19, 0, 60), "facing"),
        ((-21, 0, 0), "away"),
        ((15, 15, 0), "away"),
        ((180, 0, 0), "away"),
    ],
)
def test_a_face_within_20_degrees_faces_the_camera(pose, label):
    values = VectorEstimate(dict(zip(("yaw", "pitch", "roll"), pose, strict=True)))
    assert facing.derive(inputs(head_pose=values)).label == label


def test_without_a_head_pose_nobody_faces_the_camera():
    assert facing.derive(inputs()) is None
    assert facing.derive(inputs(head_pose=VectorEstimate())) is None


def test_an_emotion_lies_at_its_own_coordinates():
    for name, point in COORDINATES.items():
        found = inputs(emotion=emotion(**{name: 1.0}))
        assert valence.ATTRIBUTE.derive(found) == NumberEstimate(pytest.approx(point.valence))
        assert arousal.ATTRIBUTE.derive(found) == NumberEstimate(pytest.approx(point.arousal))


def test_a_mixture_lies_between_its_emotions():
    found = inputs(emotion=emotion(happy=0.5, sad=0.25, neutral=0.25))
    assert valence.ATTRIBUTE.derive(found).value == pytest.approx(0.5 * 0.81 - 0.25 * 0.63)
    assert arousal.ATTRIBUTE.derive(found).value == pytest.approx(0.5 * 0.51 - 0.25 * 0.27)


def test_a_hidden_emotion_has_no_valence_and_a_missing_one_none_at_all():
    hidden = inputs(emotion=ClassEstimate(label="unsure"))
    assert valence.ATTRIBUTE.derive(hidden) == NumberEstimate(None)
    assert arousal.ATTRIBUTE.derive(hidden) == NumberEstimate(None)
    assert valence.ATTRIBUTE.derive(inputs()) is None
    unknown = ClassEstimate({"happy": 0.5, "contempt": 0.5}, "happy")
    assert arousal.ATTRIBUTE.derive(inputs(emotion=unknown)) is None, "a model with an emotion that has no coordinates"


def test_all_say_what_they_are_derived_from_and_are_off_by_default():
    notes = {one.ATTRIBUTE.name: one.ATTRIBUTE.note for one in (head_pose, facing, valence, arousal)}
    assert notes["valence"] == notes["arousal"] == "derived from the expression"
    assert all(notes.values())
    assert not any(one.ATTRIBUTE.shown_by_default for one in (head_pose, facing, valence, arousal))
    for one in (valence, arousal):
        assert all(-1 <= getattr(point, one.ATTRIBUTE.name) <= 1 for point in COORDINATES.values())
        assert one.ATTRIBUTE.range == (-1, 1)
        assert one.ATTRIBUTE.rounded(NumberEstimate(0.12345)).value == 0.12


def test_a_likely_second_emotion_makes_a_pair_in_either_order():
    for first, second in (("happy", "surprise"), ("surprise", "happy")):
        found = compound.derive(inputs(emotion=emotion(**{first: 0.6, second: 0.3, "sad": 0.1})))
        assert found.label == "happy + surprise"
    assert found.label in compound.ATTRIBUTE.labels


def test_the_pair_is_the_one_that_the_emotion_shows():
    smoothed = ClassEstimate({"happy": 0.7, "surprise": 0.18, "sad": 0.12}, "happy", "surprise")
    assert compound.derive(inputs(emotion=smoothed)).label == "happy + surprise"
    assert compound.derive(inputs(emotion=emotion(happy=0.7, surprise=0.18, sad=0.12))).label == "single"


def test_there_is_no_pair_while_the_emotion_is_unsure_hidden_or_missing():
    unsure = ClassEstimate({"happy": 0.35, "surprise": 0.35, "sad": 0.3}, "unsure")
    assert compound.derive(inputs(emotion=unsure)).label == "unsure"
    assert compound.derive(inputs(emotion=ClassEstimate(label="unsure"))).label == "unsure"
    assert compound.derive(inputs()) is None


def test_the_threshold_of_a_pair_is_inclusive():
    shown = {"happy": 1 - MIN_PAIR_PROBABILITY, "sad": MIN_PAIR_PROBABILITY}
    assert second_emotion(shown, "happy") == "sad"
    assert second_emotion({"happy": 0.81, "sad": MIN_PAIR_PROBABILITY - 0.01}, "happy") is None
    assert len(compound.ATTRIBUTE.labels) == 1 + 7 * 6 // 2
