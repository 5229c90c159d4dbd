"""Landmarks, on a tiny network whose answers are told in tests/support/tiny_models: a bright dot is a nose."""

import json
import shutil
from dataclasses import replace

import cv2
import numpy as np
import pytest

from app.domain import Box, Face
from app.errors import ModelError
from app.vision.inference.face_pose import FacePose, has_landmarks
from app.vision.landmarks.landmark_tracking import NullLandmarkTracker, load_landmark_tracker
from app.vision.landmarks.network import MAX_FIRST_CONFIDENCE, LandmarkNetwork, read_landmark_card

NOSES = ((120, 100), (250, 160))


@pytest.fixture
def folder(landmark_models, tmp_path):
    """A copy that may be changed."""
    return shutil.copytree(landmark_models / "landmarks", tmp_path / "landmarks")


@pytest.fixture(scope="module")
def network(landmark_models):
    return LandmarkNetwork(read_landmark_card(landmark_models / "landmarks"))


def picture(*noses, light=255):
    image = np.zeros((240, 320, 3), np.uint8)
    for nose in noses:
        cv2.circle(image, nose, 5, (light, light, light), -1)
    return image


def face_near(x, y, side=60):
    return Face(Box(x - side / 2, y - side / 2, x + side / 2, y + side / 2), 0.8)


class FaceFilter(LandmarkNetwork):
    """Counts its looks at faces."""

    def __init__(self, models):
        super().__init__(read_landmark_card(models / "landmarks"))
        self.looks = 0

    def _predict_patches(self, patches):
        self.looks += len(patches)
        return super()._predict_patches(patches)


def change_card(folder, **changes):
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**card, **changes}))
    return folder


def test_each_face_gets_its_landmarks_in_pixels(network):
    faces = network.track(picture(*NOSES), [face_near(110, 105), face_near(255, 150)])
    for face, nose in zip(faces, NOSES, strict=True):
        assert face.points.shape == (6, 2)
        assert face.points[2] == pytest.approx(nose, abs=1)
        assert face.score == 0.8


def test_the_first_five_points_are_those_of_every_face(network):
    """Eyes, nose and mouth corners, the left side of the picture first, whatever the card's order."""
    (face,) = network.confirm_detections(picture(NOSES[0]), [face_near(*NOSES[0])])
    left_eye, right_eye, nose, left_corner, right_corner, lip = face.points
    assert left_eye[0] < nose[0] < right_eye[0]
    assert left_corner[0] < nose[0] < right_corner[0]
    assert left_eye[1] < nose[1] < lip[1] < left_corner[1]


def test_the_box_follows_the_landmarks(network):
    (face,) = network.confirm_detections(picture(NOSES[0]), [face_near(NOSES[0][0] - 15, NOSES[0][1] + 10)])
    assert face.box == FacePose.from_points(face.points).box
    assert face.box.center[0] == pytest.approx(NOSES[0][0] + 0.5, abs=1.5)


def test_what_is_no_face_is_left_out(network):
    image = picture(NOSES[0])
    near, far = face_near(*NOSES[0]), face_near(*NOSES[1])
    assert [face is None for face in network.track(image, [far, near])] == [True, False]
    assert len(network.confirm_detections(image, [far, near])) == 1
    assert network.confirm_detections(image, []) == []


def test_known_landmarks_lead_to_the_next_ones(network):
    """A face that was marked is looked for where its points are, not where its box is."""
    (face,) = network.confirm_detections(picture(NOSES[0]), [face_near(*NOSES[0])])
    elsewhere = Face(face_near(300, 30).box, 0.8, face.points)
    assert has_landmarks(face)
    (again,) = network.track(picture((NOSES[0][0] + 6, NOSES[0][1])), [elsewhere])
    assert again.points[2] == pytest.approx((NOSES[0][0] + 6, NOSES[0][1]), abs=1)


def test_who_is_covered_in_part_keeps_the_box_and_is_not_followed(network):
    """What is darker is less of a face, and its landmarks tell little of its place."""
    image, face = (
        picture(NOSES[0], light=200),
        replace(face_near(NOSES[0][0] - 10, NOSES[0][1]), landmark_confidence_ema=MAX_FIRST_CONFIDENCE),
    )
    (occluded,) = network.confirm_detections(image, [face_near(NOSES[0][0] - 10, NOSES[0][1])], [face])
    assert occluded.occluded
    assert has_landmarks(occluded)
    assert occluded.box == face.box
    assert network.track(image, [face]) == [None]


def test_what_is_usual_for_a_face_tells_whether_it_is_covered(network):
    """Some are never clear; who puts on a mask is as clear as ever after some time."""
    image, face = picture(NOSES[0], light=200), face_near(*NOSES[0])
    (unclear,) = network.confirm_detections(image, [face])
    assert not unclear.occluded
    known = [replace(unclear, landmark_confidence_ema=MAX_FIRST_CONFIDENCE)]
    given = [(known := network.confirm_detections(image, [face], known))[0].occluded for _ in range(200)]
    assert given[:10] == [True] * 10
    assert not given[-1]


@pytest.mark.parametrize(("off", "occluded"), [(70, True), (170, False)], ids=["near", "far"])
def test_a_part_of_who_comes_out_from_behind_something_is_known_for_a_part(network, off, occluded):
    """The face is not expected right there; one far off is another one."""
    image, (x, y) = picture(NOSES[0], light=200), NOSES[0]
    (found,) = network.confirm_detections(
        image,
        [face_near(x, y)],
        [replace(face_near(x + off, y), landmark_confidence_ema=MAX_FIRST_CONFIDENCE, occluded=True)],
    )
    assert found.occluded == occluded


def test_who_is_still_there_is_found_although_the_detector_is_not_sure(network):
    """Unless the detector found somebody near, who may be in front."""
    image = picture(NOSES[0])
    known = network.confirm_detections(image, [face_near(*NOSES[0])])
    assert len(network.confirm_detections(image, [], known)) == 1
    assert network.confirm_detections(image, [], [replace(known[0], occluded=True)]) == []
    assert network.confirm_detections(picture(), [], known) == []
    assert len(network.confirm_detections(image, [face_near(NOSES[0][0] + 5, NOSES[0][1])], known)) == 1


def test_of_two_on_one_face_only_the_nearer_one_is_followed(network):
    """Nor is the other one taken to be there when both are found: half hidden behind somebody, say."""
    image, (x, y) = picture(NOSES[0]), NOSES[0]
    near, far = face_near(x + 2, y), face_near(x + 20, y)
    assert [face is None for face in network.track(image, [far, near])] == [True, False]
    assert [face.box == far.box for face in network.confirm_detections(image, [far, near])] == [True, False]
    assert [face.occluded for face in network.confirm_detections(image, [far, near])] == [True, False]


def test_where_landmarks_are_expected_one_look_is_enough(landmark_models):
    network = FaceFilter(landmark_models)
    image, face = picture(NOSES[0]), face_near(*NOSES[0])
    known = network.confirm_detections(image, [face])
    assert network.looks == 2
    (again,) = network.confirm_detections(image, [face], known)
    assert network.looks == 3
    assert again.points == pytest.approx(known[0].points, abs=2)


def test_between_detections_a_face_is_followed_without_the_network(landmark_models):
    network = FaceFilter(landmark_models)
    noise = np.random.default_rng(5).integers(0, 200, (240, 320, 3), np.uint8)
    image = cv2.circle(cv2.GaussianBlur(noise, (0, 0), 3), NOSES[0], 5, (255, 255, 255), -1)
    known = network.confirm_detections(image, [face_near(*NOSES[0])])
    looks = network.looks
    (followed,) = network.track(np.roll(image, (1, 2), (0, 1)), known)
    assert network.looks == looks
    assert followed.points == pytest.approx(known[0].points + (2, 1), abs=0.3)
    assert followed.landmark_confidence_ema == known[0].landmark_confidence_ema
    assert network.track(picture(), known) == [None]
    assert network.looks == looks + 1


def test_without_a_network_detections_are_taken_as_they_are(tmp_path):
    landmark_tracker = load_landmark_tracker(tmp_path)
    faces = [face_near(50, 50)]
    assert isinstance(landmark_tracker, NullLandmarkTracker)
    assert landmark_tracker.confirm_detections(picture(), faces) == faces
    assert landmark_tracker.track(picture(), faces) == []


def test_the_network_in_a_folder_of_models_is_taken(landmark_models):
    assert isinstance(load_landmark_tracker(landmark_models), LandmarkNetwork)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"points": ["nose_tip"]}, "points lack right_eye_center"),
        ({"points": ["nose_tip"] * 2}, "points lack"),
        ({"score": 1.5}, "score 1.5"),
        ({"kind": "detector"}, "kind 'detector'"),
        ({"patch": {"size": 64, "colour": "gray", "margin": 1.5}}, "takes uint8"),
        ({"files": {}}, "hash"),
    ],
)
def test_a_card_that_does_not_fit_is_one_line(folder, changes, message):
    with pytest.raises(ModelError, match=message):
        LandmarkNetwork(read_landmark_card(change_card(folder, **changes)))


def test_a_picture_that_is_none_is_refused(network):
    with pytest.raises(ValueError, match="not RGB uint8"):
        network.track(np.zeros((50, 50), np.uint8), [face_near(20, 20)])
