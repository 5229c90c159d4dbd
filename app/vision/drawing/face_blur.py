"""Hide every face: where one is, where one was a moment ago, and widely where one has only just come into view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from app.domain import Box, Face

KEPT_S = 1.0  # a face that is missed stays hidden where it was for so long
NEW_S = 0.5  # until then a face counts as only just come
MISSED_S = 0.15  # and from then on as missed, should it have moved on
SAME_OVERLAP = 0.3  # less, and a face is taken for another: both places stay hidden
MARGIN, WIDE_MARGIN = 0.35, 0.7  # added on each side, as a share of the face; the wide one for faces new or missed
CELLS = 7  # values left along the longer side of what is hidden


@dataclass(frozen=True, slots=True)
class _Hidden:
    box: Box
    since_s: float
    seen_at_s: float


class FaceBlur:
    """Remembers the faces of the last moments, by the source's time."""

    def __init__(self) -> None:
        self._hidden: list[_Hidden] = []

    def update(self, faces: Sequence[Face], now_s: float) -> None:
        """Take in all that the detector found in one picture, however unsure of it anything else is."""
        known = [one for one in self._hidden if now_s - one.seen_at_s <= KEPT_S]
        seen = [self._seen(face.box, known, now_s) for face in faces]
        self._hidden = [*known, *seen]

    def hide(self, image: np.ndarray, now_s: float) -> np.ndarray:
        """A copy of an RGB uint8 picture of shape (height, width, 3) in which no face can be known."""
        picture = image.copy()
        for one in self._hidden:
            steady = now_s - one.seen_at_s <= MISSED_S and now_s - one.since_s >= NEW_S
            _coarsen(picture, _widened(one.box, MARGIN if steady else WIDE_MARGIN))
        return picture

    def reset(self) -> None:
        """Drop everything, for a new source with a clock of its own."""
        self._hidden = []

    def _seen(self, box: Box, known: list[_Hidden], now_s: float) -> _Hidden:
        """The place of a face; takes the known one that it follows out of `known`."""
        nearest = max(known, key=lambda one: one.box.iou(box), default=None)
        if nearest is None or nearest.box.iou(box) < SAME_OVERLAP:
            return _Hidden(box, now_s, now_s)
        known.remove(nearest)
        return _Hidden(box, nearest.since_s, now_s)


def _widened(box: Box, margin: float) -> Box:
    wide, high = margin * box.width, margin * box.height
    return Box(box.x1 - wide, box.y1 - high, box.x2 + wide, box.y2 + high)


def _coarsen(picture: np.ndarray, box: Box) -> None:
    """Leave nothing of a region but a few mean colours, which no sharpening can undo."""
    height, width = picture.shape[:2]
    x1, y1 = max(0, int(box.x1)), max(0, int(box.y1))
    x2, y2 = min(width, int(np.ceil(box.x2))), min(height, int(np.ceil(box.y2)))
    if x2 <= x1 or y2 <= y1:
        return
    region = picture[y1:y2, x1:x2]
    share = CELLS / max(x2 - x1, y2 - y1)
    cells = max(1, round(share * (x2 - x1))), max(1, round(share * (y2 - y1)))
    few = cv2.resize(region, cells, interpolation=cv2.INTER_AREA)
    region[...] = cv2.resize(few, (x2 - x1, y2 - y1), interpolation=cv2.INTER_LINEAR)
