"""A three-dimensional mean face with the 68 points of iBUG, from which the app's fifteen points are derived.

It is the mean shape of OpenFace's point distribution model, learnt from pictures of several sets marked with 68 points
(Baltrusaitis, Robinson, Morency: "OpenFace: an open source facial behavior analysis toolkit", WACV 2016;
`In-the-wild_aligned_PDM_68.txt`; for academic and non-commercial use), as reproduced in many programs for head pose,
rounded to 0.1 mm.
"""

from __future__ import annotations

import math

import numpy as np

from app.attributes.face_geometry import POINT_NAMES
from training.samples.landmark_points import LANDMARK_NAMES, MIRRORED_ORDER, landmarks_from_ibug

# The model looks up by so many degrees against a person who faces the camera: mean over three sets of portraits (KDEF,
# CFEE, CK+; faces with a neutral expression) of the median pitch by the app's landmarks, before it was corrected by
# this. `evaluate pose --frontal` measures what is left.
MODEL_PITCH_DEGREES = 7.2
# x to the right of the picture, y down, z away from the camera, in mm; in iBUG's order.
MEAN_FACE_68_MM = (
    (-73.4, -29.8, 47.7),
    (-72.8, -10.9, 45.9),
    (-70.5, 7.9, 44.8),
    (-66.9, 26.1, 43.1),
    (-59.8, 42.6, 38.6),
    (-48.4, 56.5, 30.8),
    (-34.1, 67.2, 18.5),
    (-17.9, 75.1, 3.6),
    (0.1, 77.1, -0.9),
    (17.5, 74.8, 5.2),
    (32.6, 66.9, 19.2),
    (46.4, 56.3, 30.8),
    (57.3, 42.4, 37.6),
    (64.4, 25.5, 40.9),
    (68.2, 7.0, 42.3),
    (70.5, -11.7, 44.1),
    (71.4, -30.4, 47.1),
    (-61.1, -49.4, 14.3),
    (-51.3, -58.8, 7.3),
    (-37.8, -62.0, 0.4),
    (-24.0, -61.0, -6.6),
    (-11.6, -56.7, -12.0),
    (12.1, -57.4, -12.1),
    (25.1, -61.9, -7.3),
    (38.3, -62.8, -1.0),
    (51.2, -59.3, 5.3),
    (60.1, -50.2, 11.6),
    (0.7, -42.2, -13.4),
    (0.8, -31.0, -21.2),
    (1.0, -19.9, -29.3),
    (1.2, -8.4, -36.9),
    (-14.8, 2.6, -20.1),
    (-7.2, 4.8, -23.5),
    (0.6, 6.6, -25.9),
    (8.3, 4.7, -23.7),
    (15.2, 2.6, -20.9),
    (-46.0, -37.5, 7.0),
    (-37.7, -42.7, 3.0),
    (-27.9, -42.7, 1.4),
    (-19.6, -36.8, -0.1),
    (-28.3, -35.1, -0.1),
    (-38.1, -34.9, 1.5),
    (19.3, -37.0, -0.7),
    (27.9, -43.3, 0.2),
    (37.4, -43.1, 1.7),
    (45.2, -38.1, 4.9),
    (38.2, -35.5, 0.3),
    (28.8, -35.5, -1.2),
    (-28.9, 28.6, -2.2),
    (-17.5, 22.2, -15.9),
    (-6.7, 19.0, -22.6),
    (0.4, 20.7, -23.7),
    (8.4, 19.0, -22.7),
    (18.9, 22.4, -15.6),
    (28.8, 28.1, -3.2),
    (19.1, 36.3, -15.0),
    (9.0, 39.6, -22.6),
    (0.4, 40.4, -23.6),
    (-7.4, 39.8, -22.4),
    (-18.2, 36.7, -15.1),
    (-24.4, 28.7, -4.8),
    (-6.9, 25.5, -20.9),
    (0.3, 26.0, -22.2),
    (8.4, 25.3, -21.0),
    (24.5, 28.3, -5.7),
    (8.4, 30.6, -20.7),
    (0.2, 31.4, -21.9),
    (-7.2, 30.8, -20.3),
)


def mean_face_68() -> np.ndarray:
    """The mean face, looking straight ahead, float64 (68, 3) in mm, with the axes of `face_geometry`."""
    angle = math.radians(MODEL_PITCH_DEGREES)
    cosine, sine = math.cos(angle), math.sin(angle)
    look_down = np.array([[1, 0, 0], [0, cosine, -sine], [0, sine, cosine]])
    return np.array(MEAN_FACE_68_MM) @ look_down.T


def mean_face_15() -> np.ndarray:
    """The fifteen points of the mean face in the order of `POINT_NAMES`, symmetric, float64 (15, 3) in mm.

    The mean of the points is the origin.
    """
    points = landmarks_from_ibug(mean_face_68())
    mirrored = points[list(MIRRORED_ORDER)] * (-1, 1, 1)
    symmetric = (points + mirrored) / 2
    symmetric = symmetric[[LANDMARK_NAMES.index(name) for name in POINT_NAMES]]
    return symmetric - symmetric.mean(0)
