"""Patches of face pictures: upright by the landmarks where the network sees them, else the picture as it is."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from app.errors import ModelError
from app.vision.landmarks import LandmarkNetwork, read_landmark_card
from app.vision.patch import PatchSpec, whole_picture_frame
from training.alignment import face_patches, frame_of, whole_patch

SPEC = PatchSpec(48, "gray", 1.5)
ALIGNED = replace(SPEC, aligned=True)


def picture(*nose):
    image = np.zeros((96, 96, 3), np.uint8)
    if nose:
        cv2.circle(image, nose, 4, (255, 255, 255), -1)
    return image


@pytest.fixture(scope="module")
def network(landmark_models):
    return LandmarkNetwork(read_landmark_card(landmark_models / "landmarks"))


def test_an_aligned_patch_has_the_face_in_its_middle(network):
    """The tiny network of tests/make_models.py takes a bright dot for the nose."""
    frame = frame_of(picture(56, 45), ALIGNED, network)
    assert frame.x == pytest.approx(56, abs=3)
    assert frame != whole_picture_frame(96, 96, ALIGNED)


def test_landmarks_far_off_are_not_believed(network):
    whole = whole_picture_frame(96, 96, ALIGNED)
    assert frame_of(picture(10, 85), ALIGNED, network) == whole
    assert frame_of(picture(), ALIGNED, network) == whole, "no face was seen"


def test_patches_that_are_not_aligned_are_the_pictures(landmark_models):
    images = [picture(56, 45), picture(20, 20)]
    found = face_patches(images, SPEC, landmark_models)
    assert found.tobytes() == b"".join(whole_patch(image, SPEC).tobytes() for image in images)
    assert face_patches(images, ALIGNED, landmark_models)[0].tobytes() != whole_patch(images[0], SPEC).tobytes()
    assert face_patches([], SPEC).shape == (0, 48, 48, 1)


def test_alignment_without_a_network_is_one_line(tmp_path):
    with pytest.raises(ModelError, match="there is no .*card.json"):
        face_patches([picture()], ALIGNED, tmp_path)
