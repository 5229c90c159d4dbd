"""Distances between the landmarks of a face: what the tiny network of the chapter on training learns from."""

from __future__ import annotations

import numpy as np

from app.attributes.face_geometry import POINT_NAMES

# In units of the eye distance, of the face turned upright. Positive heights are below the eyes.
FEATURES = (
    "mouth_width",
    "mouth_opening",
    "corner_lift",
    "mouth_height",
    "nose_mouth",
    "nose_height",
    "corner_nose",
    "left_brow_inner",
    "left_brow_outer",
    "right_brow_inner",
    "right_brow_outer",
    "brow_gap",
)


def landmark_features(points: np.ndarray) -> np.ndarray:
    """The `FEATURES` of a face, float64 (12,).

    Args:
        points: Landmarks in pixels as in `Face.points`, shape (15, 2).
    """
    upright = {name: point for name, point in zip(POINT_NAMES, _upright(points), strict=True)}
    left, right = upright["mouth_left_corner"], upright["mouth_right_corner"]
    top, bottom = upright["mouth_center_top_lip"], upright["mouth_center_bottom_lip"]
    corners, lips, nose = (left[1] + right[1]) / 2, (top[1] + bottom[1]) / 2, upright["nose_tip"]
    brows = [upright[f"{side}_eyebrow_{end}_end"] for side in ("left", "right") for end in ("inner", "outer")]
    return np.array(
        [
            abs(left[0] - right[0]),
            bottom[1] - top[1],
            lips - corners,
            lips,
            lips - nose[1],
            nose[1],
            corners - nose[1],
            *(brow[1] for brow in brows),
            abs(brows[0][0] - brows[2][0]),
        ]
    )


def _upright(points: np.ndarray) -> np.ndarray:
    """Points turned and scaled so that the eye centres lie at -0.5 and 0.5 on the horizontal axis."""
    plane = points[:, 0].astype(np.float64) + 1j * points[:, 1]
    # The subject's right eye is on the left of the picture.
    first, second = plane[POINT_NAMES.index("right_eye_center")], plane[POINT_NAMES.index("left_eye_center")]
    level = (plane - (first + second) / 2) / (second - first)
    return np.stack([level.real, level.imag], -1)
