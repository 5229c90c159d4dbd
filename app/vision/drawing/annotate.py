"""Draw boxes, landmarks and labels onto a frame."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import cv2
import numpy as np

from app.attributes.attribute_set import AttributeSet
from app.domain import Box, Face, Track, ViewOptions
from app.vision.drawing.attribute_overlays import OVERLAYS
from app.vision.drawing.label_chips import Chip, ChipCache, Colour

# Colour per track id: bright for dark images, with a dark outline for bright ones.
COLOURS: tuple[Colour, ...] = (
    (94, 204, 255),
    (255, 183, 77),
    (129, 230, 150),
    (244, 143, 190),
    (179, 157, 255),
    (255, 226, 110),
    (96, 226, 214),
    (255, 138, 112),
)
OUTLINE_COLOUR: Colour = (16, 20, 28)
# OpenCV draws at sixteenths of a pixel, so that boxes move smoothly.
FRACTION_BITS = 4
# Sizes chosen by eye.
CORNER_POINTS = 6
CORNER_RADIUS_FRACTION = 0.12
MIN_THICKNESS_PX = 2
ROWS_PER_THICKNESS_PX = 360
BOX_WIDTHS_PER_POINT_RADIUS = 60
# Letters: fraction of the face's width, within limits for an image of 480 rows that scale with it.
LETTER_FRACTION = 0.13
REFERENCE_ROWS = 480
MIN_LETTER_PX = 12
MAX_LETTER_PX = 20
ABSOLUTE_MIN_LETTER_PX = 10
# Distance between face and label.
MIN_GAP_PX = 3
GAP_FRACTION = 0.14


class Annotator:
    """Draws the overlays of a view; label images are cached."""

    def __init__(self, attributes: AttributeSet) -> None:
        self._attributes, self._chips = attributes, ChipCache()

    def draw(self, image: np.ndarray, tracks: Sequence[Track], view: ViewOptions) -> np.ndarray:
        """Copy of an RGB uint8 image, shape (height, width, 3), with the overlays of a view."""
        result = image.copy()
        if "boxes" in view.show:
            for track in tracks:
                _draw_box(result, track.face.box, colour_of(track.id))
        if "landmarks" in view.show:
            for track in tracks:
                _draw_points(result, track.face, colour_of(track.id))
        self._draw_attribute_overlays(result, tracks, view)
        self._draw_chips(result, tracks, view)
        return result

    def _draw_attribute_overlays(self, image: np.ndarray, tracks: Sequence[Track], view: ViewOptions) -> None:
        shown = [one for one in self._attributes if one.overlay is not None and one.name in view.show]
        for attribute, track in product(shown, tracks):
            if attribute.overlay is not None and attribute.name in track.estimates:
                OVERLAYS[attribute.overlay](image, track.face, track.estimates[attribute.name])

    def _draw_chips(self, image: np.ndarray, tracks: Sequence[Track], view: ViewOptions) -> None:
        """Draw the labels of large faces first, so that they get the best positions."""
        occupied: list[Box] = []
        for track in sorted(tracks, key=lambda track: -track.face.box.area):
            lines = lines_of(track, view, self._attributes)
            if not lines:
                continue
            chip = self._chips.chip(lines, _letter_size_px(image, track.face.box), colour_of(track.id))
            position = _chip_position(image, track.face.box, chip, occupied)
            chip.blend_onto(image, int(position.x1), int(position.y1))
            occupied.append(position)


def colour_of(id: int) -> Colour:
    """Colour of a track id."""
    return COLOURS[(id - 1) % len(COLOURS)]


def lines_of(track: Track, view: ViewOptions, attributes: AttributeSet) -> tuple[str, ...]:
    """Label text of a face in a view, at most two lines: the id and the headline, then the other attributes.

    Attributes with an overlay are drawn instead.
    """
    first = [f"#{track.id}"] if "ids" in view.show else []
    second: list[str] = []
    for name in view.show:
        if name in track.estimates and attributes[name].overlay is None:
            attribute = attributes[name]
            (first if attribute.is_headline else second).append(attribute.chip_text(track.estimates[name]))
    return tuple(text for text in ("  ".join(first), ", ".join(second)) if text)


def _draw_box(image: np.ndarray, box: Box, colour: Colour) -> None:
    thickness = max(MIN_THICKNESS_PX, round(image.shape[0] / ROWS_PER_THICKNESS_PX))
    outline = _rounded_outline(_clip(image, box, thickness))
    for tone, width in ((OUTLINE_COLOUR, thickness + 1), (colour, thickness)):
        cv2.polylines(image, [outline], True, tone, width, cv2.LINE_AA, FRACTION_BITS)


def _draw_points(image: np.ndarray, face: Face, colour: Colour) -> None:
    """Draw a dot per landmark, larger for larger faces."""
    if face.points is None:
        return
    radius = max(1.0, face.box.width / BOX_WIDTHS_PER_POINT_RADIUS)
    for x, y in np.rint(face.points * (1 << FRACTION_BITS)).astype(int).tolist():
        for tone, size in ((OUTLINE_COLOUR, radius + 1), (colour, radius)):
            cv2.circle(image, (x, y), round(size * (1 << FRACTION_BITS)), tone, -1, cv2.LINE_AA, FRACTION_BITS)


def _clip(image: np.ndarray, box: Box, margin: int) -> Box:
    """Clip a box to the image without its margin."""
    height, width = image.shape[:2]
    return Box(
        min(max(box.x1, margin), width - margin),
        min(max(box.y1, margin), height - margin),
        min(max(box.x2, margin), width - margin),
        min(max(box.y2, margin), height - margin),
    )


def _rounded_outline(box: Box) -> np.ndarray:
    """Polygon of a box with rounded corners, int32 (points, 1, 2), in sixteenths of a pixel."""
    radius = CORNER_RADIUS_FRACTION * min(box.width, box.height)
    angles = np.linspace(0, np.pi / 2, CORNER_POINTS)
    corners = (
        (box.x2 - radius, box.y2 - radius, 0.0),
        (box.x1 + radius, box.y2 - radius, np.pi / 2),
        (box.x1 + radius, box.y1 + radius, np.pi),
        (box.x2 - radius, box.y1 + radius, 3 * np.pi / 2),
    )
    points = [
        np.stack([x + radius * np.cos(angles + start), y + radius * np.sin(angles + start)], axis=1)
        for x, y, start in corners
    ]
    return np.rint(np.concatenate(points) * (1 << FRACTION_BITS)).astype(np.int32)[:, None]


def _letter_size_px(image: np.ndarray, box: Box) -> int:
    """Letter size for a face; even sizes only, so that cached labels are reused."""
    scale = image.shape[0] / REFERENCE_ROWS
    size = min(max(LETTER_FRACTION * box.width, MIN_LETTER_PX * scale), MAX_LETTER_PX * scale)
    return max(ABSOLUTE_MIN_LETTER_PX, 2 * round(size / 2))


def _chip_position(image: np.ndarray, box: Box, chip: Chip, occupied: Sequence[Box]) -> Box:
    """Above or below the face, wherever it overlaps other labels less; inside its upper edge if neither fits."""
    gap = max(MIN_GAP_PX, round(chip.height * GAP_FRACTION))
    left = box.center[0] - chip.width / 2 if chip.width > box.width else box.x1
    candidates = [(top, _shift_inside(image, left, top, chip)) for top in (box.y1 - gap - chip.height, box.y2 + gap)]
    fitting = [position for top, position in candidates if abs(position.y1 - top) < 1]
    if not fitting:
        return _shift_inside(image, left, box.y1 + gap, chip)
    return min(fitting, key=lambda position: sum(position.iou(other) for other in occupied))


def _shift_inside(image: np.ndarray, left: float, top: float, chip: Chip) -> Box:
    """Box of a label, shifted into the image."""
    height, width = image.shape[:2]
    x = round(max(0, min(left, width - chip.width)))
    y = round(max(0, min(top, height - chip.height)))
    return Box(x, y, x + chip.width, y + chip.height)
