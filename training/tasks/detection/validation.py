"""Score a detector's network on whole scenes while it learns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from app.numerics import sigmoid
from app.vision.detection.anchor_free_detector import cell_grid, decode_cells, non_max_suppression
from app.vision.detection.resize import pad_to_size
from training.datasets.readers.scenes import Scene
from training.metrics.detection_protocol import (
    ALL_FACES,
    LONGEST_SIDE_PX,
    MASKED_FACES,
    MIN_SCORE,
    SMALL_FACES,
    STANDARD_FACES,
    precision_recall,
    scale_scene,
)
from training.tasks.detection.targets import STRIDES

NMS_OVERLAP = 0.4


class SceneScore:
    """The scenes as the detector is served them, with what is true of them."""

    def __init__(self, scenes: Sequence[Scene]) -> None:
        self.scenes = [scale_scene(scene) for scene in scenes]
        self.pictures = np.stack([pad_to_size(scene.image, LONGEST_SIDE_PX, LONGEST_SIDE_PX) for scene in self.scenes])
        self.cells = cell_grid(LONGEST_SIDE_PX, LONGEST_SIDE_PX, STRIDES)

    def faces(self, model: Any) -> list[np.ndarray]:
        """What a Keras network finds: corners and score, float (n, 5) by scene."""
        answers = model.predict(self.pictures, batch_size=16, verbose=0)["cells"]
        return [self._found(rows) for rows in answers]

    def figures(self, faces: Sequence[np.ndarray]) -> Mapping[str, float]:
        """Average precision of all, of small and of masked faces."""
        return {
            "ap40": self.precision(faces),
            "ap40_small": precision_recall(self.scenes, faces, SMALL_FACES).value,
            "ap40_masked": precision_recall(self.scenes, faces, MASKED_FACES).value,
        }

    def precision(self, faces: Sequence[np.ndarray]) -> float:
        return precision_recall(self.scenes, faces, STANDARD_FACES).value

    def threshold(self, faces: Sequence[np.ndarray], precision: float, false_per_empty: float) -> float:
        """The least score from which on detections are right often enough, and seldom where there is no face at all.

        Args:
            precision: Share of the detections that are faces.
            false_per_empty: False faces a picture without a face.
        """
        curve = precision_recall(self.scenes, faces, ALL_FACES)
        right = np.flatnonzero(curve.precision >= precision)
        least = float(curve.scores[right[-1]]) if len(right) else 0.5
        empty = [rows for scene, rows in zip(self.scenes, faces, strict=True) if len(scene.boxes) == 0]
        false = np.sort(np.concatenate([rows[:, 4] for rows in empty]))[::-1] if empty else np.zeros(0)
        allowed = int(false_per_empty * len(empty))
        return max(least, float(np.nextafter(false[allowed], 1))) if len(false) > allowed else least

    def _found(self, rows: np.ndarray) -> np.ndarray:
        scores = sigmoid(rows[:, 0])
        sure = scores >= MIN_SCORE
        boxes, _ = decode_cells(rows[sure], self.cells[sure])
        kept = non_max_suppression(boxes, scores[sure], NMS_OVERLAP)
        return np.hstack([boxes, scores[sure, None]])[kept]
