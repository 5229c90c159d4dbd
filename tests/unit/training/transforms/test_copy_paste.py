"""Faces set into pictures without one are where their boxes say, and masks lie where they are worn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.errors import ModelError
from app.vision.inference.face_crop import PatchSpec
from app.vision.inference.face_pose import BOX_RISE_UNITS
from tests.support.training import emotion_tree, write_folder
from training.samples.landmark_points import LANDMARK_NAMES
from training.samples.sample import Sample
from training.transforms import copy_paste as source
from training.transforms.copy_paste import copy_paste, pastable_face, pastable_face_from_points, read_pastable_faces
from training.transforms.mask_overlay import add_masks
from training.transforms.photometric import is_grayscale
from training.transforms.scene_crops import Crop

UNKNOWN = np.full((1, 5, 2), np.nan, np.float32)


def marked_face() -> Sample:
    image = np.full((100, 100, 3), 200, np.uint8)
    points = np.full((len(LANDMARK_NAMES), 2), 50, np.float32)
    for name, place in {
        "right_eye_center": (40, 40), "left_eye_center": (60, 40), "nose_tip": (50, 50),
        "mouth_right_corner": (42, 60), "mouth_left_corner": (58, 60),
    }.items():  # fmt: skip
        points[LANDMARK_NAMES.index(name)] = place
    return Sample("face.jpg", image, {}, points=points)


def test_a_cutout_gets_its_box_from_its_points() -> None:
    face = pastable_face(marked_face())
    assert face.points.tolist() == [[40, 40], [60, 40], [50, 50], [42, 60], [58, 60]]
    centre = (face.box[:2] + face.box[2:]) / 2
    assert np.allclose(centre, (50.5, 50.5 - BOX_RISE_UNITS * 20))
    assert face.box[2] - face.box[0] == pytest.approx(44)


def test_composed_faces_are_where_their_boxes_say() -> None:
    empty = Crop(np.zeros((256, 256, 3), np.uint8), np.empty((0, 4), np.float32), np.empty(0, bool), UNKNOWN[:0])
    for seed in range(10):
        crop = copy_paste(empty, [pastable_face(marked_face())], np.random.default_rng(seed))
        assert len(crop.boxes) >= 1
        for box, points in zip(crop.boxes, crop.points, strict=True):
            x, y = ((box[:2] + box[2:]) / 2).astype(int)
            assert crop.image[y, x].min() > 150
            assert (points >= box[:2] - 3).all()
            assert (points <= box[2:] + 3).all()
        uncovered = np.ones((256, 256), bool)
        for left, top, right, bottom in crop.boxes:
            margin = 0.45 * (right - left)
            rows, columns = (int(max(0, low - margin)) for low in (top, left))
            uncovered[rows : int(bottom + margin), columns : int(right + margin)] = False
        assert crop.image[uncovered].max(initial=0) < 30


def test_a_face_without_colours_comes_into_a_picture_without() -> None:
    colourful = np.tile(np.array([20, 90, 200], np.uint8), (256, 256, 1))
    empty = Crop(colourful, np.empty((0, 4), np.float32), np.empty(0, bool), UNKNOWN[:0])
    gray = pastable_face(marked_face())
    tinted = replace(gray, image=gray.image // np.array([1, 2, 4], np.uint8))
    assert is_grayscale(gray.image)
    assert is_grayscale(copy_paste(empty, [gray], np.random.default_rng(1)).image)
    assert not is_grayscale(copy_paste(empty, [tinted], np.random.default_rng(1)).image)
    assert not is_grayscale(empty.image), "the given crop stays"


def test_faces_of_fer2013_come_where_the_landmarks_see_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_folder(tmp_path / "fer2013", emotion_tree(train=3))
    places = np.arange(30, dtype=np.float32).reshape(15, 2)

    class Half:
        """An aligner that sees every second face."""

        seen = iter((places, None) * 9)

        def face_points(self, sample: Sample, spec: PatchSpec) -> np.ndarray | None:
            return next(self.seen)

    monkeypatch.setattr(source, "FaceAligner", Half)
    found = read_pastable_faces(tmp_path)
    assert len(found) == 2, "one in six of 21 is read, and of these four every second one is seen"
    assert np.array_equal(found[0].points, places[:5])
    assert np.array_equal(found[0].box, pastable_face_from_points(marked_face(), places).box)

    def missing() -> None:
        raise ModelError("no landmarks")

    monkeypatch.setattr(source, "FaceAligner", missing)
    assert read_pastable_faces(tmp_path) == []


def test_masks_cover_the_lower_half_and_bands_beside_the_eyes_only() -> None:
    image, box = np.full((128, 128, 3), 120, np.uint8), np.array([[34, 24, 94, 104]], np.float32)
    crop = Crop(image, box, np.zeros(1, bool), UNKNOWN)
    covered = add_masks(crop, 1.0, np.random.default_rng(0))
    changed = (covered.image != crop.image).any(-1)
    assert changed[70:100, 50:80].mean() > 0.9
    assert not changed[24:50, 44:84].any()
    assert not changed[:44].any()
    assert np.array_equal(add_masks(crop, 0.0, np.random.default_rng(0)).image, crop.image)
