"""Score a detection network on whole scenes during training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from app.numerics import sigmoid
from app.vision.detection.anchor_free_detector import cell_grid, decode_cells, non_max_suppression
from app.vision.detection.resize import pad_to_size
from training.datasets.readers.scenes import Scene
from training.engine.process_group import LocalCopy
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

NMS_IOU = 0.4
PREDICTION_BATCH = 16


class SceneScore:
    """Scenes, scaled as the detector gets them, and the figures of detections on them."""

    def __init__(self, scenes: Sequence[Scene]) -> None:
        self.scenes = [scale_scene(scene) for scene in scenes]
        self.images = np.stack([pad_to_size(scene.image, LONGEST_SIDE_PX, LONGEST_SIDE_PX) for scene in self.scenes])
        self.cells = cell_grid(LONGEST_SIDE_PX, LONGEST_SIDE_PX, STRIDES)

    def detect(self, model: Any) -> list[np.ndarray]:
        """Detections of a Keras network by scene: x1, y1, x2, y2 and score, float (n, 5)."""
        outputs = model.predict(self.images, batch_size=PREDICTION_BATCH, verbose=0)["cells"]
        return [self._detections(rows) for rows in outputs]

    def figures(self, detections: Sequence[np.ndarray]) -> Mapping[str, float]:
        """Average precision of all, of small and of masked faces."""
        return {
            "ap40": self.precision(detections),
            "ap40_small": precision_recall(self.scenes, detections, SMALL_FACES).value,
            "ap40_masked": precision_recall(self.scenes, detections, MASKED_FACES).value,
        }

    def precision(self, detections: Sequence[np.ndarray]) -> float:
        """Average precision of faces of usual size."""
        return precision_recall(self.scenes, detections, STANDARD_FACES).value

    def threshold(self, detections: Sequence[np.ndarray], precision: float, false_per_empty: float) -> float:
        """The lowest score threshold that reaches a precision and a rate of false detections.

        Args:
            precision: Share of the detections that are faces.
            false_per_empty: False detections per image without a face.
        """
        curve = precision_recall(self.scenes, detections, ALL_FACES)
        precise = np.flatnonzero(curve.precision >= precision)
        lowest = float(curve.scores[precise[-1]]) if len(precise) else 0.5
        empty = [rows for scene, rows in zip(self.scenes, detections, strict=True) if len(scene.boxes) == 0]
        false = np.sort(np.concatenate([rows[:, 4] for rows in empty]))[::-1] if empty else np.zeros(0)
        allowed = int(false_per_empty * len(empty))
        return max(lowest, float(np.nextafter(false[allowed], 1))) if len(false) > allowed else lowest

    def _detections(self, rows: np.ndarray) -> np.ndarray:
        """Detections, float (n, 5), of the network's output for one image, float (cells, columns)."""
        scores = sigmoid(rows[:, 0])
        chosen = scores >= MIN_SCORE
        boxes, _ = decode_cells(rows[chosen], self.cells[chosen])
        kept = non_max_suppression(boxes, scores[chosen], NMS_IOU)
        return np.hstack([boxes, scores[chosen, None]])[kept]


class ScenePrecision(keras.callbacks.Callback):
    """Adds the average precision on whole scenes to the epoch's figures, computed with the averaged weights."""

    def __init__(self, scenes: Sequence[Scene]) -> None:
        super().__init__()
        self.score = SceneScore(scenes)
        self.averages, self.local = keras.callbacks.SwapEMAWeights(), LocalCopy()

    def set_model(self, model: keras.Model) -> None:
        super().set_model(model)
        self.averages.set_model(model)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.averages.on_test_begin()
        with self.local.of(self.model) as model:
            detections = self.score.detect(model)
        self.averages.on_test_end()
        if logs is not None:
            logs.update({f"val_{name}": value for name, value in self.score.figures(detections).items()})
