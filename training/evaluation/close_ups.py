"""Score the search for faces in large images: false boxes on close-ups, beside the small faces that are found.

Three searches are compared: at the resolution that the detector was trained for, at the higher one alone, and the one
that is served, which combines both (app/vision/detection/close_ups.py).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from app.domain import Face
from app.vision.capture.image_archive import iter_images
from app.vision.capture.image_file import read_image
from app.vision.detection.anchor_free_detector import (
    FOLDER,
    LARGE_IMAGE_FACTOR,
    AnchorFreeDetector,
    read_detector_card,
)
from app.vision.inference.face_crop import whole_image_pose
from training.datasets.readers.scenes import Scene, read_scenes
from training.datasets.scene_sets import split_scenes
from training.metrics.average_precision import FALSE_POSITIVE, TRUE_POSITIVE, match_detections
from training.metrics.detection_protocol import (
    MIN_IOU,
    SMALL_FACES,
    STANDARD_FACES,
    FaceFilter,
    detection_rows,
    scale_scene,
)
from training.samples.framing import AAF_FRAMING
from training.samples.sample import Rejection

# Longer side of all pictures: from 1,200 pixels on, the app searches at the higher resolution.
PICTURE_PX = 1280
# Sides of the portraits in them; the face of a portrait takes about half of its side.
PORTRAIT_SIDES_PX = (200, 400, 600, 960, PICTURE_PX)
GROUND_HEIGHT_PX = 960
# Boxes of portraits are known from their framing only, so that a match needs less overlap than elsewhere.
PORTRAIT_MIN_IOU = 0.35
RULES = (
    "Pictures have 1,280 pixels on their longer side. Portraits are pasted at random places of pictures without a "
    "face. Small faces have 10 to 20 pixels at a longer side of 320, other faces more. false: boxes on no face, per "
    "100 pictures."
)

Search = Callable[[np.ndarray], Sequence[Face]]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to search.

    Attributes:
        image: RGB uint8, shape (height, width, 3).
        boxes: Its faces as x1, y1, x2, y2, float (n, 4); None if it has one face whose box is not known.
        counted: Which of them count; the others are neither found nor false, bool (n,).
        min_iou: Least intersection over union of a match.
    """

    image: np.ndarray
    boxes: np.ndarray | None
    counted: np.ndarray
    min_iou: float = MIN_IOU


@dataclass(frozen=True, slots=True)
class CloseUpReport:
    """Figures by kind of picture: `pictures`, `faces`, and `found_SEARCH` and `false_SEARCH` of each search."""

    figures: Mapping[str, Mapping[str, int]]
    rejected: Sequence[Rejection]


def score_close_ups(
    portraits: Path, data: Path, boxes: Path, pictures: Sequence[Path], models: Path, limit: int, seed: int = 0
) -> CloseUpReport:
    """Compare the searches.

    Args:
        portraits: Folder or tar of images in the framing of All-Age-Faces.
        data: Folder or tar of whole pictures. The validation split is scored; those without a face are grounds.
        boxes: Table of their faces.
        pictures: Close-ups of one face each.
        limit: Number of portraits.
    Raises:
        UnreadableMedia: a file is missing or damaged.
        ModelError: the detector cannot be loaded.
    """
    searches = build_searches(models)
    found = read_scenes(data, boxes)
    scenes = split_scenes(found.scenes)["valid"]
    grounds = [scene.image for scene in scenes if not len(scene.boxes)]
    chosen = _evenly(portraits, limit)
    kinds: dict[str, Iterator[Picture]] = {"close-ups": (_enlarged_close_up(read_image(path)) for path in pictures)}
    for side_px in PORTRAIT_SIDES_PX:
        kinds[f"portraits of {side_px} px"] = _pasted(chosen, grounds, side_px, np.random.default_rng(seed))
    kinds["small faces"] = (_enlarged_scene(scene, SMALL_FACES) for scene in scenes)
    kinds["other faces"] = (_enlarged_scene(scene, STANDARD_FACES) for scene in scenes)
    return CloseUpReport({kind: _count(searches, images) for kind, images in kinds.items()}, found.rejected)


def report_lines(report: CloseUpReport) -> Iterator[str]:
    """A line for each kind of picture: faces found and false boxes by search."""
    names = [name.removeprefix("found_") for name in next(iter(report.figures.values())) if name.startswith("found_")]
    yield f"{'':22}{'pictures':>9}{'faces':>7}" + "".join(f"{f'found {name}':>15}{'false':>8}" for name in names)
    for kind, figures in report.figures.items():
        counts = (
            f"{figures[f'found_{name}']:>15}{100 * figures[f'false_{name}'] / max(1, figures['pictures']):>8.1f}"
            for name in names
        )
        yield f"{kind:22}{figures['pictures']:>9}{figures['faces']:>7}" + "".join(counts)


def build_searches(models: Path) -> dict[str, Search]:
    """The searches by name, with the detector of a models folder."""
    card = read_detector_card(models / FOLDER)
    detector = AnchorFreeDetector(card)
    usual_px, fine_px = card.max_side, round(card.max_side * LARGE_IMAGE_FACTOR)
    return {
        f"at {usual_px}": lambda image: detector.search(image, usual_px),
        f"at {fine_px}": lambda image: detector.search(image, fine_px),
        "served": detector.detect,
    }


def _count(searches: Mapping[str, Search], pictures: Iterator[Picture]) -> dict[str, int]:
    """Faces, found ones and false boxes of one kind of picture."""
    counts = {"pictures": 0, "faces": 0} | {f"{what}_{name}": 0 for name in searches for what in ("found", "false")}
    for picture in pictures:
        counts["pictures"] += 1
        counts["faces"] += int(picture.counted.sum())
        for name, search in searches.items():
            found, false = _outcome(picture, search(picture.image))
            counts[f"found_{name}"] += found
            counts[f"false_{name}"] += false
    return counts


def _outcome(picture: Picture, faces: Sequence[Face]) -> tuple[int, int]:
    """Numbers of faces found and of false boxes."""
    if picture.boxes is None:
        return min(len(faces), 1), max(0, len(faces) - 1)
    outcomes = match_detections(detection_rows(faces), picture.boxes, picture.counted, picture.min_iou)
    return int((outcomes == TRUE_POSITIVE).sum()), int((outcomes == FALSE_POSITIVE).sum())


def _evenly(portraits: Path, limit: int) -> list[np.ndarray]:
    """At most so many portraits, evenly spread over the set by name."""
    contents = dict(iter_images(portraits))
    names = sorted(contents)
    chosen = names[:: max(1, len(names) // limit)][:limit]
    return [read_image(io.BytesIO(contents[name]), name=name) for name in chosen]


def _pasted(
    portraits: Sequence[np.ndarray], grounds: Sequence[np.ndarray], side_px: int, random: np.random.Generator
) -> Iterator[Picture]:
    """Each portrait somewhere in a picture without a face."""
    height, width = max(GROUND_HEIGHT_PX, side_px), PICTURE_PX
    pose = whole_image_pose(side_px, side_px, AAF_FRAMING)
    for index, portrait in enumerate(portraits):
        ground = grounds[index % len(grounds)] if grounds else np.full((1, 1, 3), 118, np.uint8)
        image = cv2.resize(ground, (width, height), interpolation=cv2.INTER_LINEAR)
        x, y = int(random.integers(0, width - side_px + 1)), int(random.integers(0, height - side_px + 1))
        image[y : y + side_px, x : x + side_px] = cv2.resize(
            portrait, (side_px, side_px), interpolation=cv2.INTER_CUBIC
        )
        box = np.array([[pose.box.x1 + x, pose.box.y1 + y, pose.box.x2 + x, pose.box.y2 + y]])
        yield Picture(image, box, np.ones(1, bool), PORTRAIT_MIN_IOU)


def _enlarged_close_up(image: np.ndarray) -> Picture:
    return Picture(_enlarge(image)[0], None, np.ones(1, bool))


def _enlarged_scene(scene: Scene, counted: FaceFilter) -> Picture:
    image, factor = _enlarge(scene.image)
    return Picture(image, scene.boxes * factor, counted.of(scale_scene(scene)))


def _enlarge(image: np.ndarray) -> tuple[np.ndarray, float]:
    """A picture with `PICTURE_PX` on its longer side, and the factor."""
    factor = PICTURE_PX / max(image.shape[:2])
    interpolation = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
    return cv2.resize(image, None, fx=factor, fy=factor, interpolation=interpolation), factor
