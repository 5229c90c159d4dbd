"""How detections in whole pictures are scored: at which size, which faces count, and how far boxes must overlap."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.domain import Face
from app.vision.detection.resize import shrink_to_fit
from training.datasets.readers.scenes import Scene
from training.metrics.average_precision import Curve, average_precision

LONGEST_SIDE_PX = 320  # pixels of a picture's longer side, at which faces are measured
MIN_IOU, STRICT_MIN_IOU = 0.4, 0.5
MIN_SCORE = 0.02  # least score of what is scored: average precision looks at all of the curve
RULES = (
    "Images have 320 pixels on their longer side; the size of a face is the longer side of its box at that scale. "
    "ap40, ap50 and recall: faces of at least 20 pixels; ap40_small: 10 to 20; ap40_masked: at least 10, in images "
    "whose name begins with maskcc0. Other faces and those marked ignore count neither as positives nor as negatives."
)


@dataclass(frozen=True, slots=True)
class FaceFilter:
    """Which faces a figure counts; the others count neither for nor against.

    Attributes:
        least, below: Bounds on the longer side of a face's box in pixels.
        source: How the names of the pictures begin; others are left out.
    """

    least: float
    below: float = math.inf
    source: str = ""

    def of(self, scene: Scene) -> np.ndarray:
        """Which faces of a picture, bool (n,)."""
        # To hundredths: a tilted picture counts the same faces.
        sides = (scene.boxes[:, 2:] - scene.boxes[:, :2]).max(1, initial=0).round(2)
        return ~scene.ignore & (sides >= self.least) & (sides < self.below)


STANDARD_FACES, SMALL_FACES, ALL_FACES, MASKED_FACES = (
    FaceFilter(20),
    FaceFilter(10, 20),
    FaceFilter(10),
    FaceFilter(10, source="maskcc0"),
)


def scale_scene(scene: Scene) -> Scene:
    """The picture as it is scored: scaled down to `LONGEST_SIDE_PX`."""
    image, factor = shrink_to_fit(scene.image, LONGEST_SIDE_PX)
    return replace(scene, image=image, boxes=scene.boxes / factor, points=scene.points / factor)


def detection_rows(faces: Sequence[Face]) -> np.ndarray:
    """Corners and score of every face, float64 (n, 5)."""
    rows = [(face.box.x1, face.box.y1, face.box.x2, face.box.y2, face.score) for face in faces]
    return np.array(rows, np.float64).reshape(-1, 5)


def precision_recall(
    scenes: Sequence[Scene], found: Sequence[np.ndarray], which: FaceFilter, overlap: float = MIN_IOU
) -> Curve:
    """Precision over recall of detections, shape (n, 5) by picture, where only some faces count."""
    chosen = [(scene, rows) for scene, rows in zip(scenes, found, strict=True) if scene.name.startswith(which.source)]
    pictures = [scene for scene, _ in chosen]
    counted = [which.of(scene) for scene in pictures]
    return average_precision([rows for _, rows in chosen], [scene.boxes for scene in pictures], counted, overlap)
