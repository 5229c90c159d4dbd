"""The fifteen landmarks that every landmark set comes down to, named as in Kaggle's facial keypoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from app.vision.inference.face_pose import FIVE_POINTS

# Left and right are the subject's own. Each point is the mean of these points of iBUG's 68.
IBUG_INDEXES: Mapping[str, tuple[int, ...]] = {
    "left_eye_center": (42, 43, 44, 45, 46, 47),
    "right_eye_center": (36, 37, 38, 39, 40, 41),
    "left_eye_inner_corner": (42,),
    "left_eye_outer_corner": (45,),
    "right_eye_inner_corner": (39,),
    "right_eye_outer_corner": (36,),
    "left_eyebrow_inner_end": (22,),
    "left_eyebrow_outer_end": (26,),
    "right_eyebrow_inner_end": (21,),
    "right_eyebrow_outer_end": (17,),
    "nose_tip": (30,),
    "mouth_left_corner": (54,),
    "mouth_right_corner": (48,),
    "mouth_center_top_lip": (51,),
    "mouth_center_bottom_lip": (57,),
}
LANDMARK_NAMES = tuple(IBUG_INDEXES)
EYE_INDEXES = [LANDMARK_NAMES.index("left_eye_center"), LANDMARK_NAMES.index("right_eye_center")]
FIVE_POINT_INDEXES = [LANDMARK_NAMES.index(name) for name in FIVE_POINTS]
OTHER_SIDE: Mapping[str, str] = {"left": "right", "right": "left"}
# Which point of a face stands where each one stands in the mirrored face.
MIRRORED_ORDER = tuple(
    LANDMARK_NAMES.index("_".join(OTHER_SIDE.get(word, word) for word in name.split("_"))) for name in LANDMARK_NAMES
)
IBUG_68 = tuple(range(68))
# Which of the 68 stands where each one stands in the mirrored face: outline, brows, nose, eyes, outer and inner lips.
MIRRORED_IBUG_68 = (
    *(*range(16, -1, -1), *range(26, 16, -1), *range(27, 31), *range(35, 30, -1)),
    *(45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40),
    *(*range(54, 47, -1), *range(59, 54, -1), *range(64, 59, -1), *range(67, 64, -1)),
)
# What is left of the 68 without the jaw and the inner mouth corners.
IBUG_49 = (*range(17, 60), 61, 62, 63, 65, 66, 67)


def landmarks_from_ibug(points: np.ndarray, known: Sequence[int] = IBUG_68) -> np.ndarray:
    """The fifteen points of faces marked after iBUG.

    Args:
        points: Shape (..., len(known), 2).
        known: Which of the 68 they are, in order.
    Returns:
        Shape (..., 15, 2), in the order of `LANDMARK_NAMES`.
    """
    column = {index: position for position, index in enumerate(known)}
    means = [points[..., [column[index] for index in indexes], :].mean(-2) for indexes in IBUG_INDEXES.values()]
    return np.stack(means, axis=-2)
