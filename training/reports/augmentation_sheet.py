"""A picture of training patches beside random variations of them, as a recipe's augmentation makes them."""

from __future__ import annotations

import cv2
import numpy as np

TILE_PX, GAP_PX = 112, 4
GROUND = 255


def augmentation_sheet(originals: np.ndarray, variations: np.ndarray) -> np.ndarray:
    """A row a face: the patch, a wider gap, and its variations, as an RGB image, uint8.

    Args:
        originals: Patches, uint8 (faces, side, side, channels).
        variations: uint8 (variations, faces, side, side, channels).
    """
    rows = [
        np.hstack([_tile(patch), _gap(2), *(_tile(one[index]) for one in variations)])
        for index, patch in enumerate(originals)
    ]
    return np.vstack(rows)


def _tile(patch: np.ndarray) -> np.ndarray:
    """A patch with a margin at its right and lower side."""
    color = cv2.cvtColor(patch, cv2.COLOR_GRAY2RGB) if patch.shape[2] == 1 else patch
    scaled = cv2.resize(color, (TILE_PX, TILE_PX), interpolation=cv2.INTER_CUBIC)
    return cv2.copyMakeBorder(scaled, 0, GAP_PX, 0, GAP_PX, cv2.BORDER_CONSTANT, value=(GROUND,) * 3)


def _gap(widths: int) -> np.ndarray:
    return np.full((TILE_PX + GAP_PX, widths * GAP_PX, 3), GROUND, np.uint8)
