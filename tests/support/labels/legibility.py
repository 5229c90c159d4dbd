"""Count the legible labels on photos of people, at the size at which a phone and a laptop show them.

A label is legible if all its letters have at least 11 CSS pixels on the screen, and if it lies whole inside the picture
and covers no face and no other label.

`python -m tests.support.labels.legibility FOLDER_OR_PHOTO... [--side 960] [--language ko]` prints the counts.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from app.analysis.analyzer import Analyzer
from app.analysis.inputs import is_picture
from app.analysis.pictures import read_picture
from app.attributes.attribute_set import AttributeSet
from app.domain import Frame, PictureSize, Track, ViewOptions
from app.translations.dictionary import LANGUAGES
from app.vision.drawing.annotate import Annotator
from app.vision.drawing.label_chips import OTHER_LINE_SIZE
from app.vision.drawing.label_layout import box_array, intersections
from app.vision.drawing.picture_scale import enlarge, view_enlargement
from app.vision.drawing.view_labels import PlacedLabel

# Width of the page, and width and height in CSS pixels that it gives to the picture (static/css/live.css).
STAGES = {390: (390, 560), 1440: (1010, 700)}
# Shortest longer side in CSS pixels for which the page asks for a size (static/js/picture/picture-size.js).
MIN_SIDES_PX = {PictureSize.LARGE: 860, PictureSize.MEDIUM: 575, PictureSize.SMALL: 0}
MIN_LETTER_CSS_PX = 11
# Rounding may make neighbours touch by this area.
TOUCHING_PX2 = 1.0
MANY_FACES = 6
COLUMNS = ("labels", "readable letters", "inside", "clear of faces", "clear of labels", "legible", "dots")


def count_labels(
    image: np.ndarray, tracks: Sequence[Track], attributes: AttributeSet, page_width: int, language: str = "en"
) -> Counter[str]:
    """Counts by `COLUMNS` of the labels on one picture, RGB uint8 (height, width, 3), at one width of the page."""
    shown_side_px = max(image.shape[:2]) * _shown_scale(image, page_width)
    size = next(size for size, side_px in MIN_SIDES_PX.items() if shown_side_px >= side_px)
    view = ViewOptions(attributes.default_show, size, language)
    image, tracks = enlarge(image, tracks, view_enlargement(image, view.size))
    placed = Annotator(attributes).place_labels(image, tracks, view)
    height, width = image.shape[:2]
    shown = _shown_scale(image, page_width)
    boxes, faces = box_array([label.box for label in placed]), box_array([track.face.box for track in tracks])
    others = intersections(boxes, boxes)
    np.fill_diagonal(others, 0.0)
    tests = {
        "readable letters": np.array(
            [_smallest_letter_px(label) * shown >= MIN_LETTER_CSS_PX for label in placed], bool
        ),
        "inside": (boxes[:, :2] >= 0).all(axis=1) & (boxes[:, 2:] <= (width, height)).all(axis=1),
        "clear of faces": (intersections(boxes, faces) <= TOUCHING_PX2).all(axis=1),
        "clear of labels": (others <= TOUCHING_PX2).all(axis=1),
    }
    tests["legible"] = np.logical_and.reduce(list(tests.values()))
    tests["dots"] = np.array([label.form.name == "DOT" for label in placed], bool)
    return Counter({"labels": len(placed)} | {name: int(passed.sum()) for name, passed in tests.items()})


def _shown_scale(image: np.ndarray, page_width: int) -> float:
    """CSS pixels per pixel of an image of shape (height, width, 3)."""
    stage_width, stage_height = STAGES[page_width]
    return min(stage_width / image.shape[1], stage_height / image.shape[0])


def _smallest_letter_px(label: PlacedLabel) -> float:
    return label.letter_px * (OTHER_LINE_SIZE if len(label.lines) > 1 else 1.0)


def _photos(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        yield from filter(lambda file: is_picture(str(file)), sorted(path.iterdir()) if path.is_dir() else [path])


def _read(path: Path, side: int | None) -> np.ndarray:
    """The picture, enlarged to a longer side of `side` if it is smaller."""
    image = read_picture(path)
    factor = (side or 0) / max(image.shape[:2])
    return cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC) if factor > 1 else image


def main() -> None:
    """Count the labels of all photos and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", nargs="+", type=Path)
    parser.add_argument("--side", type=int, help="enlarge smaller photos to this longer side in pixels")
    parser.add_argument("--language", choices=LANGUAGES, default="en")
    options = parser.parse_args()
    analyzer, counts = Analyzer(), dict[tuple[int, str], Counter[str]]()
    for path in _photos(options.photos):
        image = _read(path, options.side)
        tracks = analyzer.frame_analyzer()(Frame(image, 0, 0.0, 0.0))
        group = f"{MANY_FACES} faces and more" if len(tracks) >= MANY_FACES else f"up to {MANY_FACES - 1} faces"
        for page_width in STAGES:
            found = count_labels(image, tracks, analyzer.attributes, page_width, options.language)
            counts.setdefault((page_width, group), Counter()).update(found)
    for (page_width, group), found in sorted(counts.items()):
        print(f"{page_width} px, {group}: " + ", ".join(f"{name} {found[name]}" for name in COLUMNS))


if __name__ == "__main__":
    main()
