"""The layout of one view's labels from frame to frame: labels keep their places, and move only for a reason."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from app.domain import Box
from app.vision.drawing.label_layout import Choice, Label, box_array, conflicts, label_boxes, search_layout

# Labels that cover something are placed anew this long after the last search: people who pass each other do not make
# the labels flicker.
CONFLICT_INTERVAL_S = 0.25
# While a label is shortened, larger forms are tried at this interval.
GROWTH_INTERVAL_S = 1.0
# Labels that are remembered, for people who are out of view for a moment.
MAX_REMEMBERED = 64


class StableLayout:
    """Places labels by id. A label keeps its form and its side of the face while nothing is in its way."""

    def __init__(self) -> None:
        self._choices: dict[int, Choice] = {}
        self._searched_at_s = -math.inf

    def previous(self, id: int) -> Choice | None:
        """The last choice of a label; None if it is new."""
        return self._choices.get(id)

    def place(
        self, labels: Mapping[int, Label], other_faces: Sequence[Box], picture: tuple[int, int], now_s: float
    ) -> tuple[Sequence[Choice], np.ndarray]:
        """Choices, and boxes in whole pixels, float (labels, 4), in the order of `labels`.

        Args:
            labels: By id, with `previous` as this object gives it.
            other_faces: Boxes of faces without a label.
            picture: Width and height in pixels.
            now_s: Source time in seconds.
        """
        placed = list(labels.values())
        faces = box_array([*(label.face for label in placed), *other_faces])
        choices = [label.previous for label in placed if label.previous is not None]
        boxes = label_boxes(placed, choices, picture) if len(choices) == len(placed) else None
        if boxes is None or self._is_search_due(placed, boxes, faces, now_s):
            choices = search_layout(placed, faces, picture)
            boxes = label_boxes(placed, choices, picture)
            self._searched_at_s = now_s
        self._remember(dict(zip(labels, choices, strict=True)))
        return choices, boxes

    def _is_search_due(self, labels: Sequence[Label], boxes: np.ndarray, faces: np.ndarray, now_s: float) -> bool:
        """Whether something could be better, and enough time has passed; a clock that went back counts as that."""
        elapsed_s = now_s - self._searched_at_s
        if 0 <= elapsed_s < CONFLICT_INTERVAL_S:
            return False
        is_shortened = any(label.previous is not None and label.previous.form > min(label.sizes) for label in labels)
        if is_shortened and not 0 <= elapsed_s < GROWTH_INTERVAL_S:
            return True
        return bool(conflicts(boxes, faces).any())

    def _remember(self, choices: Mapping[int, Choice]) -> None:
        """Keep these choices, and the latest ones of other labels."""
        others = {id: choice for id, choice in self._choices.items() if id not in choices}
        kept = list(others.items())[-MAX_REMEMBERED:]
        self._choices = dict(kept) | dict(choices)
