"""Hide all but the inner face of some patches, as collections of faces without their surroundings do."""

from __future__ import annotations

import cv2
import numpy as np

# The inner face of an aligned patch, brows to chin, in sides of the patch; measured on the mean of 300 such faces.
CENTRE_X, CENTRE_Y = 0.5, 0.56
HALF_WIDTH_RANGE, HALF_HEIGHT_RANGE = (0.28, 0.4), (0.33, 0.45)
CENTRE_JITTER = 0.03
EDGE_BLUR_PX = 0.6
MIN_COVER = 1e-3  # of the blurred ellipse; further away the fill is nearly the same everywhere
BLUR_RANGE = 0.08, 0.25  # standard deviation of the fill, in sides of the patch


def fill_surroundings(patches: np.ndarray, probability: float, random: np.random.Generator) -> np.ndarray:
    """Replace everything around the inner face of some patches by a smooth continuation of the face's gray levels.

    Args:
        patches: uint8 (n, side, side, channels), of aligned faces.
        probability: For each patch.
    Returns:
        A copy of `patches`.
    """
    filled = patches.copy()
    for index in np.flatnonzero(random.random(len(patches)) < probability):
        filled[index] = _inner_face(patches[index], random)
    return filled


def _inner_face(patch: np.ndarray, random: np.random.Generator) -> np.ndarray:
    side = patch.shape[0]
    inside = _random_ellipse(side, random)
    sigma = side * float(random.uniform(*BLUR_RANGE))
    pixels = patch.astype(np.float32)
    mean = (pixels * inside).sum((0, 1)) / inside.sum()
    # A blur of the inner pixels alone, divided by the share of them: it goes on beyond the ellipse.
    weights = cv2.GaussianBlur(inside, (0, 0), sigma).reshape(side, side, 1)
    blurred = cv2.GaussianBlur(pixels * inside, (0, 0), sigma).reshape(patch.shape)
    around = (blurred + MIN_COVER * mean) / (weights + MIN_COVER)
    alpha = cv2.GaussianBlur(inside, (0, 0), EDGE_BLUR_PX).reshape(side, side, 1)
    return np.rint(pixels * alpha + around * (1 - alpha)).astype(np.uint8)


def _random_ellipse(side: int, random: np.random.Generator) -> np.ndarray:
    """1 inside a random ellipse about the inner face, else 0: float32 (side, side, 1)."""
    x, y = (np.array((CENTRE_X, CENTRE_Y)) + random.uniform(-CENTRE_JITTER, CENTRE_JITTER, 2)) * side
    half_width, half_height = (side * random.uniform(*one) for one in (HALF_WIDTH_RANGE, HALF_HEIGHT_RANGE))
    rows, columns = np.mgrid[:side, :side] + 0.5
    inside = ((columns - x) / half_width) ** 2 + ((rows - y) / half_height) ** 2 <= 1
    return inside.astype(np.float32)[..., None]
