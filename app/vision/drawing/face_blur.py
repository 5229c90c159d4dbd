"""Blur all faces: at their current and recent positions, with a wider margin around new and missed ones.

At the edge of the image, and where a face was moments ago, whatever might be a face counts as one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from app.domain import Box, Face

# A missed face stays blurred at its last position this long; longer than detection gaps in our clips.
KEEP_S = 1.0
# A face is new until this age, and missed this long after its last detection; both get the wide margin.
NEW_S = 0.5
MISSED_S = 0.15
# Below this overlap a detection is another face, and both positions stay blurred.
SAME_FACE_IOU = 0.3
# Margins on each side as a fraction of the face.
MARGIN = 0.35
WIDE_MARGIN = 0.7
# What might be a face is at the edge of the image if it is nearer than this part of its own side: the rest of it may be
# outside, and the detector has little of it to judge by.
EDGE_DISTANCE = 0.25
# Colour values left along the longer side of a blurred region: too few to recognize anyone.
MOSAIC_CELLS = 7
# A colour value covers at least this many pixels a side: seven across a small face keep where eyes and mouth are.
MIN_CELL_PX = 24


@dataclass(frozen=True, slots=True)
class _BlurredFace:
    box: Box
    since_s: float
    detected_at_s: float


class FaceBlur:
    """Blurs the faces detected in the last moments, by source time."""

    def __init__(self) -> None:
        self._blurred: list[_BlurredFace] = []

    def update(self, detections: Sequence[Face], now_s: float) -> None:
        """Add all detections of a frame, including those that are not confirmed as faces."""
        recent = [blurred for blurred in self._blurred if now_s - blurred.detected_at_s <= KEEP_S]
        current = [self._match(face.box, recent, now_s) for face in detections]
        self._blurred = [*recent, *current]

    def apply(self, image: np.ndarray, now_s: float) -> np.ndarray:
        """Copy of an RGB uint8 image, shape (height, width, 3), with all faces blurred."""
        result = image.copy()
        for blurred in self._blurred:
            is_stable = now_s - blurred.detected_at_s <= MISSED_S and now_s - blurred.since_s >= NEW_S
            _pixelate(result, _expand(blurred.box, MARGIN if is_stable else WIDE_MARGIN))
        return result

    def overlaps(self, box: Box) -> bool:
        """Whether a box overlaps the last position of a face that was detected moments ago."""
        return any(blurred.box.iou(box) >= SAME_FACE_IOU for blurred in self._blurred)

    def reset(self) -> None:
        """Start a new source with its own clock."""
        self._blurred = []

    def _match(self, box: Box, recent: list[_BlurredFace], now_s: float) -> _BlurredFace:
        """Blur region of a detection; the recent region that it continues is removed from `recent`."""
        nearest = max(recent, key=lambda blurred: blurred.box.iou(box), default=None)
        if nearest is None or nearest.box.iou(box) < SAME_FACE_IOU:
            return _BlurredFace(box, now_s, now_s)
        recent.remove(nearest)
        return _BlurredFace(box, nearest.since_s, now_s)


def is_at_edge(box: Box, width: int, height: int) -> bool:
    """Whether a box touches or nearly touches the edge of an image of this size."""
    near = _expand(box, EDGE_DISTANCE)
    return near.x1 <= 0 or near.y1 <= 0 or near.x2 >= width or near.y2 >= height


def _expand(box: Box, margin: float) -> Box:
    margin_x, margin_y = margin * box.width, margin * box.height
    return Box(box.x1 - margin_x, box.y1 - margin_y, box.x2 + margin_x, box.y2 + margin_y)


def _pixelate(image: np.ndarray, box: Box) -> None:
    """Replace a region by a few mean colours, which no sharpening can reverse."""
    height, width = image.shape[:2]
    x1, y1 = max(0, int(box.x1)), max(0, int(box.y1))
    x2, y2 = min(width, int(np.ceil(box.x2))), min(height, int(np.ceil(box.y2)))
    if x2 <= x1 or y2 <= y1:
        return
    region = image[y1:y2, x1:x2]
    scale = min(MOSAIC_CELLS / max(x2 - x1, y2 - y1), 1 / MIN_CELL_PX)
    cells = max(1, round(scale * (x2 - x1))), max(1, round(scale * (y2 - y1)))
    mosaic = cv2.resize(region, cells, interpolation=cv2.INTER_AREA)
    region[...] = cv2.resize(mosaic, (x2 - x1, y2 - y1), interpolation=cv2.INTER_LINEAR)
