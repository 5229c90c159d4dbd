"""Vary a patch by a known amount. Training draws the amounts at random; the lesson on augmentation chooses them."""

from __future__ import annotations

import cv2
import numpy as np


def affine_matrix(
    side: int, degrees: float, scale: float, shear_degrees: float, shift_px: np.ndarray, mirrors: bool
) -> np.ndarray:
    """Affine map of the pixels of a patch about its centre, float64 (2, 3).

    Args:
        side: Of the patch in pixels.
        degrees: Rotation, counterclockwise.
        shear_degrees: Angle by which horizontal lines tilt while vertical ones stay.
        shift_px: Translation in x and y.
        mirrors: Whether left and right are exchanged at the end.
    """
    centre = (side - 1) / 2
    matrix: np.ndarray = cv2.getRotationMatrix2D((centre, centre), degrees, scale)
    if shear_degrees:
        matrix = _shear(matrix, centre, shear_degrees)
    matrix[:, 2] += shift_px
    if mirrors:
        matrix[0] = -matrix[0]
        matrix[0, 2] += side - 1
    return matrix


def warp_patch(patch: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """A patch, uint8 (side, side, channels), after an affine map; its edge is repeated."""
    size = patch.shape[1::-1]
    warped = cv2.warpAffine(patch, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return warped.reshape(patch.shape)


def adjust_tone(patches: np.ndarray, gain: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Patches, uint8 (n, side, side, channels), with their contrast multiplied and their brightness raised.

    Args:
        gain: Factor on the distance from the mean of each patch, float32 (n, 1, 1, 1 or channels).
        offset: In gray levels, float32 (n, 1, 1, 1).
    """
    mean = patches.mean((1, 2, 3), keepdims=True, dtype=np.float32)
    return np.clip((patches - mean) * gain + mean + offset, 0, 255).astype(np.uint8)


def _shear(matrix: np.ndarray, centre: float, degrees: float) -> np.ndarray:
    """An affine map that keeps the centre in place, followed by a shear that does so too."""
    angle = np.deg2rad(degrees)
    linear = np.array([[1 / np.cos(angle), 0], [np.tan(angle), 1]]) @ matrix[:, :2]
    return np.column_stack([linear, centre - linear.sum(1) * centre])
