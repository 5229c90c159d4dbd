"""Scale of what is drawn: pictures are enlarged, and lines and letters sized, for the size at which they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import cv2
import numpy as np

from app.domain import PictureSize, Track

# Longer side of the picture on the screen, in CSS pixels, for which letters get their nominal size: a phone, part of a
# window, the page on a laptop. The page changes to the next one a little below it (static/js/picture/picture-size.js).
SIDE_PX: Mapping[PictureSize, int] = {PictureSize.SMALL: 400, PictureSize.MEDIUM: 640, PictureSize.LARGE: 960}
# Enlarging small pictures more than this only costs time.
MAX_ENLARGEMENT = 3.0


def view_enlargement(image: np.ndarray, size: PictureSize) -> float:
    """Factor that gives an image of shape (height, width, 3) enough pixels for crisp letters; at least 1.

    Only the largest size needs it. The others show the picture of a usual camera with fewer pixels than it has.
    """
    wanted = SIDE_PX[size] / max(image.shape[:2]) if size is PictureSize.LARGE else 1.0
    return min(MAX_ENLARGEMENT, max(1.0, wanted))


def enlarge(image: np.ndarray, tracks: Sequence[Track], factor: float) -> tuple[np.ndarray, Sequence[Track]]:
    """An image, RGB uint8 (height, width, 3), enlarged by a factor above 1, and its tracks there."""
    if factor <= 1:
        return image, tracks
    large = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR)
    return large, [replace(track, face=track.face.scale_by(factor)) for track in tracks]


def pixel_scale(image: np.ndarray, size: PictureSize) -> float:
    """Pixels of an image of shape (height, width, 3) per CSS pixel, when it is shown at this size."""
    return max(image.shape[:2]) / SIDE_PX[size]


def file_size(width: int, height: int) -> PictureSize:
    """The size at which a file with this width and height in pixels is usually looked at."""
    return PictureSize.LARGE if max(width, height) >= SIDE_PX[PictureSize.LARGE] else PictureSize.MEDIUM
