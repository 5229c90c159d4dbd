"""The protocol for scoring detections: image size, which faces count, and the overlap of a match."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.domain import Face
from app.vision.detection.resize import shrink_to_fit
from training.datasets.readers.scenes import Scene
from training.metrics.average_precision import Curve, average_precision

LONGEST_SIDE_PX = 320  # images are scored at the size at which they are served
MIN_IOU = 0.4
STRICT_MIN_IOU = 0.5
MIN_SCORE = 0.02  # detections below are dropped; average precision needs the whole curve
RULES = (
    "Images have 320 pixels on their longer side; the size of a face is the longer side of its box at that scale. "
    "ap40, ap50 and recall: faces of at least 20 pixels; ap40_small: 10 to 20; ap40_masked: at least 10, in images "
    "whose name begins with maskcc0. Other faces and those marked ignore count neither as positives nor as negatives."
)


@dataclass(frozen=True, slots=True)
class FaceFilter:
    """Which faces count for a metric; the others are neither positive nor negative.

    Attributes:
        min_side_px, below_side_px: Bounds on the longer side of the face box.
        source: Prefix of the names of the images that count.
    """

    min_side_px: float
    below_side_px: float = math.inf
    source: str = ""

    def of(self, scene: Scene) -> np.ndarray:
        """Which faces of a scene count, bool (n,)."""
        # Rounded, so that the same faces count after a scene is rotated.
        sides = (scene.boxes[:, 2:] - scene.boxes[:, :2]).max(1, initial=0).round(2)
        return ~scene.ignore & (sides >= self.min_side_px) & (sides < self.below_side_px)


STANDARD_FACES = FaceFilter(min_side_px=20)
SMALL_FACES = FaceFilter(min_side_px=10, below_side_px=20)
ALL_FACES = FaceFilter(min_side_px=10)
MASKED_FACES = FaceFilter(min_side_px=10, source="maskcc0")


def scale_scene(scene: Scene) -> Scene:
    """The scene at the size at which it is scored: at most `LONGEST_SIDE_PX` on its longer side."""
    image, factor = shrink_to_fit(scene.image, LONGEST_SIDE_PX)
    return replace(scene, image=image, boxes=scene.boxes / factor, points=scene.points / factor)


def detection_rows(faces: Sequence[Face]) -> np.ndarray:
    """x1, y1, x2, y2 and score of every face, float64 (n, 5)."""
    rows = [(face.box.x1, face.box.y1, face.box.x2, face.box.y2, face.score) for face in faces]
    return np.array(rows, np.float64).reshape(-1, 5)


def precision_recall(
    scenes: Sequence[Scene], detections: Sequence[np.ndarray], counted: FaceFilter, min_iou: float = MIN_IOU
) -> Curve:
    """Precision over recall of the detections (n, 5) of each scene, for some of the faces."""
    pairs = zip(scenes, detections, strict=True)
    chosen = [(scene, rows) for scene, rows in pairs if scene.name.startswith(counted.source)]
    images = [scene for scene, _ in chosen]
    which = [counted.of(scene) for scene in images]
    return average_precision([rows for _, rows in chosen], [scene.boxes for scene in images], which, min_iou)
