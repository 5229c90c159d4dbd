"""Count how well ids stay with the people of a composed scene."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.bench.scenes.synthetic_scenes import Scene
from app.domain import Box, FrameResult

# Of two faces that overlap more the detector finds only the one in front.
MERGED = 0.3


@dataclass
class Count:
    """Who was given which ids, and how well their boxes lay.

    Attributes:
        ids: Of each person one after the other.
        overlaps: Of every box that was shown with the person's true one.
        strangers: Boxes that lay on nobody.
        shown: How often each person was shown.
    """

    ids: dict[str, list[int]] = field(default_factory=dict)
    overlaps: list[float] = field(default_factory=list)
    strangers: int = 0
    shown: dict[str, int] = field(default_factory=dict)

    @property
    def switches(self) -> int:
        """How often a person's id became another one."""
        return sum(len(ids) - 1 for ids in self.ids.values())

    def add(self, truth: Mapping[str, Box], boxes: Mapping[int, Box]) -> None:
        """Count the boxes that one picture shows, by id; each belongs to the person it covers best."""
        for id, box in boxes.items():
            best = max(truth, key=lambda name: truth[name].iou(box), default=None)
            if best is None or truth[best].iou(box) < MERGED:
                self.strangers += 1
            elif self._is_alone(truth, best):
                self._add(best, id, truth[best].iou(box))

    def _is_alone(self, truth: Mapping[str, Box], name: str) -> bool:
        """Where two faces lie on each other no box can be told to be the one's or the other's."""
        return all(truth[name].iou(box) < MERGED / 2 for other, box in truth.items() if other != name)

    def _add(self, name: str, id: int, overlap: float) -> None:
        ids = self.ids.setdefault(name, [])
        if not ids or ids[-1] != id:
            ids.append(id)
        self.overlaps.append(overlap)
        self.shown[name] = self.shown.get(name, 0) + 1


def counted(scene: Scene, results: Iterable[FrameResult]) -> Count:
    """What the results of a scene's pictures say of its people."""
    count = Count()
    for result in results:
        boxes = {face["id"]: Box(*face["box"]) for face in result.faces}
        count.add(scene.truth(result.index / scene.fps), boxes)
    return count
