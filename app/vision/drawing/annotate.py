"""Draw what is known of each face onto the picture it was found in."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from app.domain import UNSURE, Attributes, Box, Face, Track, ViewOptions
from app.vision.drawing.label_chips import Chip, ChipMaker, Colour

# One colour a person, by id: light enough for dark pictures, edged in dark for light ones.
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
EDGE: Colour = (16, 20, 28)
MASK_TEXTS = {"none": "no mask", "wrong": "mask worn wrong", UNSURE: "mask unsure"}  # another label speaks for itself
FRACTION_BITS = 4  # cv2 draws at sixteenths of a pixel, so that boxes glide
CORNER_STEPS = 6
SMALLEST_LETTERS = 10


class Annotator:
    """Draws boxes and chips; keeps the chips it drew."""

    def __init__(self) -> None:
        self._chips = ChipMaker()

    def draw(self, image: np.ndarray, tracks: Sequence[Track], view: ViewOptions) -> np.ndarray:
        """A copy of an RGB uint8 picture of shape (height, width, 3) with all that the view shows."""
        picture = image.copy()
        if "boxes" in view.show:
            for track in tracks:
                _draw_box(picture, track.face.box, colour_of(track.id))
        if "landmarks" in view.show:
            for track in tracks:
                _draw_points(picture, track.face, colour_of(track.id))
        self._draw_chips(picture, tracks, view)
        return picture

    def _draw_chips(self, picture: np.ndarray, tracks: Sequence[Track], view: ViewOptions) -> None:
        """Large faces first, so that theirs get the best places."""
        taken: list[Box] = []
        for track in sorted(tracks, key=lambda track: -track.face.box.area):
            lines = lines_of(track, view)
            if not lines:
                continue
            chip = self._chips.chip(lines, _letter_size(picture, track.face.box), colour_of(track.id))
            place = _place(picture, track.face.box, chip, taken)
            chip.lay_over(picture, int(place.x1), int(place.y1))
            taken.append(place)


def colour_of(id: int) -> Colour:
    """The colour of a person."""
    return COLOURS[(id - 1) % len(COLOURS)]


def lines_of(track: Track, view: ViewOptions) -> tuple[str, ...]:
    """The text a view shows of a face, at most two lines."""
    attributes, show = track.attributes, view.show
    first = [f"#{track.id}"] if "ids" in show else []
    if "emotion" in show and attributes.emotion:
        first.append(_emotion_text(attributes))
    second = []
    if "age" in show and attributes.age_years is not None:
        second.append("age unsure" if attributes.is_masked else f"{round(attributes.age_years)} years")
    if "sex" in show and attributes.p_female is not None:
        second.append("sex unsure" if attributes.sex_label == UNSURE else str(attributes.sex_label))
    if "race" in show and attributes.race:
        second.append(f"race {attributes.race_label}")
    if "mask" in show and attributes.mask:
        label = str(attributes.mask_label)
        second.append(MASK_TEXTS.get(label, label))
    return tuple(text for text in ("  ".join(first), ", ".join(second)) if text)


def _emotion_text(attributes: Attributes) -> str:
    """The label with its probability; of two that are close, both."""
    assert attributes.emotion is not None
    label = str(attributes.emotion_label)
    if attributes.second_emotion and label != UNSURE:
        return f"{label.capitalize()} + {attributes.second_emotion}"
    return label.capitalize() if label == UNSURE else f"{label.capitalize()} {attributes.emotion[label]:.0%}"


def _draw_box(picture: np.ndarray, box: Box, colour: Colour) -> None:
    thickness = max(2, round(picture.shape[0] / 360))
    outline = _rounded_outline(_inside(picture, box, thickness))
    for tone, width in ((EDGE, thickness + 1), (colour, thickness)):
        cv2.polylines(picture, [outline], True, tone, width, cv2.LINE_AA, FRACTION_BITS)


def _draw_points(picture: np.ndarray, face: Face, colour: Colour) -> None:
    """A dot for each point that is known, larger in larger faces."""
    if face.points is None:
        return
    radius = max(1.0, face.box.width / 60)
    for x, y in np.rint(face.points * (1 << FRACTION_BITS)).astype(int).tolist():
        for tone, size in ((EDGE, radius + 1), (colour, radius)):
            cv2.circle(picture, (x, y), round(size * (1 << FRACTION_BITS)), tone, -1, cv2.LINE_AA, FRACTION_BITS)


def _inside(picture: np.ndarray, box: Box, margin: int) -> Box:
    """The part of a box that can be seen."""
    height, width = picture.shape[:2]
    return Box(
        min(max(box.x1, margin), width - margin),
        min(max(box.y1, margin), height - margin),
        min(max(box.x2, margin), width - margin),
        min(max(box.y2, margin), height - margin),
    )


def _rounded_outline(box: Box) -> np.ndarray:
    """int32, shape (points, 1, 2), in sixteenths of a pixel."""
    radius = 0.12 * min(box.width, box.height)
    turns = np.linspace(0, np.pi / 2, CORNER_STEPS)
    corners = (
        (box.x2 - radius, box.y2 - radius, 0.0),
        (box.x1 + radius, box.y2 - radius, np.pi / 2),
        (box.x1 + radius, box.y1 + radius, np.pi),
        (box.x2 - radius, box.y1 + radius, 3 * np.pi / 2),
    )
    points = [
        np.stack([x + radius * np.cos(turns + start), y + radius * np.sin(turns + start)], axis=1)
        for x, y, start in corners
    ]
    return np.rint(np.concatenate(points) * (1 << FRACTION_BITS)).astype(np.int32)[:, None]


def _letter_size(picture: np.ndarray, box: Box) -> int:
    """Grows with the face between bounds that follow the picture; even sizes only, so that chips are used again."""
    base = picture.shape[0] / 480
    return max(SMALLEST_LETTERS, 2 * round(min(max(0.13 * box.width, 12 * base), 20 * base) / 2))


def _place(picture: np.ndarray, box: Box, chip: Chip, taken: Sequence[Box]) -> Box:
    """Above or below the face, where it covers other chips least; inside its upper edge if neither fits."""
    gap = max(3, round(chip.height * 0.14))
    left = box.center[0] - chip.width / 2 if chip.width > box.width else box.x1
    around = [(top, _moved_inside(picture, left, top, chip)) for top in (box.y1 - gap - chip.height, box.y2 + gap)]
    fitting = [place for top, place in around if abs(place.y1 - top) < 1]
    if not fitting:
        return _moved_inside(picture, left, box.y1 + gap, chip)
    return min(fitting, key=lambda place: sum(place.iou(other) for other in taken))


def _moved_inside(picture: np.ndarray, left: float, top: float, chip: Chip) -> Box:
    height, width = picture.shape[:2]
    x = round(max(0, min(left, width - chip.width)))
    y = round(max(0, min(top, height - chip.height)))
    return Box(x, y, x + chip.width, y + chip.height)
