"""Draw boxes, landmarks and labels onto a frame."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from functools import cache, partial
from itertools import product

import cv2
import numpy as np

from app.attributes.attribute_set import AttributeSet
from app.attributes.localization import localize_attributes
from app.domain import Box, Face, Track, ViewOptions
from app.translations.dictionary import load_dictionary
from app.vision.drawing.attribute_overlays import OVERLAYS
from app.vision.drawing.label_chips import ChipCache, Colour
from app.vision.drawing.label_text import label_texts
from app.vision.drawing.picture_scale import pixel_scale
from app.vision.drawing.view_labels import MAX_CHIPS, PlacedLabel, ViewLabels

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
THICKNESS_CSS_PX = 2
BOX_WIDTHS_PER_POINT_RADIUS = 60
# Views whose labels are remembered: more than are drawn at a time.
MAX_VIEWS = 32


class Annotator:
    """Draws the overlays of views; labels keep their places from frame to frame.

    Args:
        max_chips: Number of faces above which labels are dots with the id; None for no limit.
    """

    def __init__(self, attributes: AttributeSet, max_chips: int | None = MAX_CHIPS) -> None:
        self._attributes, self._max_chips = attributes, max_chips
        self._languages: dict[str, AttributeSet] = {}
        self._chips = ChipCache()
        self._labels: OrderedDict[ViewOptions, ViewLabels] = OrderedDict()

    def draw(self, image: np.ndarray, tracks: Sequence[Track], view: ViewOptions, now_s: float = 0.0) -> np.ndarray:
        """Copy of an RGB uint8 image, shape (height, width, 3), with the overlays of a view.

        Args:
            now_s: Source time in seconds.
        """
        result = image.copy()
        scale = pixel_scale(image, view.size)
        if "boxes" in view.show:
            for track in tracks:
                _draw_box(result, track.face.box, colour_of(track.id), scale)
        if "landmarks" in view.show:
            for track in tracks:
                _draw_points(result, track.face, colour_of(track.id))
        self._draw_attribute_overlays(result, tracks, view)
        for label in self.place_labels(image, tracks, view, now_s):
            label.chip.blend_onto(result, int(label.box.x1), int(label.box.y1))
        return result

    def place_labels(
        self, image: np.ndarray, tracks: Sequence[Track], view: ViewOptions, now_s: float = 0.0
    ) -> list[PlacedLabel]:
        """The labels that `draw` draws."""
        colours = {track.id: colour_of(track.id) for track in tracks}
        return self._labels_of(view).place(tracks, colours, image, pixel_scale(image, view.size), now_s)

    def reset(self) -> None:
        """Forget the places of labels: the next frame is unrelated to those before."""
        self._labels.clear()

    def _draw_attribute_overlays(self, image: np.ndarray, tracks: Sequence[Track], view: ViewOptions) -> None:
        shown = [one for one in self._attributes if one.overlay is not None and one.name in view.show]
        for attribute, track in product(shown, tracks):
            if attribute.overlay is not None and attribute.name in track.estimates:
                OVERLAYS[attribute.overlay](image, track.face, track.estimates[attribute.name])

    def _attributes_in(self, language: str) -> AttributeSet:
        if language not in self._languages:
            self._languages[language] = localize_attributes(self._attributes, load_dictionary(language))
        return self._languages[language]

    def _labels_of(self, view: ViewOptions) -> ViewLabels:
        """The labels of a view; those of views that nobody has used for long are dropped."""
        if view not in self._labels:
            text_of = partial(label_texts, view=view, attributes=self._attributes_in(view.language))
            self._labels[view] = ViewLabels(text_of, self._chips, self._max_chips)
        self._labels.move_to_end(view)
        if len(self._labels) > MAX_VIEWS:
            self._labels.popitem(last=False)
        return self._labels[view]


def colour_of(id: int) -> Colour:
    """Colour of a track id."""
    return COLOURS[(id - 1) % len(COLOURS)]


def _draw_box(image: np.ndarray, box: Box, colour: Colour, scale: float) -> None:
    thickness = max(MIN_THICKNESS_PX, round(THICKNESS_CSS_PX * scale))
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
    near, far = (box.x1 + radius, box.y1 + radius), (box.x2 - radius, box.y2 - radius)
    corners = np.array([far, (near[0], far[1]), near, (far[0], near[1])])
    points = np.repeat(corners, CORNER_POINTS, axis=0) + radius * _unit_circle()
    return np.rint(points * (1 << FRACTION_BITS)).astype(np.int32)[:, None]


@cache
def _unit_circle() -> np.ndarray:
    """Points of the four quarters of a circle, float (points, 2), clockwise in the image from its right."""
    quarter = np.linspace(0, np.pi / 2, CORNER_POINTS)
    angles = np.concatenate([quarter + start for start in np.arange(4) * np.pi / 2])
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)
