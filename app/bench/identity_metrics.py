"""Measure how well track ids follow the people of a synthetic scene."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.bench.scenes.synthetic_scenes import Scene
from app.domain import Box, FrameResult

# Of two faces that overlap more than this, the detector finds only the one in front.
MERGE_IOU = 0.3


@dataclass
class IdentityMetrics:
    """Track ids and box accuracy by person.

    Attributes:
        ids: Consecutive ids of each person, without repetitions.
        ious: Overlap of every shown box with the true one.
        false_boxes: Number of boxes that lie on no face.
        frames_shown: Number of boxes of each person.
    """

    ids: dict[str, list[int]] = field(default_factory=dict)
    ious: list[float] = field(default_factory=list)
    false_boxes: int = 0
    frames_shown: dict[str, int] = field(default_factory=dict)

    @property
    def switches(self) -> int:
        """Number of changes of a person's id."""
        return sum(len(ids) - 1 for ids in self.ids.values())

    def add(self, truth: Mapping[str, Box], boxes: Mapping[int, Box]) -> None:
        """Add the boxes of one frame by id; each belongs to the person it overlaps most."""
        for id, box in boxes.items():
            best = max(truth, key=lambda name: truth[name].iou(box), default=None)
            if best is None or truth[best].iou(box) < MERGE_IOU:
                self.false_boxes += 1
            elif self._is_unambiguous(truth, best):
                self._add_box(best, id, truth[best].iou(box))

    def _is_unambiguous(self, truth: Mapping[str, Box], name: str) -> bool:
        """Whether no other face overlaps the person's; otherwise a box may belong to either."""
        return all(truth[name].iou(box) < MERGE_IOU / 2 for other, box in truth.items() if other != name)

    def _add_box(self, name: str, id: int, iou: float) -> None:
        ids = self.ids.setdefault(name, [])
        if not ids or ids[-1] != id:
            ids.append(id)
        self.ious.append(iou)
        self.frames_shown[name] = self.frames_shown.get(name, 0) + 1


def measure_identities(scene: Scene, results: Iterable[FrameResult]) -> IdentityMetrics:
    """Compare the results of a scene's frames with its ground truth."""
    metrics = IdentityMetrics()
    for result in results:
        boxes = {face.id: face.box for face in result.faces}
        metrics.add(scene.ground_truth(result.index / scene.fps), boxes)
    return metrics
