"""Patches of face pictures: upright by the landmarks where the network sees them, else the picture as it is."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from app.domain import Box, Face
from app.errors import ModelError
from app.vision.inference.face_crop import PatchSpec, whole_image_pose
from app.vision.inference.face_pose import FacePose
from tests.support.training import whole_image_patch
from training.samples.framing import Framing
from training.samples.sample import Sample
from training.transforms.alignment import FaceAligner, crop_patches, face_patches, padding_masks

SPEC = PatchSpec(48, "gray", 1.5)
ALIGNED = replace(SPEC, aligned=True)


def picture(*nose):
    image = np.zeros((96, 96, 3), np.uint8)
    if nose:
        cv2.circle(image, nose, 4, (255, 255, 255), -1)
    return image


def sample(*nose, **rest):
    return Sample("a", picture(*nose), {}, **rest)


@pytest.fixture(scope="module")
def aligner(landmark_models):
    return FaceAligner(landmark_models)


def test_an_aligned_patch_has_the_face_in_its_middle(aligner):
    """The tiny network of tests/support/tiny_models takes a bright dot for the nose."""
    frame = aligner.face_pose(sample(56, 45), ALIGNED)
    assert frame.x == pytest.approx(56, abs=3)
    assert frame != whole_image_pose(96, 96, ALIGNED)


def test_landmarks_far_off_are_not_believed(aligner):
    whole = whole_image_pose(96, 96, ALIGNED)
    assert aligner.face_pose(sample(10, 85), ALIGNED) == whole
    assert aligner.face_pose(sample(), ALIGNED) == whole, "no face was seen"


def test_patches_that_are_not_aligned_are_the_pictures(landmark_models):
    samples = [sample(56, 45), sample(20, 20)]
    found = face_patches(samples, SPEC, landmark_models)
    assert found.tobytes() == b"".join(whole_image_patch(one.image, SPEC).tobytes() for one in samples)
    aligned = face_patches(samples, ALIGNED, landmark_models)
    assert aligned[0].tobytes() != whole_image_patch(samples[0].image, SPEC).tobytes()
    assert face_patches([], SPEC).shape == (0, 48, 48, 1)


def test_alignment_without_a_network_is_one_line(tmp_path):
    with pytest.raises(ModelError, match="card.json does not exist"):
        face_patches([sample()], ALIGNED, tmp_path)


def test_a_set_that_frames_faces_widely_gives_patches_of_the_face_alone():
    wide = sample(48, 48, framing=Framing(margin=3.0))
    (patch,) = face_patches([wide], SPEC)
    assert patch.tobytes() == whole_image_patch(wide.image[24:72, 24:72], SPEC).tobytes()


def test_a_face_anywhere_in_a_picture_of_unknown_framing_is_found_by_the_detector(aligner, monkeypatch):
    """The detector says where, and how large; the landmarks are looked for there."""
    box = Box(10, 60, 40, 95)
    monkeypatch.setattr(aligner, "_detector", Finds([Face(Box(0, 0, 5, 5), 0.9), Face(box, 0.8)]))
    assert aligner.face_pose(sample(), ALIGNED) == FacePose.from_box(box), "no landmarks were seen"
    known = sample(framing=Framing(1.5))
    assert aligner.face_pose(known, ALIGNED) == whole_image_pose(96, 96, ALIGNED), "its set says where"


class Finds:
    def __init__(self, faces):
        self.faces = faces

    def detect(self, image):
        return self.faces


def test_what_lies_past_the_edge_of_a_picture_is_known():
    frames = [whole_image_pose(96, 96, SPEC), FacePose(0, 48, 64)]
    whole, half = padding_masks(frames, [sample(), sample()], SPEC)
    assert (whole == 0).all()
    assert half.dtype == np.uint8
    assert (half[:, :23] == 255).all()
    assert (half[:, 25:] == 0).all()
    patches = crop_patches(frames, [sample(), sample()], SPEC)
    assert patches.shape == (2, 48, 48, 1)
