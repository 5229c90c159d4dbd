"""Where masks are drawn on faces, and how their cloth looks."""

from __future__ import annotations

import numpy as np
import pytest

from app.vision.inference.face_pose import FacePose
from training.transforms.mask_overlay import draw_face_mask
from training.transforms.synthetic_masks import typical_points


def test_a_mask_covers_the_nose_unless_it_is_worn_wrongly() -> None:
    image = np.full((120, 120, 3), 90, np.uint8)
    points = typical_points(FacePose(60, 60, 70))
    nose, mouth = points[2].round().astype(int), points[3:].mean(0).round().astype(int)
    eyes = points[:2].round().astype(int)
    chin_masks = eye_masks = 0
    for seed in range(30):
        changed = {
            worn: (draw_face_mask(image, points, worn, np.random.default_rng(seed)) != image).any(-1)
            for worn in ("mask", "wrong")
        }
        assert changed["mask"][nose[1], nose[0]], "a mask covers the nose"
        assert changed["mask"][mouth[1], mouth[0]], "and the mouth"
        assert not changed["mask"][eyes[:, 1], eyes[:, 0]].any(), "the eyes stay free"
        over_eyes = changed["wrong"][eyes[:, 1], eyes[:, 0]].all()
        mouth_free = not changed["wrong"][mouth[1], mouth[0]]
        assert mouth_free or not changed["wrong"][nose[1] - 1, nose[0]], "worn wrongly it leaves nose or mouth free"
        assert mouth_free or not over_eyes
        eye_masks += over_eyes
        chin_masks += mouth_free and not over_eyes
    assert 3 < chin_masks < 20
    assert 1 < eye_masks < 10
    assert (image == 90).all(), "the picture itself stays as it is"


@pytest.mark.parametrize("height", [88, 96, 104])
def test_a_mask_under_the_chin_is_drawn_only_where_the_picture_shows_it(height: int) -> None:
    image, points = np.full((height, 120, 3), 90, np.uint8), typical_points(FacePose(60, 60, 70))
    for seed in range(30):
        changed = (draw_face_mask(image, points, "wrong", np.random.default_rng(seed)) != image).any(-1)
        assert changed[:, 50:70].all(1).sum() >= 5, "cloth is to be seen"


def test_cloth_is_printed_folded_rimmed_and_tied_at_times() -> None:
    image, points = np.full((120, 120, 3), 90, np.uint8), typical_points(FacePose(60, 60, 70))
    colours, tied = [], []
    for seed in range(40):
        masked = draw_face_mask(image, points, "mask", np.random.default_rng(seed)).astype(int)
        colours.append(masked[66:84, 46:74].reshape(-1, 3).std(0).max())
        tied.append((masked[50:54, :34] != 90).any())
    assert min(colours) < 8 < 25 < max(colours), "some cloth is plain, some is not"
    assert 0.4 < np.mean(tied) < 0.95


def test_a_mask_turns_with_the_face() -> None:
    upright = typical_points(FacePose(60, 60, 70))
    aside = (upright - 59.5) @ np.array([[0, 1], [-1, 0]]) + 59.5  # a quarter turn
    image = np.full((120, 120, 3), 90, np.uint8)
    covered = (draw_face_mask(image, aside, "mask", np.random.default_rng(0)) != image).any(-1)
    rows, columns = np.nonzero(covered)
    mouth = aside[3:].mean(0)
    assert abs(rows.mean() - mouth[1]) < 8
    assert abs(columns.mean() - mouth[0]) < 12


def test_typical_points_lie_where_their_frame_is() -> None:
    frame = FacePose(50, 60, 40)
    found = FacePose.from_points(typical_points(frame))
    assert (found.x, found.y, found.side, found.roll_rad) == pytest.approx((50, 60, 40, 0), abs=0.2)
