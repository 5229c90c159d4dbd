"""The three-dimensional mean face with the 68 points of iBUG, from which the app's fifteen points are derived."""

from __future__ import annotations

import numpy as np

from app.attributes.face_geometry import POINT_NAMES
from training.samples.landmark_points import LANDMARK_NAMES, landmarks_from_ibug

# x to the right of the picture, y down, z away from the camera, in mm from the mean of the fifteen points; in iBUG's
# order. Printed by `python -m training fit-mean-face --data SETS/ytf68 --frontal SETS/expressions`: structure from
# motion on the training split, made symmetric, with no pitch for portraits that face the camera.
MEAN_FACE_68_MM = (
    (-74.9, -12.8, 47.2),
    (-73.9, 6.0, 43.7),
    (-70.7, 23.1, 42.6),
    (-67.1, 39.6, 41.9),
    (-60.9, 58.0, 38.8),
    (-50.3, 73.2, 31.7),
    (-38.6, 83.1, 21.3),
    (-23.2, 91.7, 9.3),
    (0.0, 97.5, 5.7),
    (23.2, 91.7, 9.3),
    (38.6, 83.1, 21.3),
    (50.3, 73.2, 31.7),
    (60.9, 58.0, 38.8),
    (67.1, 39.6, 41.9),
    (70.7, 23.1, 42.6),
    (73.9, 6.0, 43.7),
    (74.9, -12.8, 47.2),
    (-57.0, -31.2, 12.5),
    (-48.2, -37.1, 3.2),
    (-37.3, -38.9, -2.6),
    (-27.2, -38.0, -6.0),
    (-18.3, -35.6, -7.6),
    (18.3, -35.6, -7.6),
    (27.2, -38.0, -6.0),
    (37.3, -38.9, -2.6),
    (48.2, -37.1, 3.2),
    (57.0, -31.2, 12.5),
    (0.0, -15.2, -10.0),
    (0.0, -2.6, -16.6),
    (0.0, 9.2, -23.8),
    (0.0, 19.4, -25.0),
    (-12.1, 27.2, -8.7),
    (-6.9, 28.6, -11.8),
    (0.0, 30.1, -13.3),
    (6.9, 28.6, -11.8),
    (12.1, 27.2, -8.7),
    (-43.3, -16.1, 8.0),
    (-36.3, -18.7, 2.1),
    (-27.4, -18.7, 1.8),
    (-19.2, -15.2, 3.4),
    (-26.8, -12.7, 2.1),
    (-36.1, -12.7, 3.8),
    (19.2, -15.2, 3.4),
    (27.4, -18.7, 1.8),
    (36.3, -18.7, 2.1),
    (43.3, -16.1, 8.0),
    (36.1, -12.7, 3.8),
    (26.8, -12.7, 2.1),
    (-25.5, 50.9, 2.7),
    (-16.9, 45.6, -7.1),
    (-5.8, 42.3, -12.2),
    (0.0, 43.4, -12.6),
    (5.8, 42.3, -12.2),
    (16.9, 45.6, -7.1),
    (25.5, 50.9, 2.7),
    (16.4, 58.2, -3.6),
    (8.6, 62.3, -6.6),
    (0.0, 63.0, -7.3),
    (-8.6, 62.3, -6.6),
    (-16.4, 58.2, -3.6),
    (-23.7, 50.6, 2.6),
    (-7.5, 48.7, -8.2),
    (0.0, 48.5, -9.6),
    (7.5, 48.7, -8.2),
    (23.7, 50.6, 2.6),
    (7.4, 53.6, -6.1),
    (0.0, 54.3, -6.9),
    (-7.4, 53.6, -6.1),
)


def mean_face_68() -> np.ndarray:
    """The mean face, float64 (68, 3) in mm."""
    return np.array(MEAN_FACE_68_MM)


def app_points(face: np.ndarray) -> np.ndarray:
    """The fifteen points of a face (68, 3) in the order of `POINT_NAMES`, float (15, 3)."""
    return landmarks_from_ibug(face)[[LANDMARK_NAMES.index(name) for name in POINT_NAMES]]
