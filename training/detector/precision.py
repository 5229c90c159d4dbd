"""Score a detector's network on whole scenes while it learns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from app.vision.face_network import cell_grid, decoded, spared
from app.vision.shrink import padded, scaled_down
from training.average_precision import Curve, average_precision
from training.data.scenes import Scene
from training.detector.cells import STRIDES
from training.detector.crops import SERVED_LONGEST

MATCHED = 0.4  # least overlap of a face that counts as found
# Longer side of the faces that are counted, in pixels of the picture as the detector sees it.
LARGE, SMALL, ALL = (20.0, np.inf), (10.0, 20.0), (10.0, np.inf)
MASKED = "maskcc0"
LEAST_SCORE = 0.02
NMS_OVERLAP = 0.4


class SceneScore:
    """The scenes as the detector is served them, with what is true of them."""

    def __init__(self, scenes: Sequence[Scene]) -> None:
        shrunk = [scaled_down(scene.image, SERVED_LONGEST) for scene in scenes]
        self.pictures = np.stack([padded(picture, SERVED_LONGEST, SERVED_LONGEST) for picture, _ in shrunk])
        self.truth = [scene.boxes / factor for scene, (_, factor) in zip(scenes, shrunk, strict=True)]
        self.scenes = scenes
        self.cells = cell_grid(SERVED_LONGEST, SERVED_LONGEST, STRIDES)

    def faces(self, model: Any) -> list[np.ndarray]:
        """What a Keras network finds: corners and score, float (n, 5) by scene."""
        answers = model.predict(self.pictures, batch_size=16, verbose=0)["cells"]
        return [self._found(rows) for rows in answers]

    def figures(self, faces: Sequence[np.ndarray]) -> Mapping[str, float]:
        """Average precision of all, of small and of masked faces."""
        return {
            "ap40": self.precision(faces),
            "ap40_small": self._curve(faces, SMALL).value,
            "ap40_masked": self._curve(faces, ALL, MASKED).value,
        }

    def precision(self, faces: Sequence[np.ndarray]) -> float:
        return self._curve(faces, LARGE).value

    def threshold(self, faces: Sequence[np.ndarray], false_per_picture: float) -> float:
        """The least score that lets no more false faces through."""
        curve = self._curve(faces, ALL)
        false = np.arange(1, len(curve.scores) + 1) * (1 - curve.precision)
        allowed = np.flatnonzero(false <= false_per_picture * len(faces))
        return float(curve.scores[allowed[-1]]) if len(allowed) else 0.5

    def _found(self, rows: np.ndarray) -> np.ndarray:
        scores = 1 / (1 + np.exp(-rows[:, 0]))
        sure = scores >= LEAST_SCORE
        boxes, _ = decoded(rows[sure], self.cells[sure])
        kept = spared(boxes, scores[sure], NMS_OVERLAP)
        return np.hstack([boxes, scores[sure, None]])[kept]

    def _curve(self, faces: Sequence[np.ndarray], limits: tuple[float, float], source: str = "") -> Curve:
        chosen = [index for index, scene in enumerate(self.scenes) if scene.name.startswith(source)]
        counted = [self._counted(index, limits) for index in chosen]
        found, truth = [faces[index] for index in chosen], [self.truth[index] for index in chosen]
        return average_precision(found, truth, counted, MATCHED)

    def _counted(self, index: int, limits: tuple[float, float]) -> np.ndarray:
        sides = (self.truth[index][:, 2:] - self.truth[index][:, :2]).max(1, initial=0)
        return ~self.scenes[index].ignore & (sides >= limits[0]) & (sides < limits[1])
